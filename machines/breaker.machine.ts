import { type AnyStateMachine, assign, cancel, enqueueActions, raise, setup } from 'xstate'
import type { Address } from '../runtime/protocol/address.ts'
import type { InputOf, MessageOf } from '../runtime/protocol/contract.ts'
import { announce, type DownEvent, reply, unwatch, watch } from '../runtime/protocol/message-actions.ts'
import {
  type BreakerContext,
  type BreakerPermit,
  breakerViewOf,
  cleared,
  hasFreePermit,
  holdsPermit,
  isNewFailure,
  newBreaker,
  opened,
  opensBreaker,
  tripsBreaker,
  withSettings,
} from './breaker-changes.ts'
import type { BreakerState, breakerContract } from './breaker.contract.ts'

type Message = MessageOf<typeof breakerContract>

/** What the chart raises, and what the runtime tells. Nobody else can send these. */
type Internal =
  | { readonly type: 'permit.expired'; readonly call: string }
  | { readonly type: 'failure.expired'; readonly call: string }
  | DownEvent

type Of<Type extends (Message | Internal)['type']> = Extract<Message | Internal, { readonly type: Type }>
type Args = { readonly context: BreakerContext; readonly event: unknown }

const reportOf = (event: unknown): Of<'breaker.report'> => event as Of<'breaker.report'>

// A reply says how the breaker stands when the transition is over, which is what the edge it is written on leads to.
const answer = (state: BreakerState) => reply(({ context }: Args) => breakerViewOf(context, state))
const admission = (state: BreakerState, admitted: boolean) =>
  reply(({ context }: Args) => ({ ...breakerViewOf(context, state), admitted }))
const status = (state: BreakerState) =>
  reply(({ context }: Args) => ({ ...breakerViewOf(context, state), settings: context.settings }))
const tellAll = (state: BreakerState) =>
  announce(({ context }: Args) => [{ type: 'breaker.changed', ...breakerViewOf(context, state) }])

const setUp = setup({
  types: {} as { context: BreakerContext; events: Message | Internal; input: InputOf<typeof breakerContract> },
  delays: { openFor: ({ context }) => context.settings.openFor },
  guards: {
    isOpening: ({ context, event }) => opensBreaker(context, reportOf(event)),
    isNewFailure: ({ context, event }) => isNewFailure(context, reportOf(event)),
    isRelapse: ({ context, event }) => {
      const { call, outcome } = reportOf(event)
      return holdsPermit(context, call) && tripsBreaker(outcome)
    },
    isLastSuccess: ({ context, event }) => {
      const { call, outcome } = reportOf(event)
      const isSuccess = holdsPermit(context, call) && outcome === 'succeeded'
      return isSuccess && context.successes + 1 >= context.settings.successes
    },
    hasPermit: ({ context, event }) => holdsPermit(context, (event as Of<'breaker.report' | 'breaker.admit'>).call),
    isFree: ({ context }) => hasFreePermit(context),
  },
  actions: {
    configure: assign(({ context, event }) => ({
      settings: withSettings(context.settings, (event as Of<'breaker.join'>).settings),
    })),
    // Clocks of callers may differ by more than the window: how long a failure counts is not theirs to say.
    countFailure: enqueueActions(({ context, event, enqueue }) => {
      const { call } = reportOf(event)
      enqueue.assign({ failures: [...context.failures, call] })
      const delay = context.settings.window
      enqueue(raise({ type: 'failure.expired', call } as never, { id: failureTimer(call), delay } as never) as never)
    }),
    dropFailure: assign(({ context, event }) => ({
      failures: context.failures.filter((call) => call !== (event as Of<'failure.expired'>).call),
    })),
    stopFailureTimers: enqueueActions(({ context, enqueue }) => {
      for (const call of context.failures) enqueue(cancel(failureTimer(call)) as never)
    }),
    open: assign(({ context, event }) => opened(context, reportOf(event).at)),
    clear: assign(({ context }) => cleared(context)),
    countSuccess: assign(({ context, event }) =>
      reportOf(event).outcome === 'succeeded' ? { successes: context.successes + 1 } : {},
    ),
    issuePermit: enqueueActions(({ context, event, enqueue }) => {
      const { call, holder } = event as Of<'breaker.admit'>
      const permit = { call, holder: holder as Address | null }
      enqueue.assign({ permits: [...context.permits, permit] })
      const delay = context.settings.permitFor
      enqueue(raise({ type: 'permit.expired', call } as never, { id: timerOf(permit), delay } as never) as never)
      if (permit.holder !== null) enqueue(watch(permit.holder) as never)
    }),
    freePermit: enqueueActions(({ context, event, enqueue }) => {
      const { call } = event as Of<'breaker.report' | 'permit.expired'>
      const kept = context.permits.filter((permit) => permit.call !== call)
      for (const effect of freeing(context.permits, kept)) enqueue(effect as never)
      enqueue.assign({ permits: kept })
    }),
    freePermitsOfEnded: enqueueActions(({ context, event, enqueue }) => {
      const { address } = event as Of<'troupe.down'>
      const kept = context.permits.filter((permit) => permit.holder !== address)
      for (const effect of freeing(context.permits, kept)) enqueue(effect as never)
      enqueue.assign({ permits: kept })
    }),
    freeAllPermits: enqueueActions(({ context, enqueue }) => {
      for (const effect of freeing(context.permits, [])) enqueue(effect as never)
    }),
    answerClosed: answer('closed'),
    answerOpen: answer('open'),
    answerHalfOpen: answer('half-open'),
    admit: admission('closed', true),
    refuseOpen: admission('open', false),
    admitOnTrial: admission('half-open', true),
    refuseOnTrial: admission('half-open', false),
    statusClosed: status('closed'),
    statusOpen: status('open'),
    statusHalfOpen: status('half-open'),
    announceClosed: tellAll('closed'),
    announceOpen: tellAll('open'),
    announceHalfOpen: tellAll('half-open'),
  },
})

/**
 * The chart of a breaker: closed while calls go well, open when too many failed within the window, half-open when it is
 * time to try again, with as many calls as it has permits.
 */
export const breakerMachine: AnyStateMachine = setUp.createMachine({
  id: 'breaker',
  context: ({ input }) => newBreaker(input),
  initial: 'closed',
  on: {
    'breaker.reset': { target: '.closed', reenter: true, actions: ['clear', 'answerClosed'] },
  },
  states: {
    closed: {
      entry: 'announceClosed',
      exit: 'stopFailureTimers',
      on: {
        'breaker.admit': { actions: 'admit' },
        'breaker.report': [
          { guard: 'isOpening', target: 'open', actions: ['open', 'answerOpen'] },
          { guard: 'isNewFailure', actions: ['countFailure', 'answerClosed'] },
          { actions: 'answerClosed' },
        ],
        'failure.expired': { actions: 'dropFailure' },
        'breaker.join': { actions: ['configure', 'answerClosed'] },
        'breaker.status': { actions: 'statusClosed' },
      },
    },
    open: {
      entry: 'announceOpen',
      after: { openFor: { target: 'half-open', actions: 'clear' } },
      on: {
        'breaker.admit': { actions: 'refuseOpen' },
        'breaker.report': { actions: 'answerOpen' },
        'breaker.join': { actions: ['configure', 'answerOpen'] },
        'breaker.status': { actions: 'statusOpen' },
      },
    },
    'half-open': {
      entry: 'announceHalfOpen',
      exit: 'freeAllPermits',
      on: {
        'breaker.admit': [
          { guard: 'hasPermit', actions: 'admitOnTrial' },
          { guard: 'isFree', actions: ['issuePermit', 'admitOnTrial'] },
          { actions: 'refuseOnTrial' },
        ],
        'breaker.report': [
          { guard: 'isRelapse', target: 'open', actions: ['open', 'answerOpen'] },
          { guard: 'isLastSuccess', target: 'closed', actions: ['clear', 'answerClosed'] },
          { guard: 'hasPermit', actions: ['freePermit', 'countSuccess', 'answerHalfOpen'] },
          { actions: 'answerHalfOpen' },
        ],
        'permit.expired': { actions: 'freePermit' },
        'troupe.down': { actions: 'freePermitsOfEnded' },
        'breaker.join': { actions: ['configure', 'answerHalfOpen'] },
        'breaker.status': { actions: 'statusHalfOpen' },
      },
    },
  },
}) as unknown as AnyStateMachine

/** The effects that go with permits that are given back: their timers, and the watch of holders that have none left. */
function freeing(before: readonly BreakerPermit[], after: readonly BreakerPermit[]): readonly unknown[] {
  const freed = before.filter((permit) => !after.includes(permit))
  const gone = new Set(freed.map(({ holder }) => holder))
  for (const { holder } of after) gone.delete(holder)
  gone.delete(null)
  return [...freed.map((permit) => cancel(timerOf(permit))), ...[...gone].map((holder) => unwatch(holder as Address))]
}

function failureTimer(call: string): string {
  return `failure ${call}`
}

function timerOf({ call }: BreakerPermit): string {
  return `permit ${call}`
}
