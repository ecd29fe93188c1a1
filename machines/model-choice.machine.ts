import { type AnyStateMachine, enqueueActions, sendTo, setup } from 'xstate'
import type { MessageOf } from '../runtime/protocol/contract.ts'
import type { ErrorValue } from '../runtime/protocol/errors.ts'
import { announce, askOf, refuse, reply } from '../runtime/protocol/message-actions.ts'
import type { ChoiceRequest, routerContract } from './model-choice.contract.ts'
import type { ModelDecision } from './model-choice.ts'

/** What the chart of a router tells its runner to do. */
export type ChooseCommand = {
  readonly type: 'choose'
  readonly ask: string | null
  readonly wanted: ChoiceRequest
}

type Event =
  | MessageOf<typeof routerContract>
  | {
      readonly type: 'choice.made'
      readonly ask: string | null
      readonly decision: ModelDecision | null
      readonly error: ErrorValue | null
    }

/** The chart of a router: it remembers nothing; estimates and the health of models are its runner's. */
export const routerMachine: AnyStateMachine = setup({
  types: {} as { context: object; events: Event },
  actions: {
    choose: sendTo('runner', ({ event }) => {
      const { type: _, ...wanted } = event as MessageOf<typeof routerContract>
      return { type: 'choose', ask: askOf(event) ?? null, wanted }
    }),
    answer: enqueueActions(({ event, enqueue }) => {
      const { ask, decision, error } = event as Extract<Event, { type: 'choice.made' }>
      if (decision) {
        const { candidates, reasons } = decision
        enqueue(announce([{ type: 'router.chosen', model: candidates[0]?.model ?? null, reasons }]) as never)
      }
      if (ask === null) return
      const asked = (): string => ask
      enqueue((error ? refuse(error.message, asked, error.code) : reply(() => decision, asked)) as never)
    }),
  },
}).createMachine({
  id: 'router',
  context: {},
  invoke: { id: 'runner', src: 'runner' } as never,
  on: { 'router.choose': { actions: 'choose' }, 'choice.made': { actions: 'answer' } },
}) as unknown as AnyStateMachine
