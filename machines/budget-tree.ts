import {
  BUDGET_DIMENSIONS,
  type BudgetAmount,
  type BudgetBounds,
  type BudgetDimension,
  type BudgetSum,
  NO_SUM,
  sumBy,
} from './budget-amount.ts'
import type { BudgetRefusal, BudgetView } from './budget.contract.ts'
import { type BudgetShelf, putOnShelf, readShelf, shelfEntries, takeOffShelf } from './budget-shelf.ts'
import { usdOf } from './nano-usd.ts'

/**
 * The arithmetic of a tree of budgets. At every node, always: settled + held <= limit. What a call holds or has used stands
 * at its node and at all above it, so that closing a node loses nothing. A call that used more than its hold takes what is
 * free as well; what goes beyond even that is an overrun of the node: it happened, so it is counted, and nothing can be
 * reserved until it is covered.
 */
export interface BudgetNode {
  readonly path: string
  readonly parent: string | null
  /** The limit it was opened with. */
  readonly opened: BudgetBounds
  /** The limit it has. */
  readonly limit: BudgetBounds
  readonly settled: BudgetSum
  readonly held: BudgetSum
  readonly overrun: BudgetSum
  /** Holds at and below the node. */
  readonly holds: number
  /** Calls settled at and below the node. */
  readonly calls: number
}

/** The open nodes, by their paths. */
export type BudgetTree = BudgetShelf<BudgetNode>

/** The tree with an empty node. */
export function openNode(tree: BudgetTree, path: string, parent: string | null, limit: BudgetBounds): BudgetTree {
  const empty = { settled: NO_SUM, held: NO_SUM, overrun: NO_SUM, holds: 0, calls: 0 }
  return putOnShelf(tree, path, { path, parent, opened: limit, limit, ...empty })
}

/** The limit of a message: what it leaves out is not limited. */
export function limitOf({ tokens, nanoUsd, ms }: BudgetAmount): BudgetBounds {
  return { tokens: tokens ?? null, nanoUsd: nanoUsd ?? null, ms: ms ?? null }
}

/** The node and all above it, the node first; empty when it is not there. */
export function lineageOf(tree: BudgetTree, path: string): readonly BudgetNode[] {
  const lineage: BudgetNode[] = []
  for (let next: string | null = path; next !== null; ) {
    const node: BudgetNode | undefined = readShelf(tree, next)
    if (!node) return []
    lineage.push(node)
    next = node.parent
  }
  return lineage
}

/** The path of the node in which another is opened; null for a path of one part. */
export function parentOf(path: string): string | null {
  const end = path.lastIndexOf('/')
  return end < 1 ? null : path.slice(0, end)
}

/** True for a path that is the other's or stands below it. */
export function isWithin(path: string, other: string): boolean {
  return path === other || path.startsWith(`${other}/`)
}

/** What can still be reserved at a node alone; below 0 when an overrun has to be covered first. */
export function leftOf({ limit, settled, held, overrun }: BudgetNode, dimension: BudgetDimension): number {
  const most = limit[dimension] ?? Number.MAX_SAFE_INTEGER
  return most - settled[dimension] - held[dimension] - overrun[dimension]
}

/** Why the lineage does not cover an amount; null when it does. */
export function refusalOf(lineage: readonly BudgetNode[], asked: BudgetSum): BudgetRefusal | null {
  for (const node of lineage) {
    for (const dimension of BUDGET_DIMENSIONS) {
      if (asked[dimension] === 0 || asked[dimension] <= leftOf(node, dimension)) continue
      return {
        node: node.path,
        dimension,
        limit: node.limit[dimension] ?? Number.MAX_SAFE_INTEGER,
        spent: node.settled[dimension] + node.overrun[dimension],
        held: node.held[dimension],
        asked: asked[dimension],
      }
    }
  }
  return null
}

/** The tree with an amount held at all nodes of a lineage. */
export function holdIn(tree: BudgetTree, lineage: readonly BudgetNode[], amount: BudgetSum): BudgetTree {
  let next = tree
  for (const node of lineage) {
    const held = sumBy((dimension) => node.held[dimension] + amount[dimension])
    next = putOnShelf(next, node.path, { ...node, held, holds: node.holds + 1 })
  }
  return next
}

/** The tree without an amount that was held. */
export function freeIn(tree: BudgetTree, lineage: readonly BudgetNode[], amount: BudgetSum): BudgetTree {
  let next = tree
  for (const node of lineage) {
    const held = sumBy((dimension) => node.held[dimension] - amount[dimension])
    next = putOnShelf(next, node.path, { ...node, held, holds: node.holds - 1 })
  }
  return next
}

/** A tree in which a call was charged, and what of it went beyond. */
export interface ChargedTree {
  readonly tree: BudgetTree
  readonly overrun: BudgetSum
}

/** Charges what a call used, in the place of what it held; null for a call that holds nothing any more. */
export function chargeIn(
  tree: BudgetTree,
  lineage: readonly BudgetNode[],
  actual: BudgetSum,
  hold: BudgetSum | null,
): ChargedTree {
  let next = tree
  let most = NO_SUM
  const own = hold ?? NO_SUM
  for (const node of lineage) {
    const fitting = sumBy((dimension) =>
      Math.min(actual[dimension], own[dimension] + Math.max(0, leftOf(node, dimension))),
    )
    const over = sumBy((dimension) => actual[dimension] - fitting[dimension])
    most = sumBy((dimension) => Math.max(most[dimension], over[dimension]))
    next = putOnShelf(next, node.path, {
      ...node,
      settled: sumBy((dimension) => node.settled[dimension] + fitting[dimension]),
      held: sumBy((dimension) => node.held[dimension] - own[dimension]),
      overrun: sumBy((dimension) => node.overrun[dimension] + over[dimension]),
      holds: node.holds - (hold ? 1 : 0),
      calls: node.calls + 1,
    })
  }
  return { tree: next, overrun: most }
}

/** The tree with a higher limit at a node. What is not limited stays so. */
export function raiseIn(tree: BudgetTree, node: BudgetNode, add: BudgetSum): BudgetTree {
  const raised = (dimension: BudgetDimension): number | null => {
    const most = node.limit[dimension]
    return most === null ? null : Math.min(most + add[dimension], Number.MAX_SAFE_INTEGER)
  }
  const limit = { tokens: raised('tokens'), nanoUsd: raised('nanoUsd'), ms: raised('ms') }
  return putOnShelf(tree, node.path, { ...node, limit })
}

/** The tree without a node and all below it. What they used stands above them. */
export function foldIn(tree: BudgetTree, path: string): BudgetTree {
  let next = tree
  for (const [name] of shelfEntries(tree)) if (isWithin(name, path)) next = takeOffShelf(next, name)
  return next
}

/** An open node as plain data, without what is below it. */
export function viewNode(tree: BudgetTree, path: string): BudgetView {
  const lineage = lineageOf(tree, path)
  const { limit, settled, held, overrun, holds, calls } = lineage[0] as BudgetNode
  return {
    path,
    limit: withUsd(limit),
    settled: withUsd(settled),
    held: withUsd(held),
    overrun: withUsd(overrun),
    left: withUsd({
      tokens: within(lineage, 'tokens'),
      nanoUsd: within(lineage, 'nanoUsd'),
      ms: within(lineage, 'ms'),
    }),
    calls: { held: holds, settled: calls },
    children: [],
  }
}

// What can be reserved at a node is what all above it have left as well.
function within(lineage: readonly BudgetNode[], dimension: BudgetDimension): number | null {
  const left = lineage.filter(({ limit }) => limit[dimension] !== null).map((node) => leftOf(node, dimension))
  return left.length > 0 ? Math.max(0, Math.min(...left)) : null
}

/** A node and all below it as plain data, in the order of their paths. Null when it is not there. */
export function viewTree(tree: BudgetTree, path: string): BudgetView | null {
  const nodes = [...shelfEntries(tree)]
    .filter(([name]) => isWithin(name, path))
    .sort(([one], [two]) => (one < two ? -1 : 1))
  const views = new Map(nodes.map(([name]) => [name, viewNode(tree, name)]))
  for (const [name, { parent }] of nodes) {
    if (name !== path && parent !== null) views.get(parent)?.children.push(views.get(name) as BudgetView)
  }
  return views.get(path) ?? null
}

function withUsd<Sum extends BudgetBounds>(sum: Sum): Sum & { costUsd: Sum['nanoUsd'] } {
  return { ...sum, costUsd: sum.nanoUsd === null ? null : usdOf(sum.nanoUsd) }
}
