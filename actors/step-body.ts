import type { WorkflowUsage } from '../machines/workflow.contract.ts'
import type { ActorDefinition } from '../runtime/kernel/definition.ts'
import type { DecisionScope, ItemDecisionScope, ItemScope, OutputScope, StepScope } from './workflow-scope.ts'

type Loose = Readonly<Record<string, unknown>>
type Decision = DecisionScope<unknown, Loose>
type ItemDecision = ItemDecisionScope<unknown, Loose, unknown>

/** The code of one step, its types forgotten: what the runner calls. */
export interface StepBody {
  readonly when: ((scope: Decision) => unknown) | null
  readonly work: StepWork
}

/** What a step does. */
export type StepWork =
  | { readonly kind: 'task'; readonly run: (scope: StepScope<unknown, Loose>) => unknown }
  | { readonly kind: 'map'; readonly over: (scope: Decision) => unknown; readonly each: ItemWork }
  | ({ readonly kind: 'child' } & ActorWork<Decision>)

/** What a map step does to each item. */
export type ItemWork =
  | { readonly kind: 'task'; readonly run: (scope: ItemScope<unknown, Loose, unknown>) => unknown }
  | ({ readonly kind: 'actor' } & ActorWork<ItemDecision>)

/** Work that is an actor's: it is spawned, and what it ends with is the result. */
export interface ActorWork<Scope> {
  readonly definition: ActorDefinition
  readonly key: ((scope: Scope) => string) | null
  readonly input: ((scope: Scope) => unknown) | null
  readonly usage: ((output: never) => Partial<WorkflowUsage>) | null
}

/** The code of a workflow: its steps' by their names, and what makes its output. */
export interface WorkflowBodies {
  readonly steps: ReadonlyMap<string, StepBody>
  readonly output: ((scope: OutputScope<unknown, Loose>) => unknown) | null
}
