import {
  type CallFailure,
  callFailure as callFailureSchema,
  FAILURE_RULES,
  type FailureCategory,
} from '../machines/model-failure.ts'
import type { ErrorCode } from '../runtime/protocol/error-table.ts'
import { errorValue, isTroupeError, type TroupeError } from '../runtime/protocol/errors.ts'
import { headerReader, retryAfterOf } from './retry-after.ts'

const LONGEST_MESSAGE = 2_000
const DEEPEST_CAUSE = 8

const BY_CODE: Readonly<Record<ErrorCode, FailureCategory>> = {
  INVALID_MESSAGE: 'validation',
  UNKNOWN_MESSAGE: 'validation',
  NOT_FOUND: 'not_found',
  FORBIDDEN: 'permission',
  CONFLICT: 'conflict',
  TIMEOUT: 'timeout',
  UNAVAILABLE: 'network',
  OVERLOADED: 'rate_limit',
  CANCELLED: 'cancelled',
  REJECTED: 'conflict',
  CRASHED: 'server_error',
  INTERRUPTED: 'unknown',
  STORAGE: 'server_error',
  INCOMPATIBLE: 'validation',
  BUDGET_EXCEEDED: 'budget',
  LIMIT_EXCEEDED: 'budget',
  TOOL_FAILED: 'unknown',
  MODEL_REFUSED: 'refusal',
  INTERNAL: 'unknown',
}

const BY_STATUS: ReadonlyMap<number, FailureCategory> = new Map([
  [401, 'authentication'],
  [402, 'spend_limit'],
  [403, 'permission'],
  [404, 'not_found'],
  [407, 'authentication'],
  [408, 'timeout'],
  [409, 'rate_limit'],
  [410, 'not_found'],
  [425, 'timeout'],
  [429, 'rate_limit'],
])

const BY_NAME: ReadonlyMap<string, FailureCategory> = new Map([
  ['AbortError', 'cancelled'],
  ['TimeoutError', 'timeout'],
])

const BY_SYSTEM_CODE: ReadonlyMap<string, FailureCategory> = new Map([
  ...['ETIMEDOUT', 'ESOCKETTIMEDOUT', 'UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT'].map(
    (code) => [code, 'timeout'] as const,
  ),
  ...['ECONNREFUSED', 'ECONNRESET', 'ECONNABORTED', 'ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL', 'EPIPE'].map(
    (code) => [code, 'network'] as const,
  ),
  ...['EHOSTDOWN', 'EHOSTUNREACH', 'ENETDOWN', 'ENETRESET', 'ENETUNREACH', 'ERR_STREAM_PREMATURE_CLOSE'].map(
    (code) => [code, 'network'] as const,
  ),
  ['ABORT_ERR', 'cancelled'],
  ['UND_ERR_ABORTED', 'cancelled'],
  ['UND_ERR_INVALID_ARG', 'validation'],
  ['UND_ERR_NOT_SUPPORTED', 'validation'],
])

/**
 * What kind of failure a thrown value is, whatever it is: by its code where it is a `TroupeError`, else by its HTTP status,
 * its name or its system code, at whatever depth of its causes. One of no kind that passes, which says `retryable: true`,
 * counts as an error of the server; a plain `Error` is `unknown`, and not retried. Never throws. `now` is the time that a date in `retry-after` is
 * held against, where the answer does not tell its own.
 */
export function callFailure(thrown: unknown, now?: number): CallFailure {
  try {
    return isTroupeError(thrown) ? ownFailure(thrown) : foreignFailure(thrown, now)
  } catch {
    return failureOf('unknown', 'an error that cannot be read')
  }
}

function ownFailure(error: TroupeError): CallFailure {
  const carried = callFailureSchema.safeParse(error.data)
  if (carried.success) return carried.data
  const isBreaker = error.code === 'UNAVAILABLE' && typeof fieldOf(error.data, 'breaker') === 'string'
  return { ...failureOf(isBreaker ? 'breaker_open' : BY_CODE[error.code], error.message), code: error.code }
}

function foreignFailure(thrown: unknown, now: number | undefined): CallFailure {
  const chain = causesOf(thrown)
  const status = firstOf(chain, statusOf)
  const code = firstOf(chain, codeOf)
  const header = headerReader(chain)
  const known = (status === null ? firstOf(chain, categoryOf) : categoryOfStatus(status)) ?? 'unknown'
  const id = firstOf(chain, (error) => textOf(error, 'requestID') ?? textOf(error, 'request_id'))
  return {
    // Who threw it knows whether it may pass, unless nobody waits for it any more.
    category:
      known !== 'cancelled' && chain.some(saysRetryable) && !FAILURE_RULES[known].retry ? 'server_error' : known,
    message: errorValue(thrown).message.slice(0, LONGEST_MESSAGE),
    status,
    code,
    retryAfter: retryAfterOf(header, now),
    requestId: id ?? header('x-request-id') ?? header('request-id'),
  }
}

function saysRetryable(error: unknown): boolean {
  return !isTroupeError(error) && fieldOf(error, 'retryable') === true
}

function categoryOfStatus(status: number): FailureCategory {
  if (status >= 500) return 'server_error'
  return BY_STATUS.get(status) ?? (status >= 400 ? 'validation' : 'unknown')
}

function categoryOf(error: unknown): FailureCategory | null {
  const name = textOf(error, 'name') ?? ''
  const byName = BY_NAME.get(name)
  if (byName) return byName
  const code = textOf(error, 'code') ?? ''
  const byCode = BY_SYSTEM_CODE.get(code)
  if (byCode) return byCode
  if (code.startsWith('UND_ERR_')) return 'network'
  // What fetch throws when it does not say more.
  const message = textOf(error, 'message')
  return name === 'TypeError' && (message === 'fetch failed' || message === 'terminated') ? 'network' : null
}

/** The thrown value, and what it says caused it: an error often is only the wrapping of the one that tells. */
function causesOf(thrown: unknown): readonly unknown[] {
  const chain: unknown[] = [thrown]
  for (const error of chain) {
    const inner = [fieldOf(error, 'cause'), ...listOf(fieldOf(error, 'errors'))]
    for (const cause of inner) if (chain.length < DEEPEST_CAUSE && isObject(cause)) chain.push(cause)
  }
  return chain
}

function statusOf(error: unknown): number | null {
  const found = [fieldOf(error, 'status'), fieldOf(error, 'statusCode'), fieldOf(fieldOf(error, 'response'), 'status')]
  return found.find((value): value is number => isStatus(value)) ?? null
}

function isStatus(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 100 && (value as number) < 600
}

function codeOf(error: unknown): string | null {
  return textOf(error, 'code') ?? textOf(fieldOf(error, 'error'), 'code')
}

function failureOf(category: FailureCategory, message: string): CallFailure {
  const known = message.slice(0, LONGEST_MESSAGE)
  return { category, message: known, status: null, code: null, retryAfter: null, requestId: null }
}

function firstOf<T>(chain: readonly unknown[], read: (error: unknown) => T | null): T | null {
  for (const error of chain) {
    const found = read(error)
    if (found !== null) return found
  }
  return null
}

function textOf(value: unknown, field: string): string | null {
  const found = fieldOf(value, field)
  return typeof found === 'string' && found !== '' ? found : null
}

function fieldOf(value: unknown, field: string): unknown {
  return isObject(value) ? (value as Readonly<Record<string, unknown>>)[field] : undefined
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value.slice(0, DEEPEST_CAUSE) : []
}
