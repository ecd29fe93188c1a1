export { planWorkflow } from './workflow-plan.ts'
export { workflowMachine } from './workflow.machine.ts'

export type { PlannedStep, Tolerance, WorkflowPlan, WorkflowSettings, WorkflowStep } from './workflow-step.ts'
export type { RunnerCommand } from './workflow.machine.ts'
export type {
  ItemCount,
  ItemOutcome,
  RunStatus,
  StepStatus,
  StepView,
  WorkflowBudget,
  WorkflowOutput,
  WorkflowUsage,
  WorkflowView,
} from './workflow.contract.ts'
