import { type AnyStateMachine, cancel, enqueueActions, raise, setup } from 'xstate'
import type { ContractTypes, MessageOf } from '../runtime/protocol/contract.ts'
import { announce, type DownEvent, refuse, reply, unwatch, watch } from '../runtime/protocol/message-actions.ts'
import { bereave, expire, release, reserve, settle } from './budget-changes.ts'
import {
  type BudgetBulk,
  type BudgetChange,
  type BudgetContext,
  type BudgetOrder,
  initialBudget,
  isExhausted,
  isHolding,
} from './budget-context.ts'
import type { budgetContract, BudgetView } from './budget.contract.ts'
import { close, open, topUp, view } from './budget-nodes.ts'

type Message = MessageOf<typeof budgetContract>

/** What the chart tells itself, and the runtime tells it. Nobody else can send these. */
type Internal = { readonly type: 'hold.expired'; readonly call: string } | DownEvent

type Of<Type extends (Message | Internal)['type']> = Extract<Message | Internal, { readonly type: Type }>

type Types = Omit<ContractTypes<typeof budgetContract>, 'events' | 'emitted'> & {
  context: BudgetContext
  events: Message | Internal
}

const MOST: BudgetBulk = { nodes: 10_000, holds: 100_000, remember: 10_000 }

/**
 * The chart of a budget keeper, which holds a whole tree of budgets. `idle`, `holding` and `exhausted` say how it stands
 * with its root: in all of them it takes everything, and what the tree does not cover is refused. Closing the root ends it.
 */
export function budgetMachine(options: Partial<BudgetBulk> = {}): AnyStateMachine {
  const bulk = { ...MOST, ...options }
  const setUp = setup({
    types: {} as Types,
    actions: {
      open: changed<'budget.open'>((context, event) => open(context, bulk, event)),
      reserve: changed<'budget.reserve'>((context, event) => reserve(context, bulk, event)),
      settle: changed<'budget.settle'>((context, { call, actual }) => settle(context, bulk, call, actual)),
      release: changed<'budget.release'>((context, { call }) => release(context, bulk, call)),
      close: changed<'budget.close'>((context, { path }) => close(context, bulk, path)),
      topUp: changed<'budget.topUp'>((context, event) => topUp(context, bulk, event)),
      view: changed<'budget.view'>((context, { path }) => view(context, path ?? context.root)),
      expire: changed<'hold.expired'>((context, { call }) => expire(context, bulk, call)),
      bereave: changed<'troupe.down'>((context, { address }) => bereave(context, bulk, address)),
    },
    guards: {
      isClosed: ({ context }) => context.end !== null,
      isExhausted: ({ context }) => isExhausted(context),
      isHolding: ({ context }) => isHolding(context),
      isIdle: ({ context }) => !isHolding(context),
      hasRoom: ({ context }) => !isExhausted(context),
    },
  })
  return setUp.createMachine({
    id: 'budget',
    context: ({ input }) => initialBudget(input),
    initial: 'idle',
    on: {
      'budget.open': { actions: 'open' },
      'budget.reserve': { actions: 'reserve' },
      'budget.settle': { actions: 'settle' },
      'budget.release': { actions: 'release' },
      'budget.close': { actions: 'close' },
      'budget.topUp': { actions: 'topUp' },
      'budget.view': { actions: 'view' },
      'hold.expired': { actions: 'expire' },
      'troupe.down': { actions: 'bereave' },
    },
    states: {
      idle: {
        always: [
          { guard: 'isClosed', target: 'closed' },
          { guard: 'isExhausted', target: 'exhausted' },
          { guard: 'isHolding', target: 'holding' },
        ],
      },
      holding: {
        always: [
          { guard: 'isClosed', target: 'closed' },
          { guard: 'isExhausted', target: 'exhausted' },
          { guard: 'isIdle', target: 'idle' },
        ],
      },
      exhausted: {
        always: [
          { guard: 'isClosed', target: 'closed' },
          { guard: 'hasRoom', target: 'idle' },
        ],
      },
      closed: { type: 'final' },
    },
    output: ({ context }) => context.end as BudgetView,
  }) as unknown as AnyStateMachine
}

// The memory and the effects of one change, from one look at the event.
function changed<Type extends (Message | Internal)['type']>(
  change: (context: BudgetContext, event: Of<Type>) => BudgetChange,
) {
  return enqueueActions<
    BudgetContext,
    Message | Internal,
    undefined,
    Message | Internal,
    never,
    never,
    never,
    never,
    never
  >(({ context, event, enqueue }) => {
    const { context: next, orders } = change(context, event as Of<Type>)
    if (next !== context) enqueue.assign(next)
    for (const order of orders) enqueue(effectOf(order) as never)
  })
}

function effectOf(order: BudgetOrder): unknown {
  switch (order.do) {
    case 'reply':
      return reply(() => order.value)
    case 'refuse':
      return refuse(order.reason, undefined, order.code)
    case 'announce':
      return announce([order.event])
    case 'expire':
      return raise({ type: 'hold.expired', call: order.call } as never, { id: expiryOf(order.call), delay: order.ttl })
    case 'unexpire':
      return cancel(expiryOf(order.call))
    case 'watch':
      return watch(order.address)
    case 'unwatch':
      return unwatch(order.address)
  }
}

function expiryOf(call: string): string {
  return `hold ${call}`
}
