import type { StepOutcome, StepProgress } from '../machines/workflow-changes.ts'
import type { WorkflowContext } from '../machines/workflow-context.ts'
import type { PlannedStep } from '../machines/workflow-step.ts'
import type { ItemOutcome, WorkflowUsage } from '../machines/workflow.contract.ts'
import type { Hands } from '../runtime/kernel/hands.ts'
import type { Ref } from '../runtime/kernel/ref.ts'

/** One attempt at a step: what it was given, what it has to report, and how to call it off. */
export interface StepJob {
  readonly step: PlannedStep
  readonly context: WorkflowContext
  readonly hands: Hands
  readonly startedAt: number
  /** False once the attempt has ended or was called off; what it says afterwards counts for nothing. */
  open: boolean
  /** Actors at work for it. */
  actors: Set<Ref> | null
  controller: AbortController | null
  usage: WorkflowUsage | null
  note: string | null
  /** How many items there are; null when it is no map. */
  total: number | null
  ended: (readonly [number, ItemOutcome])[] | null
  /** Whether there is something to report. That it began is. */
  changed: boolean
  readonly reportLater: () => void
}

/** Makes the job of one attempt. */
export function createStepJob(
  hands: Hands,
  step: PlannedStep,
  context: WorkflowContext,
  reportLater: () => void,
): StepJob {
  return {
    step,
    context,
    hands,
    startedAt: hands.clock.now(),
    open: true,
    actors: null,
    controller: null,
    usage: context.steps[step.name]?.usage ?? null,
    note: null,
    total: null,
    ended: null,
    changed: true,
    reportLater,
  }
}

/** Calls a job off: its signal aborts, its actors stop. */
export function abortJob(job: StepJob, reason: string): void {
  if (!job.open) return
  job.open = false
  job.controller?.abort(new Error(reason))
  for (const ref of job.actors ?? []) void ref.stop()
}

/** What the job has to tell since it was last asked. */
export function takeProgress(job: StepJob): StepProgress {
  const { startedAt, note, usage, total, ended } = job
  job.changed = false
  job.note = null
  job.ended = null
  return { startedAt, note, usage, items: total === null ? null : { total, ended: ended ?? [] } }
}

/** Notes something to report. */
export function change(job: StepJob): void {
  if (!job.open || job.changed) return
  job.changed = true
  job.reportLater()
}

/** How an attempt ended, with the times. */
export function outcomeOf(
  job: StepJob,
  status: StepOutcome['status'],
  reason: string | null,
  more: Pick<StepOutcome, 'value' | 'items' | 'final'> = {},
): StepOutcome {
  return { status, startedAt: job.startedAt, endedAt: job.hands.clock.now(), reason, usage: job.usage, ...more }
}

/** Adds to what the job has spent. */
export function addUsage(job: StepJob, { tokens = 0, costUsd = 0 }: Partial<WorkflowUsage>): void {
  job.usage = { tokens: (job.usage?.tokens ?? 0) + tokens, costUsd: (job.usage?.costUsd ?? 0) + costUsd }
}

/** The signal of a job. Few steps look at it, and an AbortController is dear: it is made for who does. */
export function signalOf(job: StepJob): AbortSignal {
  job.controller ??= new AbortController()
  if (!job.open && !job.controller.signal.aborted) job.controller.abort(new Error(`'${job.step.name}' has ended`))
  return job.controller.signal
}
