import type { Duration } from '../runtime/protocol/duration.ts'
import type { WorkflowBudget } from './workflow.contract.ts'

/** What failed items do to a map step: each fails it, they degrade it while some item is done, or they are let pass. */
export type Tolerance = 'none' | 'some' | 'all'

/** One step of a workflow as plain data: what a chart needs to know of it. */
export interface WorkflowStep {
  readonly name: string
  /** Default `task`. */
  readonly kind?: 'task' | 'map' | 'child'
  readonly description?: string
  /** The steps that must have ended before. */
  readonly after?: readonly string[]
  /** Its failure does not fail the run. */
  readonly optional?: boolean
  /** It may decide not to run. */
  readonly conditional?: boolean
  /** The longest one attempt may take. */
  readonly timeout?: Duration
  /** How often it is tried again after a failure. Default 0. */
  readonly retries?: number
  /** The wait before the first retry; it doubles with each, up to a minute. Default 0. */
  readonly backoff?: Duration
  /**
   * Whether it may be run again when it was cut off with its process. Default: it may not, and the attempt has failed:
   * its retries decide. Of a durable workflow.
   */
  readonly idempotent?: boolean
  /** Its share of the run's budget, from 0 to 1. Default 0: none. */
  readonly budget?: number
  /** How many items of a map are at work at once. Default 10. */
  readonly limit?: number
  /** Default `some`. */
  readonly tolerate?: Tolerance
}

/** What a workflow has beside its steps. */
export interface WorkflowSettings {
  readonly version?: string
  /** The longest the whole run may take. */
  readonly timeout?: Duration
  readonly budget?: WorkflowBudget
  /** Whether a value is made of the results at the end. */
  readonly output?: boolean
  /** Whether runs outlive their process. */
  readonly durable?: boolean
}

/** A step with everything decided. */
export interface PlannedStep {
  readonly name: string
  readonly kind: 'task' | 'map' | 'child'
  readonly description: string | null
  readonly after: readonly string[]
  readonly optional: boolean
  readonly conditional: boolean
  readonly timeout: number | null
  readonly retries: number
  readonly backoff: number
  readonly idempotent: boolean
  readonly budget: WorkflowBudget | null
  readonly limit: number
  readonly tolerate: Tolerance
  /** The steps that cannot run without it, near and far. */
  readonly dependents: readonly string[]
}

/** A workflow with everything decided, ready to be compiled. */
export interface WorkflowPlan {
  readonly name: string
  readonly version: string | null
  readonly timeout: number | null
  /** What a whole run may spend. */
  readonly budget: WorkflowBudget | null
  readonly output: boolean
  readonly durable: boolean
  /** Dependencies first. */
  readonly steps: readonly PlannedStep[]
  readonly byName: ReadonlyMap<string, PlannedStep>
  /** Chains of steps: each depends on the one before it. Every step is in one. */
  readonly lanes: readonly (readonly PlannedStep[])[]
}
