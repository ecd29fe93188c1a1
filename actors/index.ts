export { defineWorkflow } from './define-workflow.ts'
export { degraded } from './degraded.ts'

export type { Workflow } from './define-workflow.ts'
export type { Degraded } from './degraded.ts'
export type { WorkflowOptions } from './workflow-options.ts'
export type { DecisionScope, ItemDecisionScope, ItemScope, OutputScope, StepScope } from './workflow-scope.ts'
