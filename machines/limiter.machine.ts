import { type AnyStateMachine, assign, cancel, enqueueActions, raise, setup } from 'xstate'
import type { Address } from '../runtime/protocol/address.ts'
import type { ContractTypes } from '../runtime/protocol/contract.ts'
import { announce, askOf, type DownEvent, refuse, reply, unwatch, watch } from '../runtime/protocol/message-actions.ts'
import { acquire, bury, feed, join, leave, pass, pause, release } from './limiter-changes.ts'
import { initialLimiter, type LimiterContext, type LimiterOrder, viewLimiter } from './limiter-context.ts'
import type { limiterContract } from './limiter.contract.ts'

/** The alarm that the chart sets itself. */
interface WokeEvent {
  readonly type: 'limiter.woke'
  readonly at: number
}

type Types = ContractTypes<typeof limiterContract>
type Event = Types['events'] | WokeEvent | DownEvent
type Of<Type extends Event['type']> = Extract<Event, { readonly type: Type }>

const WAKE = 'wake'

const view = ({ context }: { context: LimiterContext }): unknown => viewLimiter(context)

const setUp = setup({
  types: {} as { context: LimiterContext; events: Event; input: Types['input'] },
  actions: {
    join: assign(({ context, event }) => {
      const { settings, at } = event as Of<'limiter.join'>
      return join(context, settings, at)
    }),
    acquire: assign(({ context, event }) => {
      const call = event as Of<'limiter.acquire'>
      return acquire(context, call, askOf(event), call.at)
    }),
    leave: assign(({ context, event }) => {
      const { id, at } = event as Of<'limiter.leave'>
      return leave(context, id, at)
    }),
    release: assign(({ context, event }) => {
      const call = event as Of<'limiter.release'>
      return release(context, call, call.at)
    }),
    feed: assign(({ context, event }) => {
      const limits = event as Of<'limiter.feed'>
      return feed(context, limits, limits.at)
    }),
    pause: assign(({ context, event }) => {
      const { ms, at } = event as Of<'limiter.pause'>
      return pause(context, ms, at)
    }),
    bury: assign(({ context, event }) => bury(context, (event as DownEvent).address)),
    pass: assign(({ context, event }) => pass(context, (event as WokeEvent).at)),
    carryOut: enqueueActions(({ context, enqueue }) => {
      for (const order of context.orders) for (const action of effectsOf(order)) enqueue(action as never)
    }),
    tellPause: announce(({ event }) => [{ type: 'limiter.paused', ms: (event as Of<'limiter.pause'>).ms }]),
    answer: reply(view),
  },
  guards: {
    isPaused: ({ context }) => isPaused(context),
    isFree: ({ context }) => !isPaused(context) && context.waiters.length === 0,
    isQueueing: ({ context }) => !isPaused(context) && context.waiters.length > 0 && !isFull(context),
    isFull: ({ context }) => !isPaused(context) && isFull(context),
  },
})

const toFree = { guard: 'isFree', target: 'free' } as const
const toQueueing = { guard: 'isQueueing', target: 'queueing' } as const
const toFull = { guard: 'isFull', target: 'full' } as const
const toPaused = { guard: 'isPaused', target: 'paused' } as const

/**
 * The chart of a limiter. `free` lets callers through as they come; in `queueing` they wait for their turn; `full` refuses
 * those that would have to wait; `paused` lets nobody through for as long as the other side asked for.
 */
export const limiterMachine: AnyStateMachine = setUp.createMachine({
  id: 'limiter',
  context: ({ input }) => initialLimiter(input),
  initial: 'free',
  on: {
    'limiter.join': { actions: ['join', 'carryOut', 'answer'] },
    'limiter.acquire': { actions: ['acquire', 'carryOut'] },
    'limiter.leave': { actions: ['leave', 'carryOut'] },
    'limiter.release': { actions: ['release', 'carryOut'] },
    'limiter.feed': { actions: ['feed', 'carryOut'] },
    'limiter.pause': { actions: ['pause', 'tellPause', 'carryOut'] },
    'limiter.view': { actions: ['pass', 'carryOut', 'answer'] },
    'limiter.woke': { actions: ['pass', 'carryOut'] },
    'troupe.down': { actions: ['bury', 'carryOut'] },
  },
  states: {
    free: { always: [toPaused, toFull, toQueueing] },
    queueing: { always: [toPaused, toFull, toFree] },
    full: { always: [toPaused, toQueueing, toFree] },
    paused: { always: [toFull, toQueueing, toFree] },
  },
})

function effectsOf(order: LimiterOrder): readonly unknown[] {
  switch (order.do) {
    case 'grant':
      return answered(order.ask, (ask) =>
        reply(
          () => ({ waited: order.waited, counted: order.counted }),
          () => ask,
        ),
      )
    case 'refuse': {
      const { id, ask, code, reason } = order
      const news = announce([{ type: 'limiter.refused', id, code, reason }])
      return [...answered(ask, (open) => refuse(reason, () => open, code)), news]
    }
    case 'watch':
      return [watch(order.holder as Address)]
    case 'unwatch':
      return [unwatch(order.holder as Address)]
    case 'wake':
      return [raise({ type: 'limiter.woke', at: order.at } as never, { id: WAKE, delay: order.delay } as never)]
    case 'sleep':
      return [cancel(WAKE)]
    case 'announce':
      return [announce([{ type: 'limiter.changed', open: order.open }])]
  }
}

// A call that was only sent has nobody to answer.
function answered(ask: string | undefined, answer: (ask: string) => unknown): readonly unknown[] {
  return ask === undefined ? [] : [answer(ask)]
}

function isPaused({ pausedUntil, at }: LimiterContext): boolean {
  return pausedUntil > at
}

function isFull({ waiters, settings }: LimiterContext): boolean {
  return waiters.length > 0 && waiters.length >= settings.queue
}
