import fc from 'fast-check'
import { expect, it } from 'vitest'
import { limitsReset, rateLimits } from '../../../actors/models/rate-limit-headers.ts'
import { providerFailure } from '../../../actors/models/provider-failure.ts'
import { type CallFailure, FAILURE_RULES, type FailureCategory } from '../../../machines/model-failure.ts'

const SCOPE = { where: 'lab/model', key: 'plain#secret.1' }

function failureOf(thrown: unknown): CallFailure {
  return providerFailure(thrown, SCOPE).data as CallFailure
}

const api = (status: number | undefined, error: unknown) =>
  Object.assign(new Error(`${status} it failed`), { status, error })
const fault = (message: string, cause: object) => Object.assign(new Error(message), { cause })

/** What servers say in life, and what it is. */
const SAID: readonly (readonly [string, unknown, FailureCategory])[] = [
  [
    'OpenAI, the window',
    api(400, { code: 'context_length_exceeded', message: 'Your input exceeds the context window of this model' }),
    'context_length',
  ],
  [
    'OpenAI, a request over the minute',
    api(429, {
      code: 'rate_limit_exceeded',
      type: 'tokens',
      message: 'Request too large for gpt-x on tokens per min (TPM): Limit 30000, Requested 90000',
    }),
    'context_length',
  ],
  [
    'OpenAI, the minute is full',
    api(429, {
      code: 'rate_limit_exceeded',
      type: 'tokens',
      message:
        'Rate limit reached for gpt-x on tokens per min (TPM): Limit 30000, Used 29000, context window does not matter',
    }),
    'rate_limit',
  ],
  [
    'OpenAI, no access to a model',
    api(403, { code: 'model_not_found', message: 'Project does not have access to model gpt-x' }),
    'not_found',
  ],
  [
    'OpenAI, a bad option',
    api(400, { code: 'unsupported_parameter', message: "Unsupported parameter: 'top_k'" }),
    'validation',
  ],
  [
    'OpenAI, more output than there is',
    api(400, { message: 'max_tokens is too large: 100000. This model supports at most 16384 completion tokens' }),
    'validation',
  ],
  [
    'Azure, a filter',
    api(400, {
      code: 'content_filter',
      message: "The response was filtered due to the prompt triggering Azure OpenAI's content management policy",
    }),
    'content_filter',
  ],
  [
    'Anthropic, input and output',
    api(400, {
      type: 'error',
      error: {
        type: 'invalid_request_error',
        message: 'input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000',
      },
    }),
    'context_length',
  ],
  [
    'Anthropic, a limit of the minute',
    api(429, {
      type: 'error',
      error: {
        type: 'rate_limit_error',
        message: "This request would exceed your organization's rate limit of 40,000 input tokens per minute",
      },
    }),
    'rate_limit',
  ],
  [
    'Anthropic, overloaded in the stream',
    api(undefined, { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }),
    'server_error',
  ],
  [
    'Anthropic, a wrong tool id',
    api(400, {
      type: 'error',
      error: { type: 'invalid_request_error', message: 'messages.1: tool_use ids were not found in the model context' },
    }),
    'validation',
  ],
  ['Ollama, no such model', api(404, { message: 'model "llama9" not found, try pulling it first' }), 'not_found'],
  ['Ollama, a plain text', api(400, 'registry.ollama.ai/library/phi does not support tools'), 'validation'],
  [
    'llama.cpp, the window',
    api(500, { type: 'exceed_context_size_error', message: 'the request exceeds the available context size' }),
    'context_length',
  ],
  [
    'vLLM, the window',
    api(400, {
      type: 'BadRequestError',
      code: 400,
      message: "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens",
    }),
    'context_length',
  ],
  [
    'a page of a proxy',
    api(502, 'the model service was not found, your request was flagged by nobody'),
    'server_error',
  ],
  ['OpenRouter, no credit', api(402, { code: 402, message: 'Insufficient credits' }), 'spend_limit'],
  [
    'a socket lost in a stream',
    Object.assign(new TypeError('terminated'), { cause: { code: 'UND_ERR_SOCKET', message: 'other side closed' } }),
    'network',
  ],
  [
    'a name that does not resolve',
    fault('Connection error.', fault('fetch failed', { code: 'ENOTFOUND', message: 'getaddrinfo ENOTFOUND nowhere' })),
    'network',
  ],
  [
    'a certificate',
    fault('Connection error.', { code: 'CERT_HAS_EXPIRED', message: 'certificate has expired' }),
    'network',
  ],
  [
    'headers that never came',
    fault('Connection error.', { code: 'UND_ERR_HEADERS_TIMEOUT', message: 'Headers Timeout Error' }),
    'timeout',
  ],
  ['what is no JSON', new SyntaxError('Unexpected token'), 'server_error'],
  ['a fault of our own', new TypeError('x is not a function'), 'unknown'],
]

it.each(SAID)('%s', (_who, thrown, category) => {
  expect(failureOf(thrown).category).toBe(category)
})

it('says what lies under a failed connection', () => {
  const inner = fault('fetch failed', { code: 'ECONNREFUSED', message: 'connect ECONNREFUSED 127.0.0.1:1234' })
  expect(failureOf(fault('Connection error.', inner)).message).toBe(
    'lab/model: Connection error: connect ECONNREFUSED 127.0.0.1:1234',
  )
})

it('whatever is thrown becomes an error of the table, without a throw and without a key', () => {
  const thrown = fc.oneof(
    fc.anything(),
    fc.record(
      {
        status: fc.anything(),
        error: fc.anything(),
        message: fc.anything(),
        headers: fc.anything(),
        cause: fc.anything(),
      },
      { requiredKeys: [] },
    ),
    fc.string().map((text) => new Error(`${text} plain#secret.1 ${text}`)),
  )
  fc.assert(
    fc.property(thrown, (value) => {
      const error = providerFailure(value, SCOPE)
      const { category } = error.data as CallFailure
      expect(error.code).toBe(FAILURE_RULES[category].code)
      expect(JSON.stringify(error)).not.toContain('plain#secret.1')
      expect(error.message.length).toBeLessThan(700)
    }),
  )
})

it('reads the limits of Anthropic against the clock of the server', () => {
  const headers = new Headers({
    date: 'Thu, 01 Jan 2026 00:00:00 GMT',
    'anthropic-ratelimit-requests-limit': '50',
    'anthropic-ratelimit-requests-remaining': '0',
    'anthropic-ratelimit-requests-reset': '2026-01-01T00:00:20Z',
    'anthropic-ratelimit-tokens-limit': '40000',
    'anthropic-ratelimit-tokens-remaining': '39000',
    'anthropic-ratelimit-tokens-reset': '2025-12-31T23:59:59Z',
  })
  expect(rateLimits(headers)).toEqual({
    requests: { limit: 50, remaining: 0, resetIn: 20_000 },
    tokens: { limit: 40_000, remaining: 39_000, resetIn: 0 },
  })
  expect(limitsReset(headers)).toBe(20_000)
})

it.each([
  ['1s', 1_000],
  ['6m0s', 360_000],
  ['20ms', 20],
  ['1h2m3.5s', 3_723_500],
  ['7', 7_000],
  ['soon', undefined],
])('reads the reset %s', (text, resetIn) => {
  const headers = new Headers({ 'x-ratelimit-remaining-tokens': '5', 'x-ratelimit-reset-tokens': text })
  expect(rateLimits(headers)?.tokens).toEqual({ remaining: 5, ...(resetIn === undefined ? {} : { resetIn }) })
})

it('headers without limits tell none', () => {
  expect(rateLimits(new Headers({ 'x-ratelimit-limit-requests': 'many' }))).toBeNull()
  expect(limitsReset(new Headers())).toBeNull()
})

it('a header that can be read in many ways is read in no time', () => {
  const text = `${'1'.repeat(5_000)}x`
  expect(rateLimits(new Headers({ 'x-ratelimit-limit-tokens': '5', 'x-ratelimit-reset-tokens': text }))).toEqual({
    tokens: { limit: 5 },
  })
})

it('no header has anybody wait for longer than a day', () => {
  const headers = {
    'anthropic-ratelimit-tokens-remaining': '0',
    'anthropic-ratelimit-tokens-reset': '9999-01-01T00:00:00Z',
  }
  expect(limitsReset(new Headers(headers))).toBe(86_400_000)
  const others = { 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': `${'9'.repeat(400)}s` }
  expect(limitsReset(new Headers(others))).toBe(86_400_000)
})
