export { supervisorContract } from './supervisor.contract.ts'
export { planWorkflow } from './workflow-plan.ts'
export { supervisorMachine } from './supervisor.machine.ts'
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
export type { SupervisorPlan } from './supervisor.machine.ts'
export type {
  AgentAnswer,
  AgentEntry,
  AgentFailure,
  AgentRequest,
  AgentScope,
  SupervisorAnswer,
} from './supervisor.contract.ts'
