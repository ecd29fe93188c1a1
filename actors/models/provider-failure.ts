import type { FailureCategory } from '../../machines/model-failure.ts'
import { errorValue, isTroupeError, type TroupeError } from '../../runtime/protocol/errors.ts'
import { callFailure } from '../classify-failure.ts'
import { failedCall } from './failed-call.ts'
import { failureHint, type ProviderSetup } from './failure-hint.ts'
import { limitsReset } from './rate-limit-headers.ts'

/** What a failure is told with. */
export interface FailureScope {
  /** `provider/model`. */
  readonly where: string
  /** The key of the provider, which no error shows. */
  readonly key: string | null
  readonly signal?: AbortSignal | undefined
  /** For hints. */
  readonly setup?: ProviderSetup
}

interface Facts {
  readonly status: number | null
  /** The provider's codes and types, the most exact first. */
  readonly codes: readonly string[]
  readonly message: string
  readonly headers: Headers | null
  readonly requestId: string | null
}

interface FailureSign {
  readonly category: FailureCategory
  readonly code?: RegExp
  readonly message?: RegExp
}

/** What says more than the status does. */
const SIGNS: readonly FailureSign[] = [
  {
    category: 'context_length',
    code: /context_length_exceeded|exceed_context_size|request_too_large|string_above_max_length/,
    message:
      /maximum context|context[ _](length|window|size|limit)|(prompt|input|request) (is )?too (long|large)|too many input tokens|exceeds? the maximum number of (input )?tokens/i,
  },
  {
    category: 'content_filter',
    code: /content_filter|content_policy|bio_policy|cyber_policy|policy_violation|moderation_blocked/,
    message: /content[ _](filter|management|polic)|usage polic|flagged (as|by|for)/i,
  },
  {
    category: 'spend_limit',
    code: /insufficient_quota|billing|spend_limit|credit_balance/,
    message:
      /credit balance is too low|exceeded your current quota|insufficient (funds|credits?|quota|balance)|spend(ing)? limit/i,
  },
  {
    category: 'not_found',
    code: /model_not_found|deployment_not_found/,
    message: /\bmodel\b.{0,100}(not found|does not exist)|no such model|invalid model (name|id)/i,
  },
]

/** What the code says where there is no status: in the middle of a stream. */
const CODES: readonly (readonly [FailureCategory, RegExp])[] = [
  ['rate_limit', /rate_limit|too_many_requests/],
  ['timeout', /timeout/],
  ['authentication', /authentication|invalid_api_key/],
  ['permission', /permission/],
  ['not_found', /not_found/],
  ['server_error', /overloaded|unavailable|server_error|api_error|internal/],
  ['validation', /invalid_request|invalid_prompt|invalid_image|image_/],
]

const MAX_MESSAGE = 500

/** What an SDK threw, as the error of a failed call: one category, whichever SDK it was, and never a key in its text. */
export function providerFailure(thrown: unknown, scope: FailureScope): TroupeError {
  const { where, signal } = scope
  if (signal?.aborted) {
    if (isTroupeError(signal.reason)) return signal.reason
    return failedCall('cancelled', `${where}: cancelled by the caller`, { where })
  }
  if (isTroupeError(thrown)) return thrown
  const general = callFailure(thrown)
  const facts = factsOf(thrown)
  const found = categoryOf(thrown, facts) ?? general.category
  const category = found === 'unknown' ? connectionCategory(thrown) : found
  const text = category === 'network' || category === 'timeout' ? rootMessage(thrown, facts.message) : facts.message
  const hint = failureHint(category, `${facts.codes.join(' ')} ${general.code ?? ''} ${text}`, scope.setup)
  const reset = category === 'rate_limit' && facts.headers ? limitsReset(facts.headers) : null
  return failedCall(category, `${where}: ${readable(text, scope.key)}`, {
    where,
    status: facts.status,
    code: readable(facts.codes[0] ?? general.code ?? '', scope.key) || null,
    retryAfter: general.retryAfter ?? reset,
    requestId: facts.requestId ?? general.requestId,
    ...(hint === undefined ? {} : { hint }),
    // Of what nobody expected the stack is kept; an SDK's own error could show headers.
    ...(category === 'unknown' ? { cause: thrown } : {}),
  })
}

function categoryOf(thrown: unknown, facts: Facts): FailureCategory | null {
  const { status, codes, message } = facts
  const code = codes.join(' ')
  // What a status is for is said in words of other things too: a limit per minute speaks of tokens and contexts.
  const mayTell = (category: FailureCategory): boolean => {
    if (status === 429) return category === 'spend_limit' || /request too large/i.test(message)
    if (status !== null && status >= 500) return category === 'context_length'
    return status !== 401
  }
  for (const sign of SIGNS) {
    if (sign.code?.test(code)) return sign.category
    if (mayTell(sign.category) && sign.message?.test(message)) return sign.category
  }
  if (status === 413) return 'context_length'
  if (status !== null) return null
  for (const [category, pattern] of CODES) if (pattern.test(code)) return category
  if (thrown instanceof SyntaxError) return 'server_error'
  if (isReported(thrown)) return 'server_error'
  return null
}

/** An error of the provider's own that came in the middle of a stream: it has a body and no status. */
function isReported(thrown: unknown): boolean {
  const body = field(thrown, 'error')
  return typeof body === 'string' || (typeof body === 'object' && body !== null)
}

// Of a connection that broke in a way that has no code of its own.
function connectionCategory(thrown: unknown): FailureCategory {
  const links = chain(thrown)
  const names = links.flatMap((link) => [textField(link, 'name'), textField(field(link, 'constructor'), 'name')])
  if (names.some((name) => name.includes('Timeout'))) return 'timeout'
  const isBroken = links.some((link) => /^E[A-Z]{4,}$|CERT/.test(textField(link, 'code')))
  return isBroken || names.includes('APIConnectionError') ? 'network' : 'unknown'
}

function factsOf(thrown: unknown): Facts {
  const status = field(thrown, 'status')
  const outer = field(thrown, 'error')
  const inner = field(outer, 'error') ?? outer
  const headers = field(thrown, 'headers')
  const codes: unknown[] = [field(field(inner, 'details'), 'error_code'), field(inner, 'code'), field(inner, 'type')]
  const said = typeof inner === 'string' ? inner : field(inner, 'message')
  const requestId = field(thrown, 'requestID') ?? field(outer, 'request_id')
  return {
    status: typeof status === 'number' && Number.isInteger(status) ? status : null,
    codes: codes.flatMap((code) => (typeof code === 'string' && code !== '' ? [code] : [])),
    message: typeof said === 'string' && said !== '' ? said : messageOf(thrown),
    headers: headers instanceof Headers ? headers : null,
    requestId: typeof requestId === 'string' ? requestId : null,
  }
}

// `fetch failed` and `Connection error.` say nothing: what they were caused by does.
function rootMessage(thrown: unknown, fallback: string): string {
  const root = chain(thrown).at(-1)
  const code = field(root, 'code')
  const text = messageOf(root)
  const detail = typeof code === 'string' && !text.includes(code) ? `${text} (${code})` : text
  return root === thrown || detail.trim() === '' ? fallback : `${fallback.replace(/\.$/, '')}: ${detail}`
}

function chain(thrown: unknown): unknown[] {
  const links = [thrown]
  for (let next = field(thrown, 'cause'); next !== undefined && next !== null && links.length < 6; ) {
    links.push(next)
    next = field(next, 'cause')
  }
  return links
}

function readable(text: string, key: string | null): string {
  const hidden = key !== null && key.length >= 4 ? text.replaceAll(key, '[key]') : text
  return hidden.replace(/\b(sk|pk)-[\w*.-]{6,}/gi, '[key]').slice(0, MAX_MESSAGE)
}

function messageOf(thrown: unknown): string {
  return textField(thrown, 'message') || errorValue(thrown).message || textField(thrown, 'name')
}

function textField(value: unknown, name: string): string {
  const found = field(value, name)
  return typeof found === 'string' ? found : ''
}

function field(value: unknown, name: string): unknown {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return undefined
  try {
    return Reflect.get(value, name)
  } catch {
    return undefined
  }
}
