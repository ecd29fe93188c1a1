import type { z } from 'zod'
import { TroupeError } from '../../runtime/protocol/errors.ts'

/** The options of a provider, checked. Throws INVALID_MESSAGE that names each that is unknown or wrong. */
export function providerOptions<T>(maker: string, schema: z.ZodType<T>, given: unknown): T {
  const result = schema.safeParse(given)
  if (result.success) return result.data
  const faults = result.error.issues.map(({ path, message }) => [path.map(String).join('.'), message])
  const text = faults.map(([path, message]) => (path === '' ? message : `${path}: ${message}`)).join('; ')
  throw new TroupeError('INVALID_MESSAGE', `${maker}(): ${text}`, {
    where: maker,
    hint: `see the options of ${maker}()`,
  })
}
