import type { ModelCallInput, ModelCallResult, modelCallContract } from '../machines/model-call.contract.ts'
import type { ModelCallContext } from '../machines/model-call-context.ts'
import type { Ref } from '../runtime/kernel/ref.ts'
import { TroupeError } from '../runtime/protocol/errors.ts'
import { payloadHash } from './idempotency-payload.ts'

/** What the key of a call stands for: a hash of what was given for it, or of what is asked of which models. */
export function keyedPayload(
  given: unknown,
  { request, models, task, complexity }: Pick<ModelCallInput, 'request' | 'models' | 'task' | 'complexity'>,
): string | null {
  return given === null ? null : payloadHash(given === undefined ? { request, models, task, complexity } : given)
}

/**
 * Throws CONFLICT when the call that was found under a key is another than the one that is meant. It is asked before
 * anybody waits for it: who means another must neither hear nor cancel it.
 */
export async function assertSameCall(
  ref: Ref<typeof modelCallContract>,
  key: string,
  payload: string | null,
): Promise<void> {
  if (payload === null) return
  const { context, output } = await ref.state()
  const found = context
    ? (context as ModelCallContext).input.payload
    : (output as Partial<ModelCallResult> | undefined)?.payload
  // A call that was made for whatever is asked under its key has no payload.
  if (found === null || found === undefined || found === payload) return
  throw new TroupeError('CONFLICT', `the key '${key}' was used before for another model call`, {
    where: ref.address,
    hint: 'give another key, or the same request; `payload` says what a key stands for whose request may vary',
  })
}
