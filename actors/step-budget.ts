import type { BudgetLimit } from '../machines/budget-amount.ts'
import type { BudgetView } from '../machines/budget.contract.ts'
import { usdOf } from '../machines/nano-usd.ts'
import type { PlannedStep, WorkflowPlan } from '../machines/workflow-step.ts'
import type { ItemOutcome, WorkflowBudget } from '../machines/workflow.contract.ts'
import type { Hands } from '../runtime/kernel/hands.ts'
import { parseAddress } from '../runtime/protocol/address.ts'
import { isTroupeError } from '../runtime/protocol/errors.ts'
import { type Budget, createBudget, joinBudget } from './budget-client.ts'
import { invalidBudget } from './budget-errors.ts'
import { defineBudgetKeeper } from './budget-keeper.ts'

/** The budget of a run, as its steps take from it. Its keeper is spawned when the first of them asks for it. */
export interface RunAccount {
  nodeOf(step: PlannedStep): Promise<Budget>
}

/** The nodes of the budget that a step has opened. */
export interface StepNodes {
  readonly own: Promise<Budget>
  readonly items: Map<number, Promise<Budget>>
}

/** The items of a map step, and what they have come to. */
export interface MapItems {
  readonly items: readonly unknown[]
  readonly outcomes: readonly (ItemOutcome | null)[]
}

/** A step that may have a budget. */
interface Spender {
  readonly step: PlannedStep
  readonly account: RunAccount | null
  readonly map: MapItems | null
  nodes: StepNodes | null
}

/** Makes the account of a run; null when its workflow has no budget. Nothing is spawned yet. */
export function createRunAccount(hands: Hands, { budget, durable }: WorkflowPlan): RunAccount | null {
  if (budget === null) return null
  const { type, key: run } = parseAddress(hands.owner)
  const key = `${type}/${run}`
  const durability = durable ? 'durable' : 'ephemeral'
  const place = { keeper: hands.ref(defineBudgetKeeper({ durability }), key).address, path: key }
  const open = (): Promise<Budget> =>
    keeping(createBudget(hands, { key, limit: limitOf(budget), durability }), async () => joinBudget(hands, place))
  let opening: Promise<Budget> | null = null
  return {
    async nodeOf({ name, budget: share }) {
      // One that could not be opened may be opened later.
      opening ??= open().catch((error: unknown) => {
        opening = null
        throw error
      })
      return childOf(await opening, nodeName(name), limitOf(share ?? {}))
    },
  }
}

/** The node of a step. */
export async function openStepNode(spender: Spender): Promise<Budget | null> {
  const { account, step } = spender
  if (!account) return null
  spender.nodes ??= { own: account.nodeOf(step), items: new Map() }
  const { nodes } = spender
  try {
    return await nodes.own
  } catch (error) {
    if (spender.nodes === nodes) spender.nodes = null
    throw error
  }
}

/** The node of one item of a map step. */
export async function openItemNode(
  spender: Spender,
  index: number,
  weight: (item: unknown) => number = () => 1,
): Promise<Budget | null> {
  const step = await openStepNode(spender)
  const { map, nodes } = spender
  if (!step || !map || !nodes) return null
  const opened = nodes.items.get(index)
  if (opened) return opened
  const opening = openItem(step, map, { index, weight })
  nodes.items.set(index, opening)
  opening.catch(() => nodes.items.delete(index))
  return opening
}

/** Gives back what an item has left. */
export function closeItemNode({ nodes }: Spender, index: number): void {
  const item = nodes?.items.get(index)
  nodes?.items.delete(index)
  if (item) closeLater(item)
}

/** Gives back what a step has left. */
export function closeNodes(spender: Spender): void {
  const { nodes } = spender
  spender.nodes = null
  if (nodes) closeLater(nodes.own)
}

// What is not closed, because the run has ended meanwhile, ends with the run's keeper.
function closeLater(opening: Promise<Budget>): void {
  opening.then((node) => node.close()).catch(() => {})
}

interface ItemPlace {
  readonly index: number
  readonly weight: (item: unknown) => number
}

async function openItem(step: Budget, map: MapItems, place: ItemPlace): Promise<Budget> {
  return childOf(step, `${place.index}`, partOf(await step.view(), partFor(map, place)))
}

function childOf(parent: Budget, name: string, limit: BudgetLimit): Promise<Budget> {
  return keeping(parent.child(name, limit), () => parent.child(name))
}

// What was opened before, under another plan or with other items at work, keeps the limit that it has.
async function keeping(opening: Promise<Budget>, find: () => Promise<Budget>): Promise<Budget> {
  try {
    return await opening
  } catch (error) {
    if (isTroupeError(error, 'CONFLICT')) return find()
    throw error
  }
}

/** The part of an item among all that have not ended. */
function partFor({ items, outcomes }: MapItems, { index, weight }: ItemPlace): number {
  let own = 0
  let sum = 0
  let count = 0
  for (const [at, item] of items.entries()) {
    if (outcomes[at] && at !== index) continue
    const heavy = weight(item)
    if (typeof heavy !== 'number' || !Number.isFinite(heavy) || heavy < 0) {
      throw invalidBudget(`items.${at}`, `the weight of item ${at} is ${heavy}`, 'give a finite number from 0')
    }
    if (at === index) own = heavy
    sum += heavy
    count++
  }
  return sum > 0 ? own / sum : 1 / count
}

// What is in hand of items that are at work is theirs: a part is of all that the ended ones have not spent.
function partOf({ limit, settled, overrun, children }: BudgetView, part: number): BudgetLimit {
  const share = (of: 'tokens' | 'nanoUsd' | 'ms'): number | null => {
    const most = limit[of]
    if (most === null) return null
    const open = children.reduce((sum, child) => sum + child.settled[of] + child.overrun[of], 0)
    return Math.max(0, Math.floor((most - settled[of] - overrun[of] + open) * part))
  }
  const [tokens, nano, ms] = [share('tokens'), share('nanoUsd'), share('ms')]
  return {
    ...(tokens === null ? {} : { tokens }),
    ...(nano === null ? {} : { costUsd: usdOf(nano) }),
    ...(ms === null ? {} : { ms }),
  }
}

// A field may be there and undefined.
function limitOf({ tokens, costUsd, ms }: WorkflowBudget): BudgetLimit {
  return {
    ...(tokens === undefined ? {} : { tokens }),
    ...(costUsd === undefined ? {} : { costUsd }),
    ...(ms === undefined ? {} : { ms }),
  }
}

// A slash would be a node further down.
function nodeName(step: string): string {
  return step.replaceAll('%', '%25').replaceAll('/', '%2F')
}
