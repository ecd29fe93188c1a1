import {
  type EvidenceAmount,
  type EvidenceContext,
  type EvidencePlan,
  isAgreed,
  isSpent,
  runningOf,
} from './evidence-context.ts'
import { evidenceDistance } from './evidence-distance.ts'
import { confidenceOf, evidenceBundle } from './evidence-result.ts'
import type { EvidenceEvent, EvidencePair, EvidenceReason, ReplicateOutcome } from './evidence.contract.ts'

/** What can happen to a bundle, as pure changes of its memory. Events that others hear of are appended to `events`. */

type Change = EvidenceContext
// An event before it has its number and time.
type Fact = EvidenceEvent extends infer E ? (E extends unknown ? Omit<E, 'seq' | 'at'> : never) : never

// The budget counts as low below these: then two answers have to do.
const LOW_TOKENS = 1_000
const LOW_NANO_USD = 50_000_000
/** How many are started at once, and needed to compare any. */
export const PAIR = 2

/** It begins: with fewer replicates where the budget is low, with none where it does not cover two. */
export function opened(
  context: EvidenceContext,
  plan: EvidencePlan,
  { at, left }: { readonly at: number; readonly left: EvidenceAmount },
): Change {
  const { k, epsilon, input } = context
  const begun = note({ ...context, startedAt: at, at }, { type: 'tool_started', task: input.task, k, epsilon })
  const bounds = { tokens: lower(plan.limit.tokens, left.tokens), nanoUsd: lower(plan.limit.nanoUsd, left.nanoUsd) }
  const planned = affordable(k, bounds, plan.estimate)
  if (context.calledOff !== null) return stopped(begun, 'cancelled', context.calledOff)
  if (planned < PAIR) return stopped(begun, 'budget', 'the budget does not cover two replicates')
  if (planned === k) return begun
  const degradations = [{ rung: 'fewer_replicates', before: k, after: planned }] as const
  return warn({ ...begun, planned, degradations }, `the budget is low: ${planned} replicates instead of ${k}`)
}

/** It cannot begin. */
export function refused(
  context: EvidenceContext,
  { at, reason, message }: { readonly at: number; readonly reason: EvidenceReason; readonly message: string },
): Change {
  const { k, epsilon, input } = context
  const begun = note({ ...context, startedAt: at, at }, { type: 'tool_started', task: input.task, k, epsilon })
  return stopped(begun, reason, message)
}

/** Replicates are started, up to this many in all. */
export function started(context: EvidenceContext, most: number): Change {
  let next = context
  while (next.replicates.length < most) {
    const id = `r${next.replicates.length + 1}`
    const replicate = { id, startedAt: next.at, endedAt: next.at, outcome: null }
    next = note({ ...next, replicates: [...next.replicates, replicate] }, { type: 'replicate_started', id })
  }
  return next
}

/** A replicate has ended. What is told of one that has ended already changes nothing. */
export function took(
  context: EvidenceContext,
  plan: EvidencePlan,
  { id, at, outcome }: { readonly id: string; readonly at: number; readonly outcome: ReplicateOutcome },
): Change {
  if (!context.replicates.some((each) => each.id === id && each.outcome === null)) return context
  const { status, errors, failure } = outcome
  const replicates = context.replicates.map((each) => (each.id === id ? { ...each, endedAt: at, outcome } : each))
  const pairs = status === 'valid' ? [...context.pairs, ...newPairs(context, plan, id, outcome.data)] : context.pairs
  let next: Change = { ...context, at: Math.max(context.at, at), replicates, pairs }
  if (failure?.category === 'timeout') next = note(next, { type: 'timeout', message: `${id}: ${errors.join('; ')}` })
  next = note(next, { type: 'replicate_done', id, valid: status === 'valid', errors: [...errors] })
  if (status === 'invalid') next = warn(next, `${id} has no valid answer: ${errors.join('; ')}`)
  const isUnfinished = next.replicates.length < next.planned || runningOf(next).length > 0
  const isHit = failure?.category === 'budget' || (isUnfinished && isSpent(next, plan))
  return isHit && next.reason === null ? { ...next, reason: 'budget' } : next
}

/** The first two are compared. */
export function compared(context: EvidenceContext): Change {
  const agreed = isAgreed(context)
  return note(context, { type: 'partial_summary', distance: context.pairs[0]?.distance ?? null, agreed })
}

/** No more is run, and why. */
export function stopped(context: EvidenceContext, reason: EvidenceReason, message: string): Change {
  const type = reason === 'cancelled' || reason === 'timeout' ? reason : reason === 'budget' ? 'warning' : 'error'
  const next = { ...context, reason }
  return type === 'warning' ? warn(next, message) : note(next, { type, message })
}

/** It is over: what all of it comes to. */
export function concluded(context: EvidenceContext, plan: EvidencePlan): Change {
  const { reason: known } = context
  // What was in the way of a third did no harm to two that agree.
  const isEnough = (known === null || known === 'budget') && isAgreed(context)
  const reason = isEnough ? 'agreement' : (known ?? 'complete')
  let next: Change = { ...context, reason }
  if (confidenceOf(next) === null) next = warn(next, 'there are no two valid answers to compare')
  const bundle = evidenceBundle(next, plan)
  if (bundle.status === 'failed') next = note(next, { type: 'error', message: 'no replicate has a valid answer' })
  const { status, meta, summary } = bundle
  const { completed } = meta
  next = note(next, { type: 'bundle_ready', status, reason, completed, confidence: summary.confidence })
  return { ...next, bundle: { ...bundle, warnings: next.warnings } }
}

function newPairs(
  { replicates }: EvidenceContext,
  { field }: EvidencePlan,
  id: string,
  data: unknown,
): readonly EvidencePair[] {
  return replicates.flatMap((other): EvidencePair[] => {
    if (other.id === id || other.outcome?.status !== 'valid') return []
    const distance = evidenceDistance(field, other.outcome.data, data)
    return [{ replicates: indexOf(other.id) < indexOf(id) ? [other.id, id] : [id, other.id], distance }]
  })
}

function affordable(k: number, left: EvidenceAmount, estimate: EvidenceAmount): number {
  if (left.tokens === 0 || left.nanoUsd === 0) return 0
  const isLow = (left.tokens ?? LOW_TOKENS) < LOW_TOKENS || (left.nanoUsd ?? LOW_NANO_USD) < LOW_NANO_USD
  const most = isLow ? PAIR : k
  return Math.min(most, timesIn(left.tokens, estimate.tokens), timesIn(left.nanoUsd, estimate.nanoUsd))
}

function timesIn(left: number | null, each: number | null): number {
  return left === null || !each ? Number.POSITIVE_INFINITY : Math.floor(left / each)
}

function lower(one: number | null, other: number | null): number | null {
  if (one === null || other === null) return one ?? other
  return Math.min(one, other)
}

function indexOf(id: string): number {
  return Number(id.slice(1))
}

function note(context: EvidenceContext, fact: Fact): Change {
  const event = { ...fact, seq: context.events.length + 1, at: context.at } as EvidenceEvent
  return { ...context, events: [...context.events, event] }
}

function warn(context: EvidenceContext, message: string): Change {
  return note({ ...context, warnings: [...context.warnings, message] }, { type: 'warning', message })
}
