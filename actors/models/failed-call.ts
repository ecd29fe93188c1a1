import { type CallFailure, FAILURE_RULES, type FailureCategory } from '../../machines/model-failure.ts'
import { isTroupeError, TroupeError } from '../../runtime/protocol/errors.ts'

/** What is known of a failed call beside its category and message. */
export interface FailedCallDetails extends Partial<Omit<CallFailure, 'category' | 'message'>> {
  readonly where: string
  readonly hint?: string | undefined
  readonly cause?: unknown
}

/** The error of a failed attempt: the code that the category has in the table, the failure as its data. */
export function failedCall(category: FailureCategory, message: string, details: FailedCallDetails): TroupeError {
  const { where, hint, cause, status = null, code = null, retryAfter = null, requestId = null } = details
  const rule = FAILURE_RULES[category]
  const advice = hint === undefined ? {} : { hint }
  const data: CallFailure = { category, message, status, code, retryAfter, requestId, ...advice }
  return new TroupeError(rule.code, message, {
    where,
    data,
    ...advice,
    ...(cause === undefined ? {} : { cause }),
    ...(rule.retry ? {} : { lasting: true }),
  })
}

/** What a stream is broken off with that its caller cancels: its reason, where that is an error of ours. */
export function cancelledStream(reason: unknown, where: string): TroupeError {
  if (isTroupeError(reason)) return reason
  return failedCall('cancelled', `${where}: cancelled by the caller`, { where })
}
