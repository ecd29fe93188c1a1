import { type BudgetAmount, isSameSum, NO_SUM, sumOf } from './budget-amount.ts'
import { also, answer, giveBack, refuse, refuseUnknown, tellAll } from './budget-changes.ts'
import { memoriseCall, recallCall } from './budget-calls.ts'
import type { BudgetBulk, BudgetChange, BudgetContext } from './budget-context.ts'
import { forget, memorise, recall } from './budget-memory.ts'
import { readShelf, shelfEntries } from './budget-shelf.ts'
import {
  type BudgetNode,
  foldIn,
  isWithin,
  lineageOf,
  limitOf,
  openNode,
  parentOf,
  raiseIn,
  viewNode,
  viewTree,
} from './budget-tree.ts'

/** What can happen to the nodes of a budget, as pure changes of its memory. */

// Every reservation goes up to the root, and a view goes down to the last.
const DEEPEST = 100

/** Opens a node in the one above it, or finds it with the same limit. */
export function open(
  context: BudgetContext,
  bulk: BudgetBulk,
  { path, limit }: { readonly path: string; readonly limit?: BudgetAmount | undefined },
): BudgetChange {
  const node = readShelf(context.nodes, path)
  if (node) {
    if (limit === undefined || isSameSum(node.opened, limitOf(limit)))
      return answer(context, viewNode(context.nodes, path))
    return refuse(context, `the node '${path}' is open with another limit: top it up, or close it first`, 'CONFLICT')
  }
  const parent = parentOf(path)
  if (parent === null || !isWithin(path, context.root)) {
    return refuse(context, `'${path}' is not below the budget ${context.root}`, 'NOT_FOUND')
  }
  if (readShelf(context.nodes, parent) === undefined) return refuseUnknown(context, parent)
  if (context.open >= bulk.nodes) return refuse(context, `${context.open} nodes are open already`, 'LIMIT_EXCEEDED')
  if (lineageOf(context.nodes, parent).length >= DEEPEST) {
    return refuse(context, `'${parent}' is ${DEEPEST} nodes deep: no deeper one can be opened`, 'LIMIT_EXCEEDED')
  }
  const bounds = limitOf(limit ?? {})
  const nodes = openNode(context.nodes, path, parent, bounds)
  const next = { ...context, nodes, open: context.open + 1, closed: forget(context.closed, path) }
  return tellAll(answer(next, viewNode(nodes, path)), 'budget.opened', { path, limit: bounds })
}

/** Folds a node and all below it into the one above it. Calls that are open there lose their holds. */
export function close(context: BudgetContext, bulk: BudgetBulk, path: string): BudgetChange {
  const node = readShelf(context.nodes, path)
  if (!node) {
    const view = recall(context.closed, path)
    return view ? answer(context, view) : refuseUnknown(context, path)
  }
  let change: BudgetChange = { context, orders: [] }
  for (const [call, hold] of node.holds > 0 ? shelfEntries(context.holds) : []) {
    if (!isWithin(hold.path, path)) continue
    const { amount: reserved } = hold
    const { context: next, orders } = giveBack(change.context, bulk, { call, hold, how: 'released' })
    const facts = { call, path: hold.path, reason: 'closed', reserved, actual: NO_SUM }
    const told = tellAll({ context: next, orders }, 'budget.released', { call, path: hold.path, amount: reserved })
    const warned = tellAll(told, 'budget.warned', facts)
    change = { context: warned.context, orders: [...change.orders, ...warned.orders] }
  }
  const view = viewNode(change.context.nodes, path)
  const { settled, overrun } = readShelf(change.context.nodes, path) as BudgetNode
  const closed = memorise(change.context.closed, path, view, Math.ceil(bulk.remember / 10))
  const isRoot = path === context.root
  const nodes = isRoot ? change.context.nodes : foldIn(change.context.nodes, path)
  const open = isRoot ? change.context.open : countNodes(nodes)
  const next = { ...change.context, nodes, open, closed, end: isRoot ? view : context.end }
  const replied = also({ context: next, orders: change.orders }, { do: 'reply', value: view })
  return tellAll(replied, 'budget.closed', { path, settled, overrun })
}

/** Raises the limit of a node, once for each call. */
export function topUp(
  context: BudgetContext,
  bulk: BudgetBulk,
  { call, path, add }: { readonly call: string; readonly path: string; readonly add: BudgetAmount },
): BudgetChange {
  const node = readShelf(context.nodes, path)
  if (!node) return refuseUnknown(context, path)
  const amount = sumOf(add)
  const before = recallCall(context.calls, call)
  if (before || readShelf(context.holds, call)) {
    const isSame = before?.how === 'toppedUp' && before.path === path && isSameSum(before.amount, amount)
    if (isSame) return answer(context, viewNode(context.nodes, path))
    return refuse(
      context,
      `'${call}' was another call, or topped up another amount: give it an id of its own`,
      'CONFLICT',
    )
  }
  const nodes = raiseIn(context.nodes, node, amount)
  const ended = { path, amount, how: 'toppedUp', settlement: null } as const
  const calls = memoriseCall(context.calls, call, ended, bulk.remember)
  const raised = readShelf(nodes, path) as BudgetNode
  const change = answer({ ...context, nodes, calls }, viewNode(nodes, path))
  return tellAll(change, 'budget.toppedUp', { path, add: amount, limit: raised.limit })
}

/** Shows a node and all below it. */
export function view(context: BudgetContext, path: string): BudgetChange {
  const shown = viewTree(context.nodes, path)
  return shown ? answer(context, shown) : refuseUnknown(context, path)
}

function countNodes(nodes: BudgetContext['nodes']): number {
  let count = 0
  for (const _ of shelfEntries(nodes)) count++
  return count
}
