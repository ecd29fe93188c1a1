import type { StepOutcome, StepProgress } from '../machines/workflow-changes.ts'
import type { WorkflowContext } from '../machines/workflow-context.ts'
import type { PlannedStep } from '../machines/workflow-step.ts'
import type { ItemOutcome } from '../machines/workflow.contract.ts'
import { type ActorSite, stopActors } from './actor-work.ts'
import { closeNodes, type MapItems, type RunAccount, type StepNodes } from './step-budget.ts'
import type { Hands } from '../runtime/kernel/hands.ts'

/** One attempt at a step: what it was given, what it has to report, and how to call it off. */
export interface StepJob extends ActorSite {
  readonly step: PlannedStep
  readonly context: WorkflowContext
  readonly hands: Hands
  readonly startedAt: number
  controller: AbortController | null
  note: string | null
  /** How many items there are; null when it is no map. */
  total: number | null
  ended: (readonly [number, ItemOutcome])[] | null
  /** Whether there is something to report. That it began is. */
  changed: boolean
  /** Null when the run has no budget. */
  readonly account: RunAccount | null
  /** The nodes that were opened for the step and its items. */
  nodes: StepNodes | null
  /** The items of a map, and what they have come to; null when it is no map. */
  map: MapItems | null
  readonly reportLater: () => void
}

/** Makes the job of one attempt. */
export function createStepJob(
  hands: Hands,
  step: PlannedStep,
  { context, account, reportLater }: Pick<StepJob, 'context' | 'account' | 'reportLater'>,
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
    account,
    nodes: null,
    map: null,
    reportLater,
  }
}

/** Calls a job off: its signal aborts, its actors stop. */
export function abortJob(job: StepJob, reason: string): void {
  if (!job.open) return
  if (!mayTryAgain(job)) closeNodes(job)
  stopActors(job)
  job.controller?.abort(new Error(reason))
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

/** The signal of a job. Few steps look at it, and an AbortController is dear: it is made for who does. */
export function signalOf(job: StepJob): AbortSignal {
  job.controller ??= new AbortController()
  if (!job.open && !job.controller.signal.aborted) job.controller.abort(new Error(`'${job.step.name}' has ended`))
  return job.controller.signal
}

/** True when the step is tried again if this attempt fails. */
export function mayTryAgain({ context, step }: StepJob): boolean {
  return (context.steps[step.name]?.attempts ?? 1) <= step.retries
}
