import { fromPromise, type PromiseActorLogic } from 'xstate'
import { TroupeError } from '../protocol/errors.ts'
import type { Hands } from './hands.ts'
import { HANDS } from './tasks.ts'

/** What a task's function is given. */
export interface TaskScope<Input> extends Hands {
  readonly input: Input
  /** Aborted when the actor no longer wants the outcome. */
  readonly signal: AbortSignal
}

/**
 * Promise logic with hands: like XState's `fromPromise`, and beside its input the function gets what it may act with. It
 * runs only in a Troupe runtime; under XState's own `createActor` it fails and says so.
 *
 * @example
 * const readFile = fromTask(async ({ input, signal }: TaskScope<{ path: string }>) => load(input.path, signal))
 */
export function fromTask<Output, Input>(
  run: (scope: TaskScope<Input>) => Promise<Output> | Output,
): PromiseActorLogic<Output, Input> {
  return fromPromise<Output, Input>(async ({ input, self, signal }) => {
    const hands = (self as unknown as { [HANDS]?: () => Hands })[HANDS]?.()
    if (!hands) {
      throw new TroupeError('UNAVAILABLE', 'a task runs only in a Troupe runtime', {
        hint: 'spawn its actor with createRuntime, not with createActor',
      })
    }
    return run({ ...hands, input: input as Input, signal })
  })
}
