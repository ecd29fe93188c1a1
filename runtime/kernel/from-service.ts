import type { ActorLogic, Snapshot } from 'xstate'
import type { MessageEvent } from '../protocol/contract.ts'
import { TroupeError } from '../protocol/errors.ts'
import type { Hands } from './hands.ts'
import { HANDS } from './tasks.ts'

/** What a service's function is given. */
export interface ServiceScope<Input, Command> extends Hands {
  readonly input: Input
  /** Hears what the chart sends it with `sendTo`. */
  receive(listener: (command: Command) => void): void
}

type ServiceSnapshot<Input> = Snapshot<undefined> & { readonly input: Input; readonly life: Life }
type ServiceLogic<Command extends MessageEvent, Input> = ActorLogic<ServiceSnapshot<Input>, Command, Input>

interface Life {
  hear: ((command: never) => void) | null
  end: (() => void) | null
}

const RESTARTS = Symbol('troupe.restarts')

/** True for leaf logic that starts again when its actor comes back to life. */
export function isRestartable(logic: object): boolean {
  return RESTARTS in logic
}

/**
 * Leaf logic that lives as long as the state that invokes it: it takes commands from the chart and answers with `tell`.
 * What the function returns is called when the state is left. In a durable actor it is started again after a restart;
 * the chart then gets `troupe.resumed`, and can tell it what was under way. It runs only in a Troupe runtime.
 *
 * @example
 * const runner = fromService(({ receive, tell }: ServiceScope<null, Run>) => receive((run) => tell(done(run))))
 */
export function fromService<Command extends MessageEvent, Input>(
  run: (scope: ServiceScope<Input, Command>) => (() => void) | void,
): ServiceLogic<Command, Input> {
  return {
    [RESTARTS]: true,
    getInitialSnapshot: (_, input) => ({
      status: 'active',
      output: undefined,
      error: undefined,
      input,
      life: { hear: null, end: null },
    }),
    start({ input, life }, { self }) {
      const hands = (self as unknown as { [HANDS]?: () => Hands })[HANDS]?.()
      if (!hands) {
        throw new TroupeError('UNAVAILABLE', 'a service runs only in a Troupe runtime', {
          hint: 'spawn its actor with createRuntime, not with createActor',
        })
      }
      const receive = (listener: (command: Command) => void): void => {
        life.hear = listener
      }
      life.end = run({ ...hands, input, receive }) ?? null
    },
    transition(snapshot, event) {
      const { life } = snapshot
      if ((event as MessageEvent).type !== 'xstate.stop') life.hear?.(event as never)
      else life.end?.()
      return snapshot
    },
    getPersistedSnapshot: ({ status, output, error, input }) =>
      ({ status, output, error, input }) as unknown as Snapshot<unknown>,
  } as ServiceLogic<Command, Input>
}
