import type { KeptItems } from './workflow-context.ts'
import type { Tolerance } from './workflow-step.ts'
import type { ItemCount, ItemOutcome } from './workflow.contract.ts'

/** What a map step comes to. */
export interface MapVerdict {
  readonly status: 'done' | 'degraded' | 'failed'
  readonly reason: string | null
}

/** What the outcomes of its items make of a map step. */
export function judgeItems(items: readonly ItemOutcome[], tolerate: Tolerance): MapVerdict {
  let first: string | null = null
  let degraded = 0
  let lost = 0
  for (const item of items) {
    if (item.status === 'done') continue
    first ??= item.reason
    if (item.status === 'degraded') degraded++
    else lost++
  }
  if (lost > 0 && tolerate !== 'all') {
    const reason = `${lost} of ${items.length} items failed: ${first}`
    return { status: tolerate === 'some' && lost < items.length ? 'degraded' : 'failed', reason }
  }
  if (degraded === 0) return { status: 'done', reason: null }
  return { status: 'degraded', reason: `${degraded} of ${items.length} items are degraded: ${first}` }
}

/** How many items have ended, and how. */
export function countItems(items: KeptItems): ItemCount {
  let done = 0
  let failed = 0
  for (const item of items) {
    if (item === null) continue
    if (item.status === 'failed' || item.status === 'cancelled') failed++
    else done++
  }
  return { done, failed, total: items.length }
}

/** The outcomes of all items of a step that was cut off: those that have none were cancelled. */
export function closeItems(items: KeptItems, reason: string): readonly ItemOutcome[] {
  return items.map((item) => item ?? { status: 'cancelled', reason })
}
