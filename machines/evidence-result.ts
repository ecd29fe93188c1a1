import { applyCalibration } from './calibration.ts'
import { boundEvidence } from './evidence-bounds.ts'
import { evidenceConsensus } from './evidence-consensus.ts'
import { type EvidenceContext, type EvidencePlan, type RunReplicate, usageOf, validOf } from './evidence-context.ts'
import type { EvidenceBundle, EvidenceReplicate } from './evidence.contract.ts'
import { NO_USAGE } from './model-usage.ts'
import { usdOf } from './nano-usd.ts'

/** 1 less the mean distance of all pairs; null where there is none. */
export function confidenceOf({ pairs }: Pick<EvidenceContext, 'pairs'>): number | null {
  if (pairs.length === 0) return null
  const sum = pairs.reduce((total, { distance }) => total + distance, 0)
  return Math.min(1, Math.max(0, 1 - sum / pairs.length))
}

/** What a bundle that is over comes to. */
export function evidenceBundle(context: EvidenceContext, plan: EvidencePlan): EvidenceBundle {
  const { input, k, epsilon, replicates, pairs, degradations, warnings, at, startedAt } = context
  const valid = validOf(context)
  // What one alone says is unambiguous and confirmed by nobody: a consensus takes two.
  const options = { tolerance: epsilon, fields: plan.bounds.fields }
  const { value, disagreements, distributions, unseen } = evidenceConsensus(plan.field, valid, options)
  const confidence = confidenceOf(context)
  const { usage, nanoUsd } = usageOf(context)
  const models = replicates.flatMap(({ outcome }) => outcome?.model ?? [])
  const bundle: EvidenceBundle = {
    status: statusOf(context, valid.length),
    meta: {
      task: input.task,
      k,
      completed: replicates.filter(({ outcome }) => outcome !== null && outcome.status !== 'cancelled').length,
      epsilon,
      models: [...new Set(models)],
      earlyStopped: context.reason === 'agreement' && context.planned > replicates.length,
      reason: context.reason ?? 'complete',
      elapsedMs: at - startedAt,
    },
    replicates: replicates.map(shown),
    summary: {
      consensus: value,
      disagreements,
      pairwiseDistance: [...pairs].sort(inOrder),
      distributions,
      confidence: confidence ?? 0,
      calibratedConfidence:
        plan.calibration && confidence !== null ? applyCalibration(plan.calibration, confidence) : null,
    },
    usage,
    costUsd: usdOf(nanoUsd),
    degradations,
    warnings,
    truncated: null,
  }
  return boundEvidence(bundle, plan.bounds, unseen)
}

function statusOf({ reason, degradations }: EvidenceContext, valid: number): EvidenceBundle['status'] {
  if (reason === 'cancelled') return 'cancelled'
  if (valid === 0) return 'failed'
  if (valid < 2 || reason === 'budget' || reason === 'timeout') return 'partial'
  return degradations.length > 0 ? 'degraded' : 'succeeded'
}

function shown({ id, startedAt, endedAt, outcome }: RunReplicate): EvidenceReplicate {
  return {
    id,
    status: outcome?.status ?? 'cancelled',
    data: outcome?.data ?? null,
    valid: outcome?.status === 'valid',
    errors: outcome?.errors ?? [],
    usage: outcome?.usage ?? NO_USAGE,
    costUsd: usdOf(outcome?.costNanoUsd ?? 0),
    elapsedMs: endedAt - startedAt,
    model: outcome?.model ?? null,
    truncated: false,
  }
}

function inOrder(one: EvidenceBundle['summary']['pairwiseDistance'][number], other: typeof one): number {
  return one.replicates.join().localeCompare(other.replicates.join(), 'en', { numeric: true })
}
