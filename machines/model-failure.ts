import { z } from 'zod'
import type { ErrorCode } from '../runtime/protocol/error-table.ts'

/** What kind of failure ended an attempt at a model call, a tool call or any call to another system. */
export const failureCategory = z.enum([
  'timeout',
  'rate_limit',
  'server_error',
  'network',
  'authentication',
  'permission',
  'validation',
  'not_found',
  'context_length',
  'content_filter',
  'refusal',
  'spend_limit',
  'conflict',
  'budget',
  'breaker_open',
  'cancelled',
  'unknown',
])

/** What kind of failure ended an attempt. */
export type FailureCategory = z.infer<typeof failureCategory>

/** What a failure leads to. */
export interface FailureRule {
  /** The same attempt can succeed later. */
  readonly retry: boolean
  /** It is counted by the breaker of whom was called. */
  readonly trips: boolean
  /** Another model or tool may do what this one could not. */
  readonly fallback: boolean
  readonly code: ErrorCode
}

/** What each kind of failure leads to: the one table that retrier, breaker and fallback go by. */
export const FAILURE_RULES: Readonly<Record<FailureCategory, FailureRule>> = {
  timeout: { retry: true, trips: true, fallback: true, code: 'TIMEOUT' },
  rate_limit: { retry: true, trips: false, fallback: true, code: 'OVERLOADED' },
  server_error: { retry: true, trips: true, fallback: true, code: 'UNAVAILABLE' },
  network: { retry: true, trips: true, fallback: true, code: 'UNAVAILABLE' },
  authentication: { retry: false, trips: false, fallback: false, code: 'FORBIDDEN' },
  permission: { retry: false, trips: false, fallback: false, code: 'FORBIDDEN' },
  validation: { retry: false, trips: false, fallback: false, code: 'INVALID_MESSAGE' },
  not_found: { retry: false, trips: false, fallback: true, code: 'NOT_FOUND' },
  context_length: { retry: false, trips: false, fallback: true, code: 'LIMIT_EXCEEDED' },
  content_filter: { retry: false, trips: false, fallback: true, code: 'MODEL_REFUSED' },
  refusal: { retry: false, trips: false, fallback: true, code: 'MODEL_REFUSED' },
  spend_limit: { retry: false, trips: false, fallback: true, code: 'LIMIT_EXCEEDED' },
  conflict: { retry: false, trips: false, fallback: false, code: 'CONFLICT' },
  budget: { retry: false, trips: false, fallback: false, code: 'BUDGET_EXCEEDED' },
  breaker_open: { retry: false, trips: false, fallback: true, code: 'UNAVAILABLE' },
  cancelled: { retry: false, trips: false, fallback: false, code: 'CANCELLED' },
  unknown: { retry: false, trips: false, fallback: false, code: 'UNAVAILABLE' },
}

/** What somebody has to do about failures that do not pass by themselves. */
export const FAILURE_HINTS: Partial<Readonly<Record<FailureCategory, string>>> = {
  authentication: 'check the key of the provider: it is wrong, revoked or of another organisation',
  permission: 'the key may not do this: check its project, region and grants',
  not_found: 'check the name of the model: models() of the provider lists what there is',
  context_length: 'shorten the request, or take a model with a larger context window',
  spend_limit: 'the account is out of credit: raise its limit, or take another provider',
}

/** One failed attempt as plain data. */
export const callFailure = z.object({
  category: failureCategory,
  message: z.string(),
  /** The HTTP status, where there was one. */
  status: z.number().int().nullable(),
  /** The provider's own code. */
  code: z.string().nullable(),
  /** Milliseconds the other side asked to wait; null when it said nothing. */
  retryAfter: z.number().nonnegative().nullable(),
  requestId: z.string().nullable(),
  /** What to do about it, where more is known than its category tells. */
  hint: z.string().optional(),
})

/** One failed attempt as plain data. */
export type CallFailure = z.infer<typeof callFailure>
