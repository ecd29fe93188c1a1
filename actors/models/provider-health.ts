import { errorValue } from '../../runtime/protocol/errors.ts'
import type { ProviderHealth } from './model-provider.ts'

/** Whether what is asked of a provider succeeds; why not, where it does not. Never throws. */
export async function healthOf(server: string, ask: () => Promise<unknown>): Promise<ProviderHealth> {
  try {
    await ask()
    return { healthy: true, server, reason: null }
  } catch (thrown) {
    return { healthy: false, server: null, reason: errorValue(thrown).message }
  }
}
