import { TroupeError } from '../protocol/errors.ts'

/** The error for work that arrives at a stopping node. */
export function stopping(where: string): TroupeError {
  return new TroupeError('UNAVAILABLE', 'the runtime is stopping', { where, hint: 'send it to another node' })
}
