import type { Address } from '../runtime/protocol/address.ts'
import type { MessageEvent } from '../runtime/protocol/contract.ts'
import type { ErrorCode } from '../runtime/protocol/error-table.ts'
import { type BudgetAmount, BUDGET_DIMENSIONS, type BudgetSum } from './budget-amount.ts'
import type { EndedCalls } from './budget-calls.ts'
import type { BudgetView } from './budget.contract.ts'
import { type BudgetMemory, EMPTY_MEMORY } from './budget-memory.ts'
import { type BudgetShelf, EMPTY_SHELF, readShelf } from './budget-shelf.ts'
import { type BudgetTree, leftOf, limitOf, openNode } from './budget-tree.ts'

/** What is set aside for a call that has not ended. */
export interface BudgetHeld {
  readonly path: string
  readonly amount: BudgetSum
  readonly holder: Address | null
}

/** The memory of a budget keeper, as JSON. */
export interface BudgetContext {
  /** The path of the root. */
  readonly root: string
  readonly nodes: BudgetTree
  readonly holds: BudgetShelf<BudgetHeld>
  /** How many nodes are open. */
  readonly open: number
  /** How many holds each holder has. */
  readonly holders: BudgetShelf<number>
  /** The last calls that have ended. */
  readonly calls: EndedCalls
  /** The last nodes that were closed. */
  readonly closed: BudgetMemory<BudgetView>
  /** The number of the last event. */
  readonly seq: number
  /** What the tree came to, once its root is closed. */
  readonly end: BudgetView | null
}

/** How much a keeper takes on. */
export interface BudgetBulk {
  /** How many nodes may be open. */
  readonly nodes: number
  /** How many holds there may be. */
  readonly holds: number
  /** How many ended calls are remembered, at least. */
  readonly remember: number
}

/** What a keeper has to do after a transition: data, which the chart turns into effects. */
export type BudgetOrder =
  | { readonly do: 'reply'; readonly value: unknown }
  | { readonly do: 'refuse'; readonly reason: string; readonly code: ErrorCode }
  | { readonly do: 'announce'; readonly event: MessageEvent }
  | { readonly do: 'expire'; readonly call: string; readonly ttl: number }
  | { readonly do: 'unexpire'; readonly call: string }
  | { readonly do: 'watch' | 'unwatch'; readonly address: Address }

/** The memory after something has happened, and what is to be done about it. */
export interface BudgetChange {
  readonly context: BudgetContext
  readonly orders: readonly BudgetOrder[]
}

/** The memory of a keeper that begins. */
export function initialBudget({ path, limit }: { path: string; limit?: BudgetAmount | undefined }): BudgetContext {
  return {
    root: path,
    nodes: openNode(EMPTY_SHELF, path, null, limitOf(limit ?? {})),
    holds: EMPTY_SHELF,
    open: 1,
    holders: EMPTY_SHELF,
    calls: EMPTY_MEMORY,
    closed: EMPTY_MEMORY,
    seq: 0,
    end: null,
  }
}

/** True while something is set aside. */
export function isHolding({ nodes, root }: BudgetContext): boolean {
  return (readShelf(nodes, root)?.holds ?? 0) > 0
}

/** True when nothing is left at the root of something that it limits. */
export function isExhausted({ nodes, root }: BudgetContext): boolean {
  const node = readShelf(nodes, root)
  return node !== undefined && BUDGET_DIMENSIONS.some((of) => node.limit[of] !== null && leftOf(node, of) <= 0)
}
