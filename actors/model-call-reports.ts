import type { BudgetAmount } from '../machines/budget-amount.ts'
import type { Reservation } from '../machines/model-call-changes.ts'
import type { AttemptOutcome, ModelCallContext, OpenAttempt } from '../machines/model-call-context.ts'
import type { CallCommand, CallReport } from '../machines/model-call.machine.ts'
import type { RankedModel } from '../machines/model-choice.ts'
import { tokensOf } from '../machines/model-usage.ts'
import { asTroupeError, errorValue } from '../runtime/protocol/errors.ts'
import { callFailure } from './classify-failure.ts'
import { doubtedAttempt } from './model-call-stream.ts'

/** A command to do one thing for an attempt, and to report on it. */
export interface AttemptCommand {
  readonly type: Exclude<CallCommand['type'], 'follow' | 'abort'>
  readonly context: ModelCallContext
}

/** What is reported when something was thrown that should not have been: a call that nobody reports on would hang. */
export function mishap({ type, context }: AttemptCommand, thrown: unknown, at: number): CallReport {
  const error = errorValue(asTroupeError(thrown))
  switch (type) {
    case 'reserve':
      return { type: 'call.refused', error, refused: [], reasons: [] }
    case 'admit': {
      const model = context.current?.candidate.model ?? ''
      return { type: 'attempt.barred', refused: { model, why: error.message, cause: 'load' }, error }
    }
    case 'settle':
      return { type: 'attempt.settled', unsettled: error.message }
    case 'stream':
    case 'doubt': {
      const outcome = { ...doubtedAttempt(context, at), failure: callFailure(thrown) }
      return { type: 'attempt.completed', outcome, random: 0 }
    }
  }
}

/** Whether something is under way or held, going by what was reported last; null for what has not ended yet. */
export function isUnderWay(last: CallReport | null, { current }: ModelCallContext): boolean {
  if (!last) return true
  if (last.type === 'call.reserved' || last.type === 'attempt.opened') return last.held !== null
  return last.type !== 'attempt.settled' && last.type !== 'call.refused' && current?.held != null
}

/** The attempt that a reservation was made for. */
export function openedBy({ candidates, at, held }: Reservation, number: number): OpenAttempt {
  return { number, candidate: candidates[at] as RankedModel, held, sent: false, outcome: null }
}

/** What a budget is charged; null for what used nothing. */
export function chargeOf(outcome: AttemptOutcome | null): BudgetAmount | null {
  const tokens = outcome ? tokensOf(outcome.usage) : 0
  const nanoUsd = outcome?.costNanoUsd ?? 0
  return tokens === 0 && nanoUsd === 0 ? null : { tokens, nanoUsd }
}
