import { describe, expect, it } from 'vitest'
import { type AnyMachineSnapshot, type AnyStateMachine, assign, type EventObject, initialTransition } from 'xstate'
import { sumOf } from '../../machines/budget-amount.ts'
import { settle } from '../../machines/budget-changes.ts'
import { type BudgetContext, isExhausted, isHolding } from '../../machines/budget-context.ts'
import { recallCall } from '../../machines/budget-calls.ts'
import { budgetMachine } from '../../machines/budget.machine.ts'
import { putOnShelf, readShelf, shelfEntries } from '../../machines/budget-shelf.ts'
import { chargeIn, holdIn, isWithin, lineageOf, refusalOf } from '../../machines/budget-tree.ts'
import { machineGraph } from './machine-graph.ts'

const bulk = { nodes: 3, holds: 3, remember: 100 }
const ROOT = 'r'
const LEAF = 'r/a'
const HOLDER = 'local/agent/1'
const CALLS = [
  { call: 'one', path: LEAF, tokens: 3, holder: HOLDER },
  { call: 'two', path: ROOT, tokens: 3 },
]

const contextOf = (state: AnyMachineSnapshot) => state.context as BudgetContext

const EVENTS: readonly (EventObject & Readonly<Record<string, unknown>>)[] = [
  ...CALLS.flatMap(({ tokens, ...call }) => [
    { type: 'budget.reserve', ...call, amount: { tokens }, ttl: 1_000 },
    { type: 'budget.release', call: call.call },
    { type: 'hold.expired', call: call.call },
    // Less than was reserved, and so much that nothing covers it.
    { type: 'budget.settle', call: call.call, actual: { tokens: 1 } },
    { type: 'budget.settle', call: call.call, actual: { tokens: 6 } },
  ]),
  { type: 'troupe.down', address: HOLDER, reason: 'error' },
  { type: 'budget.open', path: LEAF, limit: { tokens: 3 } },
  { type: 'budget.close', path: LEAF },
  { type: 'budget.topUp', call: 'more', path: ROOT, add: { tokens: 2 } },
  { type: 'budget.close', path: ROOT },
]

function explore(machine: AnyStateMachine) {
  return machineGraph(machine, {
    from: initialTransition(machine, { path: ROOT, limit: { tokens: 5 } })[0],
    // What has ended takes nothing.
    events: (state) => (state.status === 'done' ? [] : EVENTS),
    key: (state) => {
      const { holds, holders, calls, end } = contextOf(state)
      // A chart that is wrong may count for ever.
      const sums = nodesOf(state).map(({ path, limit, settled, held, overrun }) => [
        path,
        limit.tokens,
        ...[settled, held, overrun].map(({ tokens }) => Math.min(tokens, 30)),
      ])
      const ended = [...CALLS, { call: 'more' }].map(({ call }) => {
        const { how, settlement } = recallCall(calls, call) ?? {}
        return [how, settlement?.actual.tokens]
      })
      const open = [...shelfEntries(holds)].map(([call]) => call).sort()
      return JSON.stringify([state.value, sums, open, [...shelfEntries(holders)], ended, end !== null])
    },
  })
}

function nodesOf(state: AnyMachineSnapshot) {
  return [...shelfEntries(contextOf(state).nodes)].map(([, node]) => node)
}

function spentAt(state: AnyMachineSnapshot): number {
  const root = readShelf(contextOf(state).nodes, ROOT)
  return (root?.settled.tokens ?? 0) + (root?.overrun.tokens ?? 0)
}

/** What may never be, as sentences about the states and edges in which it is. */
function faults(machine: AnyStateMachine): string[] {
  const graph = explore(machine)
  const found = new Set<string>()
  for (const state of graph.states) {
    const context = contextOf(state)
    const holds = [...shelfEntries(context.holds)].map(([, hold]) => hold)
    for (const { path, limit, settled, held } of nodesOf(state)) {
      const inside = holds.filter((hold) => isWithin(hold.path, path))
      const sum = inside.reduce((all, hold) => all + hold.amount.tokens, 0)
      if (settled.tokens + held.tokens > (limit.tokens ?? Infinity)) found.add(`${path} is over its limit`)
      if (held.tokens !== sum) found.add(`${path} holds what no call holds`)
    }
    if (holds.filter(({ holder }) => holder).length !== (readShelf(context.holders, HOLDER) ?? 0)) {
      found.add('a holder is miscounted')
    }
    const load = isExhausted(context) ? 'exhausted' : isHolding(context) ? 'holding' : 'idle'
    const shown = context.end ? 'closed' : load
    if (state.value !== shown) found.add(`the chart shows ${String(state.value)} for ${shown}`)
    if (context.end && holds.length > 0) found.add('a closed budget holds something')
  }
  for (const { from, event, to } of graph.edges) {
    const paid = spentAt(to) - spentAt(from)
    if (paid !== dueOf(from, event)) found.add(`${event.type} changes what was spent by ${paid > 0 ? 'more' : 'less'}`)
  }
  const stuck = graph.stuck((state) => state.value !== 'closed' && !isHolding(contextOf(state)))
  if (stuck.some((state) => state.value !== 'closed')) found.add('a hold can never be given back')
  return [...found]
}

// What an event adds to what was spent: only the first settlement of a call that was reserved adds anything.
function dueOf(state: AnyMachineSnapshot, event: EventObject): number {
  const { call, actual } = event as EventObject & { call: string; actual: { tokens: number } }
  const { holds, calls, end } = contextOf(state)
  if (event.type !== 'budget.settle' || end) return 0
  const how = readShelf(holds, call) ? 'held' : recallCall(calls, call)?.how
  return how === undefined || how === 'settled' ? 0 : actual.tokens
}

type Told = { readonly context: BudgetContext; readonly event: EventObject }
type Settle = { readonly call: string; readonly actual: { readonly tokens: number } }

describe('the chart of a budget keeper', () => {
  it('keeps every limit, pays each call once, forgets no hold, and can always give back what is held', () => {
    const machine = budgetMachine(bulk)
    expect(faults(machine)).toEqual([])
    expect(explore(machine).states.length).toMatchInlineSnapshot(`555`)
  })

  it('that looks only at the leaf is found out: the exploration bites', () => {
    const reserve = assign(({ context, event }: Told) => {
      const {
        call,
        path,
        amount: asked,
        holder = null,
      } = event as never as Record<'call' | 'path', string> & {
        amount: { tokens: number }
        holder?: never
      }
      const amount = sumOf(asked)
      const lineage = lineageOf(context.nodes, path)
      const isKnown = readShelf(context.holds, call) !== undefined || recallCall(context.calls, call) !== undefined
      if (isKnown || lineage.length === 0 || refusalOf(lineage.slice(0, 1), amount)) return context
      const holders = holder
        ? putOnShelf(context.holders, holder, (readShelf(context.holders, holder) ?? 0) + 1)
        : context.holders
      const holds = putOnShelf(context.holds, call, { path, amount, holder })
      return { ...context, nodes: holdIn(context.nodes, lineage, amount), holds, holders }
    })
    expect(faults(budgetMachine(bulk).provide({ actions: { reserve } } as never))).toContain('r is over its limit')
  })

  it('that forgets to free what a settled call held is found out', () => {
    const broken = assign(({ context, event }: Told) => {
      const { call, actual } = event as never as Settle
      const hold = readShelf(context.holds, call)
      const { context: next } = settle(context, bulk, call, actual)
      if (!hold) return next
      return { ...next, nodes: chargeIn(context.nodes, lineageOf(context.nodes, hold.path), sumOf(actual), null).tree }
    })
    const found = faults(budgetMachine(bulk).provide({ actions: { settle: broken } } as never))
    expect(found).toContain('r holds what no call holds')
  })

  it('that pays for a settlement that is told twice is found out', () => {
    const broken = assign(({ context, event }: Told) => {
      const { call, actual } = event as never as Settle
      const { context: next } = settle(context, bulk, call, actual)
      const before = recallCall(context.calls, call)
      const isEnough = (readShelf(context.nodes, ROOT)?.overrun.tokens ?? 0) > 0
      if (before?.how !== 'settled' || context.nodes !== next.nodes || isEnough) return next
      return { ...next, nodes: chargeIn(next.nodes, lineageOf(next.nodes, ROOT), sumOf(actual), null).tree }
    })
    const found = faults(budgetMachine(bulk).provide({ actions: { settle: broken } } as never))
    expect(found).toContain('budget.settle changes what was spent by more')
  })

  it('that forgets a call whose hold has run out, and so its cost, is found out', () => {
    const forgetful = assign(({ context, event }: Told) => {
      const { call, actual } = event as never as Settle
      return recallCall(context.calls, call) ? context : settle(context, bulk, call, actual).context
    })
    const found = faults(budgetMachine(bulk).provide({ actions: { settle: forgetful } } as never))
    expect(found).toContain('budget.settle changes what was spent by less')
  })

  it('that never gives a hold back is found out', () => {
    const nothing = assign({})
    const actions = { settle: nothing, release: nothing, expire: nothing, bereave: nothing, close: nothing }
    const found = faults(budgetMachine(bulk).provide({ actions } as never))
    expect(found).toContain('a hold can never be given back')
  })
})
