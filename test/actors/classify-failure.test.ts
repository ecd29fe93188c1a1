import { describe, expect, it } from 'vitest'
import { callFailure } from '../../actors/classify-failure.ts'
import { type CallFailure, FAILURE_RULES, type FailureCategory } from '../../machines/model-failure.ts'
import { ERROR_TABLE, type ErrorCode } from '../../runtime/index.ts'
import { TroupeError } from '../../runtime/index.ts'

const NOW = Date.UTC(2026, 10, 21)
const withCode = (code: string) => Object.assign(new Error(code), { code })
const named = (name: string) => Object.assign(new Error('x'), { name })
const limited = (headers: unknown) => callFailure({ status: 429, headers }, NOW).retryAfter

describe('a failure', () => {
  it.each([
    [400, 'validation'],
    [401, 'authentication'],
    [402, 'spend_limit'],
    [403, 'permission'],
    [404, 'not_found'],
    [408, 'timeout'],
    [409, 'rate_limit'],
    [422, 'validation'],
    [425, 'timeout'],
    [429, 'rate_limit'],
    [500, 'server_error'],
    [503, 'server_error'],
    [529, 'server_error'],
    [418, 'validation'],
    [302, 'unknown'],
  ] as const)('with the status %i is of the kind %s', (status, category) => {
    expect(callFailure(Object.assign(new Error('x'), { status }))).toMatchObject({ category, status })
    expect(callFailure({ statusCode: status }).category).toBe(category)
    expect(callFailure({ response: { status } }).category).toBe(category)
  })

  it.each([
    ['ECONNREFUSED', 'network'],
    ['ECONNRESET', 'network'],
    ['ENOTFOUND', 'network'],
    ['EAI_AGAIN', 'network'],
    ['UND_ERR_SOCKET', 'network'],
    ['UND_ERR_CONNECT_TIMEOUT', 'timeout'],
    ['ETIMEDOUT', 'timeout'],
    ['UND_ERR_ABORTED', 'cancelled'],
    ['ENOENT', 'unknown'],
  ] as const)('of the system, %s, is of the kind %s, at whatever depth it lies', (code, category) => {
    expect(callFailure(withCode(code)).category).toBe(category)
    expect(callFailure(new TypeError('could not', { cause: withCode(code) }))).toMatchObject({ category, code })
    const both = new AggregateError([withCode(code), withCode(code)], 'none of them')
    expect(callFailure(new Error('outside', { cause: both })).category).toBe(category)
  })

  it('that is no more than an abort or a time limit is one', () => {
    expect(callFailure(named('AbortError')).category).toBe('cancelled')
    expect(callFailure(named('TimeoutError')).category).toBe('timeout')
    expect(callFailure(new DOMException('x', 'AbortError')).category).toBe('cancelled')
    expect(callFailure(new TypeError('terminated')).category).toBe('network')
    expect(callFailure(new TypeError('x is not a function')).category).toBe('unknown')
  })

  it('that says of itself that it may pass is one that passes, but for one that was cancelled', () => {
    const passing = { retryable: true }
    const kinds = [
      Object.assign(new Error('try later'), passing),
      new Error('outside', { cause: Object.assign(new Error('inside'), passing) }),
      Object.assign(new Error('x'), { status: 409, ...passing }),
      Object.assign(new Error('x'), { status: 404, ...passing }),
      Object.assign(named('AbortError'), passing),
      Object.assign(new Error('x'), { retryable: 'yes' }),
      new Error('a refusal inside', { cause: new TroupeError('UNAVAILABLE', 'open', { data: { breaker: 'b' } }) }),
    ].map((thrown) => callFailure(thrown).category)
    expect(kinds).toEqual([
      'server_error',
      'server_error',
      'rate_limit',
      'server_error',
      'cancelled',
      'unknown',
      'unknown',
    ])
  })

  it('that carries its own description keeps it', () => {
    const failure: CallFailure = {
      category: 'content_filter',
      message: 'no',
      status: 200,
      code: 'filtered',
      retryAfter: 7,
      requestId: 'r-1',
    }
    expect(callFailure(new TroupeError('MODEL_REFUSED', 'no', { data: { ...failure, attempts: [] } }))).toEqual(failure)
  })

  it('of Troupe has a kind for every code, and no kind that is retried where the code is not', () => {
    const kinds = Object.keys(ERROR_TABLE).map((code) => {
      const { category } = callFailure(new TroupeError(code as ErrorCode, 'x'))
      return [code, category] as const
    })
    const wrong = kinds.filter(
      ([code, category]) => FAILURE_RULES[category].retry && !ERROR_TABLE[code as ErrorCode].retryable,
    )
    expect(wrong).toEqual([])
    const byCode = Object.fromEntries(kinds) as Record<ErrorCode, FailureCategory>
    expect(byCode).toMatchObject({ TIMEOUT: 'timeout', CANCELLED: 'cancelled', BUDGET_EXCEEDED: 'budget' })
  })

  it('that a breaker makes is not held against whoever is called', () => {
    const refused = new TroupeError('UNAVAILABLE', 'open', { data: { breaker: 'openai', until: 5 } })
    expect(callFailure(refused).category).toBe('breaker_open')
    expect(FAILURE_RULES.breaker_open).toMatchObject({ retry: false, trips: false, fallback: true })
  })

  it('says how long to wait, in seconds, milliseconds or as a date', () => {
    expect(limited({ 'retry-after': '2' })).toBe(2_000)
    expect(limited({ 'Retry-After': 1.5 })).toBe(1_500)
    expect(limited(new Headers({ 'retry-after': '9', 'retry-after-ms': '250' }))).toBe(250)
    expect(limited({ 'retry-after': new Date(NOW + 30_000).toUTCString() })).toBe(30_000)
    expect(limited({ 'retry-after': new Date(NOW - 30_000).toUTCString() })).toBe(0)
    const there = { date: new Date(NOW + 3_600_000).toUTCString() }
    expect(limited({ ...there, 'retry-after': new Date(NOW + 3_605_000).toUTCString() })).toBe(5_000)
    for (const headers of [{ 'retry-after': 'soon' }, { 'retry-after': '-1' }, {}, null, 'x']) {
      expect(limited(headers)).toBe(null)
    }
    expect(callFailure({ status: 429, response: { headers: new Map([['retry-after', '3']]) } }).retryAfter).toBe(3_000)
  })

  it('has nobody wait for longer than a day, whatever the answer asks', () => {
    for (const asked of ['99999999999', '9'.repeat(400), 'Fri, 01 Jan 9999 00:00:00 GMT'])
      expect(limited({ 'retry-after': asked })).toBe(86_400_000)
    expect(limited({ 'retry-after-ms': '9'.repeat(400) })).toBe(86_400_000)
  })

  it('names the request, where the answer does', () => {
    expect(callFailure({ status: 500, headers: new Headers({ 'x-request-id': 'r-2' }) }).requestId).toBe('r-2')
    expect(callFailure({ status: 500, requestID: 'r-3' }).requestId).toBe('r-3')
  })

  it('is made of anything that can be thrown', () => {
    const circle = new Error('round')
    circle.cause = circle
    const hostile = new Proxy(
      {},
      {
        get: () => {
          throw new Error('no')
        },
        has: () => {
          throw new Error('no')
        },
      },
    )
    const odd = [undefined, null, 0, '', 'text', Symbol('s'), 10n, () => {}, [], {}, circle, hostile, Number.NaN]
    for (const thrown of [...odd, { status: 'x', headers: 7, cause: 3, errors: {} }, Object.create(null)]) {
      expect(callFailure(thrown)).toMatchObject({ category: 'unknown', status: null, retryAfter: null })
    }
    expect(callFailure('text').message).toBe('text')
    expect(callFailure('long'.repeat(10_000)).message.length).toBe(2_000)
  })
})
