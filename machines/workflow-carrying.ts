import {
  failureReason,
  hasEnded,
  isMissed,
  type StepRecord,
  WAITING,
  type WorkflowContext,
} from './workflow-context.ts'
import type { WorkflowPlan } from './workflow-step.ts'

/** The memory of a run under another list of steps. */
export interface Carried {
  readonly context: WorkflowContext
  /** Names, in the plan, of the steps that the run had. */
  readonly known: ReadonlySet<string>
  /** Steps that cannot begin any more, and what keeps them. */
  readonly blocked: ReadonlyMap<string, Loss>
}

/** A step that has failed, or was skipped for a failure before it: what comes after it cannot begin. */
export interface Loss {
  readonly name: string
  readonly reason: string
}

/**
 * Carries the memory of a run over to a plan. Steps that the plan does not have are forgotten with their results. A step
 * that is new waits, unless the run has been stopped, or a step before it has failed.
 */
export function carryOver(plan: WorkflowPlan, old: WorkflowContext, nameOf: (old: string) => string): Carried {
  const { results, kept } = old
  const own = renameKeys(old.steps, nameOf)
  const known = new Set(plan.steps.map(({ name }) => name).filter((name) => own.has(name)))
  const blocked = lossesOf(plan, old, own)
  const rest = restingRecord(old)
  const steps = plan.steps.map(({ name, kind }): [string, StepRecord] => {
    const record = own.get(name) ?? WAITING
    const loss = blocked.get(name)
    if (record.status !== 'waiting') return [name, kind === 'map' ? record : { ...record, items: null }]
    if (rest) return [name, rest]
    return [name, loss ? { ...record, status: 'skipped', reason: loss.reason } : record]
  })
  const isMap = (name: string): boolean => plan.byName.get(name)?.kind === 'map'
  const context = {
    ...old,
    steps: Object.fromEntries(steps),
    open: steps.filter(([, { status }]) => !hasEnded(status)).length,
    results: Object.fromEntries([...renameKeys(results, nameOf)].filter(([name]) => known.has(name))),
    kept: Object.fromEntries([...renameKeys(kept, nameOf)].filter(([name]) => known.has(name) && isMap(name))),
    news: [],
  }
  return { context, known, blocked }
}

function renameKeys<T>(record: Readonly<Record<string, T>>, nameOf: (old: string) => string): Map<string, T> {
  return new Map(Object.entries(record).map(([name, value]) => [nameOf(name), value]))
}

// Where the whole run has not failed, what failed was optional, whatever it would be now.
function lossesOf(
  plan: WorkflowPlan,
  { status }: WorkflowContext,
  own: ReadonlyMap<string, StepRecord>,
): ReadonlyMap<string, Loss> {
  if (status !== 'failed') return new Map()
  const blocked = new Map<string, Loss>()
  for (const { name, optional, dependents } of plan.steps) {
    const record = own.get(name)
    const isFailed = record?.status === 'failed' && !optional
    if (!record || !(isFailed || isMissed(record))) continue
    const reason = isFailed ? failureReason(name, record.reason) : (record.reason ?? '')
    for (const each of dependents) if (!blocked.has(each)) blocked.set(each, { name, reason })
  }
  return blocked
}

// What has been cancelled, or has failed with all steps at their end, is only to be closed.
function restingRecord({ status, reason, open, steps }: WorkflowContext): StepRecord | null {
  const isStopped = open === 0 && (status === 'cancelled' || status === 'failed')
  if (!isStopped && Object.values(steps).every((step) => step.status !== 'cancelled')) return null
  return { ...WAITING, status: 'cancelled', reason }
}
