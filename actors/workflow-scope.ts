import type { StepView, WorkflowBudget, WorkflowUsage } from '../machines/workflow.contract.ts'
import type { Budget } from './budget-client.ts'
import type { Hands } from '../runtime/kernel/hands.ts'

/** What the function of a step is given. Take out by name what is needed: a copy by `...` is empty. */
export interface StepScope<Input, Results>
  extends Pick<Hands, 'owner' | 'principal' | 'clock' | 'random' | 'spawn' | 'ref'> {
  readonly input: Input
  /** The results of the steps it comes after, near and far. */
  readonly results: Results
  /** Counts the attempts, from 1. */
  readonly attempt: number
  /** The same for every attempt at this step, and at this item, in whatever process: to be carried outward. */
  readonly idempotencyKey: string
  /** Its share of the run's budget; null when the workflow has none. */
  readonly budget: WorkflowBudget | null
  /**
   * The node of the run's budget that is the step's, to reserve from and settle in; it is opened by the first who asks, and
   * closed with the step. Null when the workflow has no budget.
   */
  budgetNode(): Promise<Budget | null>
  /** Aborted when the step is no longer wanted: it took too long, or the run was cancelled. */
  readonly signal: AbortSignal
  /** Says how far it is; what is said in one turn of the event loop goes out as one event. */
  progress(note: string): void
  /** Adds to what the step has spent. */
  spend(usage: Partial<WorkflowUsage>): void
}

/** What is known before a step has begun: enough to decide, and pure, so that it can be asked again. */
export interface DecisionScope<Input, Results> {
  readonly input: Input
  readonly results: Results
  readonly budget: WorkflowBudget | null
}

/** What one item of a map step is given. */
export interface ItemScope<Input, Results, Item> extends StepScope<Input, Results> {
  readonly item: Item
  readonly index: number
  /**
   * A node for the item alone. It gets its part, by weight, of what those items have not spent that have ended; the same
   * for all without a weight.
   */
  budgetNode(weight?: (item: Item) => number): Promise<Budget | null>
}

/** What is known of one item before its actor is there. */
export interface ItemDecisionScope<Input, Results, Item> extends DecisionScope<Input, Results> {
  readonly item: Item
  readonly index: number
  readonly items: readonly Item[]
}

/** What the workflow's output is made of. */
export interface OutputScope<Input, Results> {
  readonly input: Input
  readonly results: Results
  readonly steps: readonly StepView[]
}
