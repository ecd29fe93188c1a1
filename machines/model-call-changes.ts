import type { ErrorValue } from '../runtime/protocol/errors.ts'
import type { BudgetAmount } from './budget-amount.ts'
import type { CallDegradation, ModelAttempt } from './model-call.contract.ts'
import type { AttemptOutcome, CallVerdict, ModelCallContext } from './model-call-context.ts'
import type { RankedModel, RefusedModel } from './model-choice.ts'
import { type CallFailure, FAILURE_HINTS, FAILURE_RULES } from './model-failure.ts'
import { nextDelay, type RetryPolicy } from './retry-policy.ts'

/** What can happen to a model call, as pure changes of its memory. */

/** What the runner found when it estimated, chose and reserved. */
export interface Reservation {
  /** In the order in which they are tried. */
  readonly candidates: readonly RankedModel[]
  /** For which of them the budget holds something. */
  readonly at: number
  readonly held: BudgetAmount | null
  readonly refused: readonly RefusedModel[]
  readonly reasons: readonly string[]
  readonly degradations: readonly CallDegradation[]
}

/** The models are chosen, and the budget covers the next attempt. */
export function reserved(context: ModelCallContext, reservation: Reservation): ModelCallContext {
  const { candidates, at, held, refused, reasons, degradations } = reservation
  const candidate = candidates[at] as RankedModel
  const number = context.number + 1
  const isSame = context.candidates[context.at]?.model === candidate.model
  return {
    ...context,
    candidates,
    at,
    tries: isSame ? context.tries : 0,
    number,
    refused: [...context.refused, ...refused],
    reasons: context.reasons.length > 0 ? context.reasons : reasons,
    degradations: [...context.degradations, ...degradations],
    verdict: null,
    current: { number, candidate, held, sent: false, outcome: null },
  }
}

/** No model can take it, or the budget covers none of them. */
export function refused(
  context: ModelCallContext,
  { error, refused: more, reasons }: { error: ErrorValue } & Pick<Reservation, 'refused' | 'reasons'>,
): ModelCallContext {
  return {
    ...context,
    refused: [...context.refused, ...more],
    reasons: context.reasons.length > 0 ? context.reasons : reasons,
    failure: error,
    verdict: 'fail',
  }
}

/** Breaker and limiter let it through: from here on the request may have left. */
export function admitted(context: ModelCallContext): ModelCallContext {
  return { ...context, tries: context.tries + 1, current: context.current && { ...context.current, sent: true } }
}

/** The budget covers the next attempt, and breaker and limiter let it through. */
export function opened(context: ModelCallContext, reservation: Reservation): ModelCallContext {
  return admitted(reserved(context, reservation))
}

/** Breaker or limiter do not let it through: the next candidate is tried, and the breaker never passed by. */
export function barred(
  context: ModelCallContext,
  { refused: candidate, error }: { readonly refused: RefusedModel; readonly error: ErrorValue },
): ModelCallContext {
  const { current } = context
  const left = current?.held ? current : null
  const barredFrom = { ...context, current: left, refused: [...context.refused, candidate], failure: error }
  return hasNext(context) ? fallBack(barredFrom) : { ...barredFrom, verdict: 'fail' }
}

/** An attempt has ended: what becomes of the call is decided here. */
export function ended(
  context: ModelCallContext,
  policy: RetryPolicy,
  outcome: AttemptOutcome,
  random: number,
): ModelCallContext {
  const recorded = record(context, outcome)
  if (outcome.answer) return { ...recorded, verdict: 'succeed', answer: outcome.answer, failure: null }
  if (outcome.repair && !context.repair) return { ...recorded, verdict: 'repair', delay: 0, repair: outcome.repair }
  const failure = outcome.failure as CallFailure
  const failed = { ...recorded, failure: errorOfFailure(recorded, failure) }
  const { tries: attempt, waited } = context
  const delay = outcome.repair ? null : nextDelay(policy, { attempt, waited }, failure, random)
  if (delay !== null) return { ...failed, verdict: 'retry', delay, waited: waited + delay }
  if (FAILURE_RULES[failure.category].fallback && hasNext(context)) return fallBack(failed)
  return { ...failed, verdict: 'fail' }
}

/** What the attempt used is settled. */
export function settled(context: ModelCallContext, unsettled: string | null): ModelCallContext {
  return { ...context, current: null, unsettled: unsettled ?? context.unsettled }
}

/** The call is no longer wanted. An answer that is there already stays. */
export function cancelled(context: ModelCallContext, reason: string): ModelCallContext {
  if (context.verdict === 'succeed') return context
  return { ...context, verdict: 'fail', failure: { name: 'TroupeError', code: 'CANCELLED', message: reason } }
}

/** What was under way is taken back, and what it had used is settled. */
export function aborted(
  context: ModelCallContext,
  { outcome, unsettled }: { readonly outcome: AttemptOutcome | null; readonly unsettled: string | null },
): ModelCallContext {
  return settled(outcome ? record(context, outcome) : context, unsettled)
}

/** An error that says of each attempt what came of it. */
function errorOfFailure({ attempts }: ModelCallContext, failure: CallFailure): ErrorValue {
  const times = attempts.length === 1 ? 'attempt' : `${attempts.length} attempts`
  const { code } = FAILURE_RULES[failure.category]
  const message = `the model call failed after ${times === 'attempt' ? 'one attempt' : times}: ${failure.message}`
  const hint = failure.hint ?? FAILURE_HINTS[failure.category]
  return { name: 'TroupeError', code, message, data: failure, ...(hint === undefined ? {} : { hint }) }
}

function record(context: ModelCallContext, outcome: AttemptOutcome): ModelCallContext {
  const { current, attempts, delay } = context
  if (!current) return context
  const { failure, usage, estimated, costNanoUsd, startedAt, endedAt } = outcome
  const attempt: ModelAttempt = {
    model: current.candidate.model,
    category: failure?.category ?? null,
    message: failure?.message ?? null,
    delay,
    usage,
    estimated,
    costNanoUsd,
    startedAt,
    endedAt,
  }
  return { ...context, attempts: [...attempts, attempt], current: current.held ? { ...current, outcome } : null }
}

function hasNext({ candidates, at }: ModelCallContext): boolean {
  return at + 1 < candidates.length
}

function fallBack(context: ModelCallContext): ModelCallContext {
  const verdict: CallVerdict = 'fall_back'
  return { ...context, verdict, at: context.at + 1, tries: 0, delay: 0 }
}
