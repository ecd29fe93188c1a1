import type { PlannedStep, WorkflowPlan } from './workflow-step.ts'
import type {
  ItemCount,
  ItemOutcome,
  RunStatus,
  StepStatus,
  StepView,
  WorkflowOutput,
  WorkflowUsage,
  WorkflowView,
} from './workflow.contract.ts'

/** What a run knows of one step. */
export interface StepRecord {
  readonly status: StepStatus
  readonly attempts: number
  readonly startedAt: number | null
  /** When the attempt at work began, once it has said so. */
  readonly since: number | null
  readonly endedAt: number | null
  readonly reason: string | null
  readonly note: string | null
  readonly usage: WorkflowUsage | null
  readonly items: ItemCount | null
}

/** An event of a run, numbered. */
export interface WorkflowEvent {
  readonly type: string
  readonly seq: number
  readonly [field: string]: unknown
}

/** What the items of an unfinished map step have come to; null for those that have not ended. */
export type KeptItems = readonly (ItemOutcome | null)[]

/** The memory of a run, as JSON: with it a run can be taken up where it was, and nothing finished is done twice. */
export interface WorkflowContext {
  readonly input: unknown
  /** How the run ends if nothing worse happens. */
  readonly status: RunStatus
  readonly reason: string | null
  readonly startedAt: number | null
  readonly endedAt: number | null
  readonly steps: Readonly<Record<string, StepRecord>>
  /** Steps that have not ended. */
  readonly open: number
  readonly results: Readonly<Record<string, unknown>>
  readonly kept: Readonly<Record<string, KeptItems>>
  /** Set once the closing work is done. */
  readonly closed: boolean
  readonly output: unknown
  readonly seq: number
  /** The events of the last transition. */
  readonly news: readonly WorkflowEvent[]
  /** The versions of its workflow that it has left behind; a run that was never brought up has none. */
  readonly past?: readonly string[]
}

/** What a run knows of a step that has not begun. */
export const WAITING: StepRecord = Object.freeze({
  status: 'waiting',
  attempts: 0,
  startedAt: null,
  since: null,
  endedAt: null,
  reason: null,
  note: null,
  usage: null,
  items: null,
})

const BEGUN: StepRecord = Object.freeze({ ...WAITING, status: 'running', attempts: 1 })

// It runs as soon as the run begins.
function startsAtOnce({ after, conditional }: PlannedStep): boolean {
  return after.length === 0 && !conditional
}

/** The memory of a run that begins. */
export function initialContext(plan: WorkflowPlan, input: unknown): WorkflowContext {
  return {
    input,
    status: 'completed',
    reason: null,
    startedAt: null,
    endedAt: null,
    steps: Object.fromEntries(plan.steps.map((step) => [step.name, startsAtOnce(step) ? BEGUN : WAITING])),
    open: plan.steps.length,
    results: {},
    kept: {},
    closed: false,
    output: undefined,
    seq: 0,
    news: [],
  }
}

/** What the items of an unfinished map step have come to; null for a step that has told nothing of items. */
export function keptOf({ kept }: Pick<WorkflowContext, 'kept'>, name: string): KeptItems | null {
  // A step may be named like what every object inherits.
  return Object.hasOwn(kept, name) ? (kept[name] as KeptItems) : null
}

/** True for a status in which a step rests for good. */
export function hasEnded(status: StepStatus): boolean {
  return status !== 'waiting' && status !== 'running' && status !== 'retrying'
}

/** Why a step is skipped that comes after one that failed, and why the run has failed. */
export function failureReason(name: string, reason: string | null): string {
  return `'${name}' failed: ${reason}`
}

/** True for a step that was skipped because one before it had failed: it was wanted. */
export function isMissed({ status, reason }: StepRecord): boolean {
  return status === 'skipped' && /^'[^']+' failed: /.test(reason ?? '')
}

/** True when all the steps before it have ended. */
export function isReady({ steps }: Pick<WorkflowContext, 'steps'>, { after }: PlannedStep): boolean {
  return after.every((name) => hasEnded(steps[name]?.status ?? 'waiting'))
}

/** The steps as plain data, in the order of the plan. */
export function viewSteps(plan: WorkflowPlan, context: WorkflowContext): StepView[] {
  return plan.steps.map(({ name, description, optional, budget }) => {
    const record = context.steps[name] as StepRecord
    return {
      name,
      description,
      optional,
      status: record.status,
      attempts: record.attempts,
      startedAt: record.startedAt,
      endedAt: record.endedAt,
      reason: record.reason,
      note: record.note,
      budget,
      usage: record.usage,
      items: record.items,
    }
  })
}

/** The answer to `workflow.status`. */
export function viewRun(plan: WorkflowPlan, context: WorkflowContext): WorkflowView {
  const { endedAt, status, reason, startedAt, seq } = context
  return { status: endedAt === null ? 'running' : status, reason, startedAt, seq, steps: viewSteps(plan, context) }
}

/** What the run ends with. */
export function outputOf(plan: WorkflowPlan, context: WorkflowContext): WorkflowOutput {
  const { status, reason, results, startedAt, endedAt, closed, output } = context
  const hasOutput = plan.output && closed && (status === 'completed' || status === 'degraded')
  const steps = viewSteps(plan, context)
  return { status, reason, results, steps, ...(hasOutput ? { output } : {}), startedAt, endedAt }
}
