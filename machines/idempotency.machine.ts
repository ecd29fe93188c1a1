import { type AnyStateMachine, assign, cancel, enqueueActions, raise, setup } from 'xstate'
import type { Address } from '../runtime/protocol/address.ts'
import type { ContractTypes } from '../runtime/protocol/contract.ts'
import { announce, type DownEvent, refuse, reply, unwatch, watch } from '../runtime/protocol/message-actions.ts'
import {
  bury,
  claim,
  countEntries,
  forget,
  free,
  type IdempotencyContext,
  type IdempotencyOrder,
  keep,
  renew,
} from './idempotency-changes.ts'
import { EMPTY_SHELF } from './idempotency-shelf.ts'
import type { idempotencyContract } from './idempotency.contract.ts'

/** The alarms that the chart sets itself. */
interface OverdueEvent {
  readonly type: 'lease.expired' | 'value.expired'
  readonly key: string
  readonly run: string
}

type Event = ContractTypes<typeof idempotencyContract>['events'] | OverdueEvent | DownEvent
type Of<Type extends Event['type']> = Extract<Event, { readonly type: Type }>

const setUp = setup({
  types: {} as { context: IdempotencyContext; events: Event },
  actions: {
    claim: assign(({ context, event }) => claim(context, event as Of<'idempotency.claim'>)),
    renew: assign(({ context, event }) => {
      const { key, run, lease } = event as Of<'idempotency.renew'>
      return renew(context, key, run, lease)
    }),
    keep: assign(({ context, event }) => keep(context, event as Of<'idempotency.keep'>)),
    fail: assign(({ context, event }) => {
      const { key, run, error } = event as Of<'idempotency.fail'>
      return free(context, key, run, error)
    }),
    giveUp: assign(({ context, event }) => {
      const { key, run } = event as OverdueEvent
      return free(context, key, run, null)
    }),
    forget: assign(({ context, event }) => {
      const { key, run } = event as OverdueEvent
      return forget(context, key, run)
    }),
    bury: assign(({ context, event }) => bury(context, (event as DownEvent).address)),
    carryOut: enqueueActions(({ context, enqueue }) => {
      for (const order of context.orders) enqueue(effectOf(order) as never)
    }),
    count: reply(({ context, event }: { context: IdempotencyContext; event: unknown }) =>
      countEntries(context, (event as Of<'idempotency.status'>).at),
    ),
  },
  guards: {
    isWorking: ({ context }) => context.shelf.running > 0,
    isIdle: ({ context }) => context.shelf.running === 0,
  },
})

/** The chart of an idempotency keeper: `working` while something is being done under a key, else `idle`. */
export const idempotencyMachine: AnyStateMachine = setUp.createMachine({
  id: 'idempotency',
  context: { shelf: EMPTY_SHELF, orders: [] },
  initial: 'idle',
  on: {
    'idempotency.claim': { actions: ['claim', 'carryOut'] },
    'idempotency.renew': { actions: ['renew', 'carryOut'] },
    'idempotency.keep': { actions: ['keep', 'carryOut'] },
    'idempotency.fail': { actions: ['fail', 'carryOut'] },
    'idempotency.status': { actions: ['count'] },
    'lease.expired': { actions: ['giveUp', 'carryOut'] },
    'value.expired': { actions: ['forget'] },
    'troupe.down': { actions: ['bury', 'carryOut'] },
  },
  states: {
    idle: { always: { guard: 'isWorking', target: 'working' } },
    working: { always: { guard: 'isIdle', target: 'idle' } },
  },
})

function effectOf(order: IdempotencyOrder): unknown {
  switch (order.do) {
    case 'answer':
      return reply(() => order.value)
    case 'refuse':
      return refuse(order.reason, undefined, order.code)
    case 'watch':
      return watch(order.holder as Address)
    case 'unwatch':
      return unwatch(order.holder as Address)
    case 'lease':
      return overdue('lease.expired', order)
    case 'expire':
      return overdue('value.expired', order)
    case 'unlease':
      return cancel(timerOf('lease.expired', order.key))
    case 'unexpire':
      return cancel(timerOf('value.expired', order.key))
    case 'announce':
      return announce([order.event])
  }
}

function overdue(
  type: OverdueEvent['type'],
  { key, run, delay }: { readonly key: string; readonly run: string; readonly delay: number },
): unknown {
  return raise({ type, key, run } as never, { id: timerOf(type, key), delay } as never)
}

function timerOf(type: OverdueEvent['type'], key: string): string {
  return `${type} ${key}`
}
