import { type AnyStateMachine, assign, setup } from 'xstate'
import type { InputOf, MessageOf } from '../runtime/protocol/contract.ts'
import { announce, askOf, refuse, reply } from '../runtime/protocol/message-actions.ts'
import type { RetrierView, RetryAttempt, retrierContract } from './retrier.contract.ts'
import { nextDelay, type RetryPolicy } from './retry-policy.ts'

type Message = MessageOf<typeof retrierContract>
type Failing = Extract<Message, { readonly type: 'retrier.fail' }>
type Outcome = 'succeeded' | 'failed' | 'cancelled'

/** What a retrier remembers. */
export interface RetrierContext {
  readonly policy: RetryPolicy
  readonly attempts: readonly RetryAttempt[]
  readonly waited: number
  /** The ask that is answered when it is time for the next attempt; null when nobody waits. */
  readonly ask: string | null
}

type Args = { readonly context: RetrierContext; readonly event: unknown }

const failingOf = (event: unknown): Failing => event as Failing

function delayOf({ policy, attempts, waited }: RetrierContext, { failure, lasting, random }: Failing): number | null {
  return lasting ? null : nextDelay(policy, { attempt: attempts.length + 1, waited }, failure, random)
}

function noted(context: RetrierContext, failing: Failing, delay: number | null): Partial<RetrierContext> {
  const { category, message, status } = failing.failure
  return {
    attempts: [...context.attempts, { attempt: failing.attempt, category, message, status, delay }],
    waited: context.waited + (delay ?? 0),
    ask: delay === null ? null : (askOf(failing) ?? null),
  }
}

const verdict = ({ attempts }: RetrierContext, next: number | null, cancelled = false) => ({
  next,
  cancelled,
  attempts,
})
const viewOf = ({ attempts, waited }: RetrierContext, state: RetrierView['state']) => ({ state, attempts, waited })
const view = (state: RetrierView['state']) => reply(({ context }: Args) => viewOf(context, state))
const end = (outcome: Outcome) =>
  announce(({ context }: Args) => [{ type: 'retrier.ended', outcome, attempts: context.attempts.length }])
const askKept = ({ context }: Args) => context.ask ?? undefined

const setUp = setup({
  types: {} as {
    context: RetrierContext
    events: Message
    input: InputOf<typeof retrierContract>
    output: { outcome: Outcome; attempts: readonly RetryAttempt[] }
  },
  delays: { delay: ({ context }) => context.attempts.at(-1)?.delay ?? 0 },
  guards: {
    isOutOfTurn: ({ context, event }) => failingOf(event).attempt !== context.attempts.length + 1,
    isCancelled: ({ event }) => failingOf(event).failure.category === 'cancelled',
    isRetryable: ({ context, event }) => delayOf(context, failingOf(event)) !== null,
  },
  actions: {
    note: assign(({ context, event }) => noted(context, failingOf(event), delayOf(context, failingOf(event)))),
    noteLast: assign(({ context, event }) =>
      // What a breaker refused was not attempted.
      failingOf(event).failure.category === 'breaker_open' ? { ask: null } : noted(context, failingOf(event), null),
    ),
    forgetAsk: assign({ ask: null }),
    refuseOutOfTurn: refuse(
      ({ context }: Args) => `attempt ${context.attempts.length + 1} is the next of which there can be news`,
      undefined,
      'CONFLICT',
    ),
    refuseWhileWaiting: refuse('no attempt is under way', undefined, 'CONFLICT'),
    announceDelay: announce(({ context }: Args) =>
      context.attempts.slice(-1).map((attempt) => ({ type: 'retrier.delayed', ...attempt })),
    ),
    goOn: reply(({ context }: Args) => verdict(context, context.attempts.length + 1), askKept),
    stopWaiting: reply(({ context }: Args) => verdict(context, null, true), askKept),
    giveUp: reply(({ context }: Args) => verdict(context, null)),
    stop: reply(({ context }: Args) => verdict(context, null, true)),
    viewWorking: view('working'),
    viewWaiting: view('waiting'),
    viewStopping: view('stopping'),
    viewCancelled: view('cancelled'),
    endSucceeded: end('succeeded'),
    endFailed: end('failed'),
    endCancelled: end('cancelled'),
  },
})

/** The chart of a retrier: an attempt is under way, or it waits for the next, until one goes well or there is none left. */
export const retrierMachine: AnyStateMachine = setUp.createMachine({
  id: 'retrier',
  context: ({ input }) => ({ policy: input.policy, attempts: [], waited: 0, ask: null }),
  initial: 'working',
  states: {
    working: {
      on: {
        'retrier.fail': [
          { guard: 'isOutOfTurn', actions: 'refuseOutOfTurn' },
          { guard: 'isCancelled', target: 'cancelled', actions: ['noteLast', 'stop'] },
          { guard: 'isRetryable', target: 'waiting', actions: ['note', 'announceDelay'] },
          { target: 'failed', actions: ['noteLast', 'giveUp'] },
        ],
        'retrier.succeed': 'succeeded',
        'retrier.cancel': { target: 'stopping', actions: 'viewStopping' },
        'retrier.status': { actions: 'viewWorking' },
      },
    },
    waiting: {
      after: { delay: { target: 'working', actions: ['goOn', 'forgetAsk'] } },
      on: {
        'retrier.fail': { actions: 'refuseWhileWaiting' },
        'retrier.cancel': { target: 'cancelled', actions: ['stopWaiting', 'viewCancelled', 'forgetAsk'] },
        'retrier.status': { actions: 'viewWaiting' },
      },
    },
    stopping: {
      on: {
        'retrier.fail': [
          { guard: 'isOutOfTurn', actions: 'refuseOutOfTurn' },
          { target: 'cancelled', actions: ['noteLast', 'stop'] },
        ],
        'retrier.succeed': 'succeeded',
        'retrier.cancel': { actions: 'viewStopping' },
        'retrier.status': { actions: 'viewStopping' },
      },
    },
    succeeded: { type: 'final', entry: 'endSucceeded', output: 'succeeded' },
    failed: { type: 'final', entry: 'endFailed', output: 'failed' },
    cancelled: { type: 'final', entry: 'endCancelled', output: 'cancelled' },
  },
  output: ({ context, event }) => ({ outcome: event.output as Outcome, attempts: context.attempts }),
}) as unknown as AnyStateMachine
