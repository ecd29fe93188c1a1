import type { z } from 'zod'
import type { WorkflowStep } from '../machines/workflow-step.ts'
import type {
  ItemOutcome,
  WORKFLOW_EVENTS,
  WORKFLOW_MESSAGES,
  WorkflowBudget,
  WorkflowOutput,
  WorkflowUsage,
} from '../machines/workflow.contract.ts'
import type { ActorDefinition, ActorOptions } from '../runtime/kernel/definition.ts'
import type { Contract, InputArgumentOf, OutputOf } from '../runtime/protocol/contract.ts'
import type { Duration } from '../runtime/protocol/duration.ts'
import type { Undegraded } from './degraded.ts'
import type { DecisionScope, ItemDecisionScope, ItemScope, StepScope } from './workflow-scope.ts'

/** What a workflow's type knows of a step: its name, its result, and whose results it may read. */
export interface StepShape {
  readonly name: string
  readonly value: unknown
  readonly sees: string
}

type Sees<S extends StepShape, After> = After | Extract<S, { readonly name: After }>['sees']

/** The results a step may read that comes after the steps named: theirs, and those they could read themselves. */
export type ResultsFor<S extends StepShape, After> = {
  readonly [Step in Extract<S, { readonly name: Sees<S, After> }> as Step['name']]: Step['value']
}

/** The steps with one more. */
export type WithStep<S extends StepShape, Name, After, Value, Optional, When> =
  | S
  | {
      readonly name: Name
      readonly value: Undegraded<Awaited<Value>> | Missing<Optional, When>
      readonly sees: Sees<S, After>
    }

// A step without `when` leaves its type parameter at `never`.
type Missing<Optional, When> = Optional extends true ? undefined : [When] extends [never] ? never : undefined

/** What `when` may answer. */
export type Answer = boolean | Promise<boolean>

/** What every kind of step takes. */
export interface StepOptions<After, Optional, W, Input, Results>
  extends Pick<WorkflowStep, 'description' | 'timeout' | 'retries' | 'backoff' | 'budget' | 'idempotent'> {
  /** The steps that must have ended before. */
  readonly after?: After
  /** Its failure does not fail the run: the steps after it find its result undefined. */
  readonly optional?: Optional
  /** Says whether it runs at all. A step that does not is `skipped`, and what comes after it goes on. */
  readonly when?: (scope: DecisionScope<Input, Results>) => W
}

/** A step that is a function. */
export interface TaskOptions<After, Optional, W, Input, Results, Value>
  extends StepOptions<After, Optional, W, Input, Results> {
  readonly run: (scope: StepScope<Input, Results>) => Value
}

/** A step over items. */
export interface MapOptions<After, Optional, W, Input, Results, Item>
  extends StepOptions<After, Optional, W, Input, Results>,
    Pick<WorkflowStep, 'limit' | 'tolerate'> {
  readonly over: (scope: DecisionScope<Input, Results>) => readonly Item[]
}

/** A step that calls a function for each item. */
export interface MapTaskOptions<After, Optional, W, Input, Results, Item, Value>
  extends MapOptions<After, Optional, W, Input, Results, Item> {
  readonly run: (scope: ItemScope<Input, Results, Item>) => Value
  readonly actor?: never
}

/** A step that spawns an actor for each item. */
export interface MapActorOptions<After, Optional, W, Input, Results, Item, C extends Contract>
  extends MapOptions<After, Optional, W, Input, Results, Item> {
  readonly actor: ActorDefinition<C>
  /**
   * The key of an item's actor, as it is. Each item needs its own, or the step fails; an item whose address is taken, by
   * another run for example, fails with CONFLICT. Default: the run's key, the step and the index.
   */
  readonly key?: (scope: ItemDecisionScope<Input, Results, Item>) => string
  readonly input?: (scope: ItemDecisionScope<Input, Results, Item>) => InputArgumentOf<C>
  /** What the actor spent, from what it ended with. */
  readonly usage?: (output: OutputOf<C>) => Partial<WorkflowUsage>
  readonly run?: never
}

/** A step that is another workflow. */
export interface ChildOptions<After, Optional, W, Input, Results, C extends Contract>
  extends StepOptions<After, Optional, W, Input, Results> {
  readonly workflow: ActorDefinition<C>
  /** The child's key, as it is; where the address is taken the step fails. Default: the run's key and the step. */
  readonly key?: (scope: DecisionScope<Input, Results>) => string
  readonly input?: (scope: DecisionScope<Input, Results>) => InputArgumentOf<C>
}

/** The outcomes of a map step, in the order of its items. */
export type MapResult<Value> = readonly ItemOutcome<Undegraded<Awaited<Value>>>[]

/** What `defineWorkflow` takes. */
export interface WorkflowOptions<Schema extends z.ZodType | undefined>
  extends Partial<Pick<ActorOptions<Contract>, 'grants' | 'keepResult' | 'mailbox' | 'durability' | 'migrate'>> {
  readonly input?: Schema
  /** To be raised with each change of the steps: durable runs of other versions are then brought up to these steps. */
  readonly version?: string
  /** New names of steps, by the old ones, for runs that know them by those. */
  readonly renamed?: Readonly<Record<string, string>>
  /** The longest a run may take. */
  readonly timeout?: Duration
  /** What a run may spend; steps get shares of it. */
  readonly budget?: WorkflowBudget
}

/** The input of a workflow as its steps see it. */
export type InputFrom<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined

/** The contract of a workflow. */
export type WorkflowContract<Schema, S extends StepShape, Output> = Contract<
  {
    readonly output: z.ZodType<WorkflowOutput<{ readonly [Step in S as Step['name']]?: Step['value'] }, Output>>
    readonly messages: typeof WORKFLOW_MESSAGES
    readonly emits: typeof WORKFLOW_EVENTS
  } & (Schema extends z.ZodType ? { readonly input: Schema } : unknown)
>
