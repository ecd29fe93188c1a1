import type { CalibrationTable } from './calibration.ts'
import type { EvidenceBounds } from './evidence-bounds.ts'
import type { EvidenceField } from './evidence-field.ts'
import type {
  EvidenceBundle,
  EvidenceDegradation,
  EvidenceEvent,
  EvidenceInput,
  EvidencePair,
  EvidenceReason,
  ReplicateOutcome,
} from './evidence.contract.ts'
import { addModelUsage, type ModelUsage, NO_USAGE, tokensOf } from './model-usage.ts'

/** Tokens and nano-USD; null is not limited. */
export interface EvidenceAmount {
  readonly tokens: number | null
  readonly nanoUsd: number | null
}

/** What every bundle of one definition has in common. */
export interface EvidencePlan {
  readonly name: string
  readonly k: number
  readonly epsilon: number
  readonly field: EvidenceField
  readonly bounds: EvidenceBounds
  readonly calibration: CalibrationTable | null
  /** What one bundle may use. */
  readonly limit: EvidenceAmount
  /** What one replicate is expected to use. */
  readonly estimate: EvidenceAmount
  /** Milliseconds for all of it. */
  readonly timeout: number
}

/** One replicate that was started. */
export interface RunReplicate {
  readonly id: string
  readonly startedAt: number
  readonly endedAt: number
  /** Null while it runs. */
  readonly outcome: ReplicateOutcome | null
}

/** What a bundle remembers. */
export interface EvidenceContext {
  readonly input: EvidenceInput
  readonly k: number
  /** How many may be run: fewer than `k` where the budget is low. */
  readonly planned: number
  readonly epsilon: number
  readonly startedAt: number
  /** The latest time that was told. */
  readonly at: number
  readonly replicates: readonly RunReplicate[]
  readonly pairs: readonly EvidencePair[]
  /** Why no more is run; null as long as more may be. */
  readonly reason: EvidenceReason | null
  /** Why it was called off before it began; null when it was not. */
  readonly calledOff: string | null
  readonly degradations: readonly EvidenceDegradation[]
  readonly warnings: readonly string[]
  readonly events: readonly EvidenceEvent[]
  /** How many of the events were passed on. */
  readonly told: number
  readonly followers: readonly string[]
  readonly bundle: EvidenceBundle | null
}

/** A bundle that has not begun. */
export function newEvidence(plan: EvidencePlan, input: EvidenceInput): EvidenceContext {
  const { k = plan.k, epsilon = plan.epsilon } = input
  return {
    input,
    k,
    planned: k,
    epsilon,
    startedAt: 0,
    at: 0,
    replicates: [],
    pairs: [],
    reason: null,
    calledOff: null,
    degradations: [],
    warnings: [],
    events: [],
    told: 0,
    followers: [],
    bundle: null,
  }
}

/** The replicates that have not ended. */
export function runningOf({ replicates }: EvidenceContext): readonly string[] {
  return replicates.filter(({ outcome }) => outcome === null).map(({ id }) => id)
}

/** The replicates that gave an answer of the right form. */
export function validOf({ replicates }: EvidenceContext): readonly { readonly id: string; readonly data: unknown }[] {
  return replicates.flatMap(({ id, outcome }) => (outcome?.status === 'valid' ? [{ id, data: outcome.data }] : []))
}

/** What all replicates used together. */
export function usageOf({ replicates }: EvidenceContext): { readonly usage: ModelUsage; readonly nanoUsd: number } {
  return replicates.reduce(
    (sum, { outcome }) => ({
      usage: addModelUsage(sum.usage, outcome?.usage ?? NO_USAGE),
      nanoUsd: sum.nanoUsd + (outcome?.costNanoUsd ?? 0),
    }),
    { usage: NO_USAGE, nanoUsd: 0 },
  )
}

/** True when the bundle has used all that it may. */
export function isSpent(context: EvidenceContext, { limit }: EvidencePlan): boolean {
  const { usage, nanoUsd } = usageOf(context)
  return (
    (limit.tokens !== null && tokensOf(usage) >= limit.tokens) || (limit.nanoUsd !== null && nanoUsd >= limit.nanoUsd)
  )
}

/** True when the first two have answers that are close enough. */
export function isAgreed({ pairs, epsilon, replicates }: EvidenceContext): boolean {
  const [pair] = pairs
  return replicates.length === 2 && pair !== undefined && pair.distance <= epsilon
}
