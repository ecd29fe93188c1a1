import type { StepOutcome } from './workflow-changes.ts'
import { keptOf, type WorkflowContext } from './workflow-context.ts'
import { closeItems, judgeItems } from './workflow-items.ts'
import type { PlannedStep } from './workflow-step.ts'
import type { ItemOutcome } from './workflow.contract.ts'

/** What a step comes to whose attempt took too long. What its items have finished is kept, and may be enough. */
export function lateness(context: WorkflowContext, step: PlannedStep): StepOutcome {
  const record = context.steps[step.name]
  const since = record?.since ?? null
  const timeout = step.timeout ?? 0
  const late = `timed out after ${lengthOf(timeout)}`
  const times = { startedAt: since, endedAt: since === null ? null : since + timeout, usage: record?.usage ?? null }
  const items = itemsOf(context, step, late)
  if (!items) return { status: 'failed', reason: late, ...times }
  const { status, reason } = judgeItems(items, step.tolerate)
  if (status === 'failed') return { status, reason: late, ...times, value: items, items }
  return { status: 'degraded', reason: reason ?? late, ...times, value: items, items }
}

/** True when what a late map step has finished is worth going on with. */
export function hasEnoughItems(context: WorkflowContext, step: PlannedStep): boolean {
  const items = itemsOf(context, step, '')
  return items !== null && judgeItems(items, step.tolerate).status !== 'failed'
}

function itemsOf(context: WorkflowContext, { name }: PlannedStep, reason: string): readonly ItemOutcome[] | null {
  const kept = keptOf(context, name)
  return kept ? closeItems(kept, reason) : null
}

/** A length of time as people write it. */
export function lengthOf(ms: number): string {
  if (ms < 1_000) return `${ms} ms`
  return ms < 60_000 ? `${ms / 1_000} s` : `${ms / 60_000} min`
}
