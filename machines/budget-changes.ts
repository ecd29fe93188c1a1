import type { Address } from '../runtime/protocol/address.ts'
import type { ErrorCode } from '../runtime/protocol/error-table.ts'
import { amountText, BUDGET_DIMENSIONS, type BudgetAmount, type BudgetSum, isSameSum, sumOf } from './budget-amount.ts'
import { type EndedCall, memoriseCall, recallCall } from './budget-calls.ts'
import type { BudgetBulk, BudgetChange, BudgetContext, BudgetHeld, BudgetOrder } from './budget-context.ts'
import { putOnShelf, readShelf, shelfEntries, takeOffShelf } from './budget-shelf.ts'
import { chargeIn, freeIn, holdIn, lineageOf, parentOf, refusalOf } from './budget-tree.ts'

/** What can happen to the calls of a budget, as pure changes of its memory. */

/** What is reserved, for which call. */
export interface Reservation {
  readonly call: string
  readonly path: string
  readonly amount: BudgetAmount
  readonly holder?: string | undefined
  readonly ttl: number
}

/** Sets an amount aside at a node and all above it, or at none of them. */
export function reserve(context: BudgetContext, bulk: BudgetBulk, given: Reservation): BudgetChange {
  const { call, path, ttl } = given
  const amount = sumOf(given.amount)
  const hold = readShelf(context.holds, call)
  const ended = hold ? undefined : recallCall(context.calls, call)
  const isPaid = ended?.how === 'settled' || ended?.how === 'toppedUp'
  const before = hold ?? (isPaid ? ended : undefined)
  if (before) {
    const isSame = before.path === path && isSameSum(before.amount, amount) && ended?.how !== 'toppedUp'
    if (!isSame) return otherwise(context, call, before)
    const settlement = ended?.settlement
    return answer(context, settlement ? { status: 'settled', actual: settlement.actual } : { status: 'held' })
  }
  const lineage = lineageOf(context.nodes, path)
  if (lineage.length === 0) return refuseUnknown(context, path)
  const refusal = refusalOf(lineage, amount)
  if (refusal) {
    const told = tellAll(answer(context, { status: 'refused', refusal }), 'budget.refused', { call, ...refusal })
    return told
  }
  const count = lineage.at(-1)?.holds ?? 0
  if (count >= bulk.holds) return refuse(context, `${count} calls are open already`, 'OVERLOADED')
  const holder = (given.holder ?? null) as Address | null
  const held = { path, amount, holder }
  const next = {
    ...context,
    nodes: holdIn(context.nodes, lineage, amount),
    holds: putOnShelf(context.holds, call, held),
  }
  const change = watchFor({ context: next, orders: [{ do: 'expire', call, ttl }] }, holder)
  return tellAll(also(change, { do: 'reply', value: { status: 'held' } }), 'budget.reserved', { call, path, amount })
}

/** Charges what a call used: once, however often it is told. */
export function settle(context: BudgetContext, bulk: BudgetBulk, call: string, used: BudgetAmount): BudgetChange {
  const actual = sumOf(used)
  const hold = readShelf(context.holds, call)
  if (hold) return charge(withoutHold(context, call, hold), bulk, call, { ...hold, actual, late: false })
  const ended = recallCall(context.calls, call)
  switch (ended?.how) {
    case 'settled':
      if (ended.settlement && isSameSum(ended.settlement.actual, actual)) return answer(context, ended.settlement)
      return otherwise(context, call, { ...ended, amount: ended.settlement?.actual ?? ended.amount })
    // What was used was used, whoever has given the hold back: it is charged, without a hold.
    case 'released':
    case 'reclaimed':
      return charge({ context, orders: [] }, bulk, call, { ...ended, actual, late: true })
    default:
      return refuse(context, `nothing is known of a call '${call}': it was never reserved, or long ago`, 'NOT_FOUND')
  }
}

/** Gives back what a call holds. */
export function release(context: BudgetContext, bulk: BudgetBulk, call: string): BudgetChange {
  const hold = readShelf(context.holds, call)
  if (!hold) {
    const how = recallCall(context.calls, call)?.how ?? 'unknown'
    return answer(context, { status: how === 'toppedUp' ? 'unknown' : how })
  }
  const { path, amount } = hold
  const change = giveBack(context, bulk, { call, hold, how: 'released' })
  return tellAll(also(change, { do: 'reply', value: { status: 'released' } }), 'budget.released', {
    call,
    path,
    amount,
  })
}

/** Takes back what a call holds that was neither settled nor released in its time. */
export function expire(context: BudgetContext, bulk: BudgetBulk, call: string): BudgetChange {
  const hold = readShelf(context.holds, call)
  return hold ? reclaim(context, bulk, { call, hold, reason: 'expired' }) : { context, orders: [] }
}

/** Takes back what the calls of an actor hold that has ended. */
export function bereave(context: BudgetContext, bulk: BudgetBulk, holder: string): BudgetChange {
  let change: BudgetChange = { context, orders: [] }
  if (readShelf(context.holders, holder) === undefined) return change
  for (const [call, hold] of shelfEntries(context.holds)) {
    if (hold.holder !== holder) continue
    const { context: next, orders } = reclaim(change.context, bulk, { call, hold, reason: 'holder' })
    change = { context: next, orders: [...change.orders, ...orders] }
  }
  return change
}

/** A call, what it holds, and how it loses that. */
interface Loss {
  readonly call: string
  readonly hold: BudgetHeld
  readonly how: EndedCall['how']
}

/** Gives back what a call holds, and tells nobody. */
export function giveBack(context: BudgetContext, { remember }: BudgetBulk, { call, hold, how }: Loss): BudgetChange {
  const { path, amount } = hold
  const change = withoutHold(context, call, hold)
  const nodes = freeIn(context.nodes, lineageOf(context.nodes, path), amount)
  const ended = { path, amount, how, settlement: null }
  return { ...change, context: { ...change.context, nodes, calls: memoriseCall(context.calls, call, ended, remember) } }
}

/** The change with one order more. */
export function also({ context, orders }: BudgetChange, order: BudgetOrder): BudgetChange {
  return { context, orders: [...orders, order] }
}

/** The change, and an event that tells of it. */
export function tellAll({ context, orders }: BudgetChange, type: string, facts: object): BudgetChange {
  const seq = context.seq + 1
  const event = { ...facts, type, seq }
  return { context: { ...context, seq }, orders: [...orders, { do: 'announce', event }] }
}

/** An answer that changes nothing. */
export function answer(context: BudgetContext, value: unknown): BudgetChange {
  return { context, orders: [{ do: 'reply', value }] }
}

/** A refusal that changes nothing. */
export function refuse(context: BudgetContext, reason: string, code: ErrorCode): BudgetChange {
  return { context, orders: [{ do: 'refuse', reason, code }] }
}

/** The refusal of a node that is not open. */
export function refuseUnknown(context: BudgetContext, path: string): BudgetChange {
  return refuse(
    context,
    `the budget ${context.root} has no open node '${path}': open it, and what is above it`,
    'NOT_FOUND',
  )
}

function reclaim(
  context: BudgetContext,
  bulk: BudgetBulk,
  { call, hold, reason }: Omit<Loss, 'how'> & { readonly reason: 'expired' | 'holder' },
): BudgetChange {
  const { path, amount } = hold
  const change = giveBack(context, bulk, { call, hold, how: 'reclaimed' })
  return tellAll(change, 'budget.reclaimed', { call, path, amount, reason })
}

interface Charge {
  readonly path: string
  readonly amount: BudgetSum
  readonly actual: BudgetSum
  readonly late: boolean
}

function charge(change: BudgetChange, { remember }: BudgetBulk, call: string, given: Charge): BudgetChange {
  const { amount, actual, late } = given
  const { nodes, calls } = change.context
  const path = nearest(change.context, given.path)
  const { tree, overrun } = chargeIn(nodes, lineageOf(nodes, path), actual, late ? null : amount)
  const settlement = { actual, overrun, late }
  const ended: EndedCall = { path: given.path, amount, how: 'settled', settlement }
  const context = { ...change.context, nodes: tree, calls: memoriseCall(calls, call, ended, remember) }
  const settled = also({ context, orders: change.orders }, { do: 'reply', value: settlement })
  const told = tellAll(settled, 'budget.settled', { call, path, ...settlement })
  const isOver = BUDGET_DIMENSIONS.some((dimension) => overrun[dimension] > 0)
  if (!isOver && !deviates(amount, actual)) return told
  const reason = isOver ? 'overrun' : 'deviation'
  return tellAll(told, 'budget.warned', { call, path, reason, reserved: amount, actual })
}

/** True when a fifth more or less was used than reserved. */
function deviates(reserved: BudgetSum, actual: BudgetSum): boolean {
  return BUDGET_DIMENSIONS.some((of) => Math.abs(actual[of] - reserved[of]) > reserved[of] / 5)
}

// A node that was closed meanwhile has been folded into the one above it.
function nearest({ nodes, root }: BudgetContext, path: string): string {
  let next: string | null = path
  while (next !== null && readShelf(nodes, next) === undefined) next = parentOf(next)
  return next ?? root
}

function watchFor(change: BudgetChange, holder: Address | null): BudgetChange {
  if (holder === null) return change
  const { holders } = change.context
  const count = readShelf(holders, holder) ?? 0
  const context = { ...change.context, holders: putOnShelf(holders, holder, count + 1) }
  return count > 0 ? { ...change, context } : also({ ...change, context }, { do: 'watch', address: holder })
}

function withoutHold(context: BudgetContext, call: string, { holder }: BudgetHeld): BudgetChange {
  const change: BudgetChange = {
    context: { ...context, holds: takeOffShelf(context.holds, call) },
    orders: [{ do: 'unexpire', call }],
  }
  if (holder === null) return change
  const { holders } = context
  const count = readShelf(holders, holder) ?? 1
  if (count > 1) return { ...change, context: { ...change.context, holders: putOnShelf(holders, holder, count - 1) } }
  const left = { ...change.context, holders: takeOffShelf(holders, holder) }
  return also({ ...change, context: left }, { do: 'unwatch', address: holder })
}

function otherwise(
  context: BudgetContext,
  call: string,
  { path, amount }: Omit<EndedCall, 'how' | 'settlement'>,
): BudgetChange {
  const amounts = BUDGET_DIMENSIONS.map((dimension) => amountText(dimension, amount[dimension])).join(', ')
  return refuse(
    context,
    `the call '${call}' stands at ${path} with ${amounts}: another amount needs another call`,
    'CONFLICT',
  )
}
