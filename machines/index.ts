export { supervisorContract } from './supervisor.contract.ts'
export { planWorkflow } from './workflow-plan.ts'
export { supervisorMachine } from './supervisor.machine.ts'
export { workflowMachine } from './workflow.machine.ts'
export { agentContract } from './agent.contract.ts'
export { agentMachine } from './agent.machine.ts'
export { breakerContract } from './breaker.contract.ts'
export { breakerMachine } from './breaker.machine.ts'
export { budgetContract } from './budget.contract.ts'
export { budgetMachine } from './budget.machine.ts'
export { degrade, DEGRADATION_LADDER, needOf } from './degradation.ts'
export { idempotencyContract } from './idempotency.contract.ts'
export { idempotencyMachine } from './idempotency.machine.ts'
export { limiterContract } from './limiter.contract.ts'
export { limiterMachine } from './limiter.machine.ts'
export { evidenceConsensus } from './evidence-consensus.ts'
export { evidenceContract } from './evidence.contract.ts'
export { evidenceDistance } from './evidence-distance.ts'
export { declareFields, fieldOfSchema } from './evidence-field.ts'
export { FAILURE_RULES } from './model-failure.ts'
export { addModelUsage, NO_USAGE, tokensOf } from './model-usage.ts'
export { nanoUsd, usdOf } from './nano-usd.ts'
export { planContract } from './plan-rules.contract.ts'
export { applyCalibration, buildCalibration, expectedCalibrationError } from './calibration.ts'
export { learnVoteWeights, weighVotes } from './calibration-votes.ts'
export { chooseModel } from './model-choice.ts'
export { modelCallContract } from './model-call.contract.ts'
export { modelCallMachine } from './model-call.machine.ts'
export { retrierContract } from './retrier.contract.ts'
export { retrierMachine } from './retrier.machine.ts'
export { nextDelay } from './retry-policy.ts'
export { toolCallContract } from './tool-call.contract.ts'
export { toolCallMachine } from './tool-call.machine.ts'

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
export type { BreakerState, BreakerView } from './breaker.contract.ts'
export type { BudgetAmount, BudgetLimit } from './budget-amount.ts'
export type { BudgetRefusal, BudgetView } from './budget.contract.ts'
export type { CalibrationSample, CalibrationTable } from './calibration.ts'
export type { LabelledVotes, MemberVotes, VoteWeights, WeighedVotes } from './calibration-votes.ts'
export type {
  Degradation,
  DegradationAsk,
  DegradationOptions,
  DegradationRung,
  DegradationStep,
  TierRate,
} from './degradation.ts'
export type { LimiterView } from './limiter.contract.ts'
export type {
  CallDegradation,
  CallDeadlines,
  ModelAttempt,
  ModelCallInput,
  ModelCallResult,
} from './model-call.contract.ts'
export type { ModelDecision, ModelTask, RankedModel, RefusedModel, TaskComplexity } from './model-choice.ts'
export type { FinishReason, ModelChunk, RateLimits, WantedTool } from './model-chunk.ts'
export type { CallFailure, FailureCategory, FailureRule } from './model-failure.ts'
export type { ModelCapabilities, ModelInfo, ModelTier } from './model-info.ts'
export type { JsonSchema, MessagePart, ModelMessage, ModelRequest, ToolSpec } from './model-request.ts'
export type { ModelUsage } from './model-usage.ts'
export type { NanoUsd } from './nano-usd.ts'
export type { PlanAction, PlanRule } from './plan-rules.ts'
export type { PlanCondition, PlanOperator } from './plan-condition.ts'
export type { Plan, PlanRequest } from './plan-rules.contract.ts'
export type { RetryPolicy } from './retry-policy.ts'
export type { ToolAttempt, ToolCallOutput } from './tool-call.contract.ts'
export type { ToolRunState } from './tool-bounds.ts'
export type { EvidenceBundle, EvidenceEvent, EvidenceReplicate, EvidenceSummary } from './evidence.contract.ts'
export type { CallChunk } from './model-call.contract.ts'
export type { EvidenceField, EvidenceFieldOptions } from './evidence-field.ts'
export type { AgentCall, AgentChunk, AgentPrompt, AgentQuestion, AgentResult } from './agent.contract.ts'
