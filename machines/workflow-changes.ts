import {
  failureReason,
  hasEnded,
  keptOf,
  type StepRecord,
  type WorkflowContext,
  type WorkflowEvent,
} from './workflow-context.ts'
import { countItems } from './workflow-items.ts'
import type { PlannedStep, WorkflowPlan } from './workflow-step.ts'
import type { ItemOutcome, RunStatus, WorkflowUsage } from './workflow.contract.ts'

/**
 * What can happen to a run, as pure changes of its memory. Each is one assign of the chart and leaves behind in `news`
 * what the chart then announces.
 */

const LONGEST_BACKOFF = 60_000
// So often doubled, a millisecond is longer than the longest: the power itself must stay a number to count with.
const DOUBLINGS = 16

/** Milliseconds before the next attempt at a step. */
export function backoffDelay({ byName }: WorkflowPlan, { steps }: WorkflowContext, name: string): number {
  const attempts = steps[name]?.attempts ?? 1
  return Math.min(LONGEST_BACKOFF, (byName.get(name)?.backoff ?? 0) * 2 ** Math.min(attempts - 1, DOUBLINGS))
}

/** How an attempt at a step ended, as its task tells it. The machine has no clock: the times are the task's. */
export interface StepOutcome {
  readonly status: 'done' | 'degraded' | 'skipped' | 'failed'
  readonly startedAt: number | null
  readonly endedAt: number | null
  readonly reason: string | null
  readonly usage: WorkflowUsage | null
  /** The result. A failed map has one too: the outcomes of its items. */
  readonly value?: unknown
  readonly items?: readonly ItemOutcome[]
  /** True when another attempt cannot do better. */
  readonly final?: boolean
}

// Only what changes: XState lays it over the context.
interface Draft {
  status: RunStatus
  reason: string | null
  startedAt: number | null
  endedAt: number | null
  readonly steps: Record<string, StepRecord>
  open: number
  results: WorkflowContext['results']
  kept: WorkflowContext['kept']
  closed: boolean
  output: unknown
  seq: number
  readonly news: WorkflowEvent[]
}

/** A change of a run's memory: the fields that are different now. */
export type WorkflowChange = Readonly<Draft>

/** An attempt at a step begins. */
export function begin(plan: WorkflowPlan, context: WorkflowContext, name: string, at: number | null): WorkflowChange {
  const draft = draftOf(plan, context, at)
  run(draft, name)
  return draft
}

/** A step ended; `next` is the step that begins with it, if any. */
export function settle(
  plan: WorkflowPlan,
  context: WorkflowContext,
  name: string,
  outcome: StepOutcome,
  next: string | null,
): WorkflowChange {
  const step = plan.byName.get(name) as PlannedStep
  const draft = draftOf(plan, context, outcome.startedAt)
  end(draft, name, outcome)
  if (outcome.status === 'failed') {
    const reason = failureReason(name, outcome.reason)
    worsen(draft, step.optional ? 'degraded' : 'failed', reason)
    if (!step.optional) for (const dependent of step.dependents) skip(draft, dependent, reason)
  } else if (outcome.status === 'degraded') {
    worsen(draft, 'degraded', `'${name}' is degraded: ${outcome.reason}`)
  }
  if (next !== null) run(draft, next)
  if (draft.open === 0 && !mustClose(plan, draft)) finish(draft)
  return draft
}

/** An attempt failed, and another will follow after the delay. */
export function retry(
  plan: WorkflowPlan,
  context: WorkflowContext,
  name: string,
  outcome: StepOutcome,
): WorkflowChange {
  const delay = backoffDelay(plan, context, name)
  const draft = draftOf(plan, context, outcome.startedAt)
  const record = recordOf(draft, name)
  const { reason, usage, items } = outcome
  const startedAt = record.startedAt ?? outcome.startedAt
  draft.steps[name] = { ...record, status: 'retrying', reason, startedAt, usage }
  if (items) draft.kept = { ...draft.kept, [name]: items }
  tell(draft, { type: 'step.retrying', seq: 0, step: name, attempt: record.attempts, reason, delay })
  return draft
}

/** What a step at work has to tell: when it began, how far it is, which items have ended. */
export interface StepProgress {
  readonly startedAt: number
  readonly note: string | null
  readonly usage: WorkflowUsage | null
  /** How many items there are, and those that have ended since the last report, by their index. */
  readonly items: { readonly total: number; readonly ended: readonly (readonly [number, ItemOutcome])[] } | null
}

/** A step told how far it is. That it has begun is no news. */
export function report(
  plan: WorkflowPlan,
  context: WorkflowContext,
  name: string,
  progress: StepProgress,
): WorkflowChange {
  const draft = draftOf(plan, context, progress.startedAt)
  const record = recordOf(draft, name)
  const { note, usage, items } = progress
  if (items) {
    const kept = [...(keptOf(draft, name) ?? Array.from({ length: items.total }, () => null))]
    for (const [index, outcome] of items.ended) kept[index] = outcome
    draft.kept = { ...draft.kept, [name]: kept }
  }
  const count = items ? countItems(keptOf(draft, name) ?? []) : record.items
  const startedAt = record.startedAt ?? progress.startedAt
  const since = progress.startedAt
  draft.steps[name] = { ...record, startedAt, since, note: note ?? record.note, usage, items: count }
  const isNews = note !== null || (items?.ended.length ?? 0) > 0 || usage?.tokens !== record.usage?.tokens
  if (isNews) tell(draft, { type: 'step.progress', seq: 0, step: name, items: count, note, usage })
  return draft
}

/** Everything that has not ended is cancelled; what is finished stays. */
export function cancel(
  context: WorkflowContext,
  status: 'cancelled' | 'failed',
  reason: string,
): WorkflowChange | WorkflowContext {
  if (context.open === 0) return context
  // If nothing was told yet, the closing work tells the beginning, with the time.
  const draft = copyOf(context, null)
  worsen(draft, status, reason)
  for (const [name, record] of Object.entries(draft.steps)) {
    if (hasEnded(record.status)) continue
    const items = keptOf(draft, name)?.map((item): ItemOutcome => item ?? { status: 'cancelled', reason })
    if (items) keepResult(draft, name, items)
    draft.steps[name] = {
      ...record,
      status: 'cancelled',
      reason,
      items: items ? countItems(items) : record.items,
    }
    draft.open--
  }
  return draft
}

/** The closing work is not waited for any more: the results stand, the output is given up. */
export function interrupt(context: WorkflowContext, status: 'cancelled' | 'failed', reason: string): WorkflowChange {
  const draft = copyOf(context, null)
  worsen(draft, status, reason)
  return draft
}

/** The closing work is done: it knows the time, and what the results came to. */
export function close(plan: WorkflowPlan, context: WorkflowContext, closing: Closing): WorkflowChange {
  const { at, output, reason } = closing
  const draft = draftOf(plan, context, at)
  draft.closed = true
  draft.output = output
  draft.endedAt = at
  if (reason !== undefined) worsen(draft, 'failed', `its output failed: ${reason}`)
  for (const [name, record] of Object.entries(draft.steps)) {
    if (record.status === 'cancelled' && record.attempts > 0) draft.steps[name] = { ...record, endedAt: at }
  }
  finish(draft)
  return draft
}

/** What the closing work tells. */
export interface Closing {
  readonly at: number
  readonly output?: unknown
  /** Why there is no output. */
  readonly reason?: string
}

/** How a run ends: as it stands, unless the closing work fails. */
export function closingStatus({ status }: WorkflowContext, closing: Closing | undefined): RunStatus {
  return closing?.reason !== undefined && RANK[status] < RANK.failed ? 'failed' : status
}

/** Whether there is closing work: an output to make, or cancelled steps, of which only a clock knows when they ended. */
export function mustClose(plan: WorkflowPlan, run: Pick<WorkflowContext, 'status' | 'closed' | 'steps'>): boolean {
  const { status, closed, steps } = run
  if (closed) return false
  if (plan.output && (status === 'completed' || status === 'degraded')) return true
  return Object.values(steps).some((step) => step.status === 'cancelled')
}

// The machine has no clock: that the run has begun is told with the first time that comes in.
function draftOf(plan: WorkflowPlan, context: WorkflowContext, at: number | null): Draft {
  const draft = copyOf(context, at)
  if (draft.seq > 0) return draft
  tell(draft, { type: 'workflow.started', seq: 0, startedAt: draft.startedAt })
  for (const step of plan.steps) {
    const { attempts } = recordOf(draft, step.name)
    if (attempts > 0) tell(draft, { type: 'step.started', seq: 0, step: step.name, attempt: attempts })
  }
  return draft
}

function copyOf(context: WorkflowContext, at: number | null): Draft {
  const { status, reason, endedAt, open, results, kept, closed, output, seq } = context
  const startedAt = context.startedAt ?? at
  const steps = { ...context.steps }
  return { status, reason, startedAt, endedAt, steps, open, results, kept, closed, output, seq, news: [] }
}

function recordOf(draft: Draft, name: string): StepRecord {
  return draft.steps[name] as StepRecord
}

function tell(draft: Draft, event: { type: string; seq: number; [field: string]: unknown }): void {
  event.seq = ++draft.seq
  draft.news.push(event)
}

function run(draft: Draft, name: string): void {
  const { startedAt, attempts, usage, items } = recordOf(draft, name)
  const attempt = attempts + 1
  const fresh = { since: null, endedAt: null, reason: null, note: null }
  draft.steps[name] = { status: 'running', attempts: attempt, startedAt, ...fresh, usage, items }
  tell(draft, { type: 'step.started', seq: 0, step: name, attempt })
}

function finish(draft: Draft): void {
  let last = draft.startedAt ?? 0
  for (const name in draft.steps) last = Math.max(last, draft.steps[name]?.endedAt ?? 0)
  draft.endedAt ??= last
  const { status, reason, endedAt } = draft
  tell(draft, { type: 'workflow.completed', seq: 0, status, reason, endedAt })
}

const EVENT_OF = { done: 'step.completed', degraded: 'step.degraded', skipped: 'step.skipped', failed: 'step.failed' }

function end(draft: Draft, name: string, outcome: StepOutcome): void {
  const { status, reason, endedAt, usage, items } = outcome
  const record = recordOf(draft, name)
  const startedAt = record.startedAt ?? outcome.startedAt
  const { attempts, note } = record
  const count = items ? countItems(items) : record.items
  draft.steps[name] = { status, attempts, startedAt, since: null, endedAt, reason, note, usage, items: count }
  draft.open--
  if ('value' in outcome) keepResult(draft, name, outcome.value)
  if (status === 'skipped') return tell(draft, { type: 'step.skipped', seq: 0, step: name, reason })
  const type = EVENT_OF[status]
  if (reason === null) tell(draft, { type, seq: 0, step: name, startedAt, endedAt, attempts, usage })
  else tell(draft, { type, seq: 0, step: name, startedAt, endedAt, attempts, usage, reason })
}

function skip(draft: Draft, name: string, reason: string): void {
  const record = recordOf(draft, name)
  if (record.status !== 'waiting') return
  draft.steps[name] = { ...record, status: 'skipped', reason }
  draft.open--
  tell(draft, { type: 'step.skipped', seq: 0, step: name, reason })
}

function keepResult(draft: Draft, name: string, value: unknown): void {
  draft.results = { ...draft.results, [name]: value }
  if (!Object.hasOwn(draft.kept, name)) return
  const { [name]: _, ...kept } = draft.kept
  draft.kept = kept
}

const RANK: Readonly<Record<RunStatus, number>> = { completed: 0, degraded: 1, failed: 2, cancelled: 3 }

// The worst that happened decides, and of that the first.
function worsen(draft: Draft, status: RunStatus, reason: string): void {
  if (RANK[status] <= RANK[draft.status]) return
  draft.status = status
  draft.reason = reason
}
