import { expect, it } from 'vitest'
import { createFaultServer } from '../../../actors/models/fault-server.ts'
import type { FaultAnswer } from '../../../actors/models/fault-answer.ts'
import { FAILURE_RULES, type FailureCategory } from '../../../machines/model-failure.ts'
import { openFaultServer } from '../../support/models/open-fault-server.ts'
import { callModel, PROVIDERS, SECRET } from '../../support/models/provider-matrix.ts'

/** What a server answers, and what that is to whoever called. */
const FAULTS: readonly (readonly [name: string, answer: FaultAnswer, category: FailureCategory])[] = [
  ['400', { status: 400 }, 'validation'],
  ['401', { status: 401 }, 'authentication'],
  ['402', { status: 402 }, 'spend_limit'],
  ['403', { status: 403 }, 'permission'],
  ['404, the model is unknown', { status: 404 }, 'not_found'],
  ['408', { status: 408 }, 'timeout'],
  ['409', { status: 409 }, 'rate_limit'],
  ['413', { status: 413 }, 'context_length'],
  ['422', { status: 422 }, 'validation'],
  ['429', { status: 429 }, 'rate_limit'],
  [
    '429 for want of credit',
    { status: 429, error: { code: 'insufficient_quota', message: 'You exceeded your current quota' } },
    'spend_limit',
  ],
  ['500', { status: 500 }, 'server_error'],
  ['502 with a page for people', { status: 502, body: '<html>Bad gateway</html>' }, 'server_error'],
  ['503', { status: 503 }, 'server_error'],
  ['529', { status: 529 }, 'server_error'],
  [
    'a context that is too long',
    { status: 400, error: { message: "This model's maximum context length is 8192 tokens" } },
    'context_length',
  ],
  [
    'a prompt that is too long',
    { status: 400, error: { message: 'prompt is too long: 210000 tokens > 200000 maximum' } },
    'context_length',
  ],
  ['a context code', { status: 400, error: { code: 'context_length_exceeded' } }, 'context_length'],
  ['a filtered prompt', { status: 400, error: { code: 'content_filter', message: 'filtered' } }, 'content_filter'],
  [
    'a flagged prompt',
    { status: 400, error: { message: 'Output blocked by content filtering policy' } },
    'content_filter',
  ],
  [
    'too little credit',
    { status: 400, error: { message: 'Your credit balance is too low to access the API' } },
    'spend_limit',
  ],
  ['a body that is no JSON', { status: 500, body: '{"oops' }, 'server_error'],
  ['a socket lost before the headers', { hangUp: true }, 'network'],
  ['a socket lost in the middle', { text: ['a', 'b'], lostAfter: 1 }, 'network'],
  ['a stream that ends without its end', { text: ['a', 'b'], cutAfter: 1 }, 'network'],
  ['garbage in the middle', { text: ['a', 'b'], garbageAfter: 1 }, 'server_error'],
  ['an overload told in the middle', { text: ['a', 'b'], errorAfter: 1 }, 'server_error'],
  [
    'an error told in the middle that nobody knows',
    { text: ['a'], errorAfter: 0, error: { type: 'strange', message: 'strange' } },
    'server_error',
  ],
  [
    'a rate limit told in the middle',
    { text: ['a'], errorAfter: 0, error: { type: 'rate_limit_error', message: 'slow down' } },
    'rate_limit',
  ],
  ['a refusal', { refusal: 'I will not' }, 'refusal'],
]

for (const [provider, make] of PROVIDERS) {
  it.each(FAULTS)(`${provider}: %s fails as it should`, async (_name, answer, category) => {
    const server = await openFaultServer({ answers: [answer] })
    const { failure, code, error } = await callModel(make(server))
    expect({ category: failure?.category, message: error?.message }).toEqual({ category, message: error?.message })
    expect(code).toBe(FAILURE_RULES[category].code)
    expect(error?.retryable).toBe(FAILURE_RULES[category].retry)
    expect(failure?.status).toBe(answer.status ?? null)
    expect(JSON.stringify(error)).not.toContain(SECRET)
    expect(server.requests).toHaveLength(1)
  })

  it(`${provider}: a server that is not there is a network failure that says where`, async () => {
    const server = await createFaultServer()
    await server.stop()
    const { failure, error } = await callModel(make(server))
    expect(failure).toMatchObject({ category: 'network', status: null })
    expect(error?.message).toContain('ECONNREFUSED')
  })

  it.each([
    ['seconds', { retryAfter: 7 }, 7_000],
    ['milliseconds', { headers: { 'retry-after-ms': '1500' } }, 1_500],
    [
      'a date',
      { retryAfter: new Date('2026-01-01T00:00:30Z'), headers: { date: 'Thu, 01 Jan 2026 00:00:00 GMT' } },
      30_000,
    ],
    ['days, as they are', { retryAfter: 86_400 }, 86_400_000],
    [
      'the reset of a limit that is used up',
      {
        headers: {
          'x-ratelimit-limit-requests': '60',
          'x-ratelimit-remaining-requests': '0',
          'x-ratelimit-reset-requests': '1m2.5s',
        },
      },
      62_500,
    ],
  ] as const)(`${provider}: how long to wait comes from %s`, async (_name, answer, expected) => {
    const server = await openFaultServer({ answers: [{ status: 429, ...answer }] })
    expect((await callModel(make(server))).failure).toMatchObject({ category: 'rate_limit', retryAfter: expected })
  })
}

const HINTED: readonly (readonly [status: number, hint: RegExp])[] = [
  [401, /set .*(apiKey of (openai|anthropic|compatible)\(\)|LAB_API_KEY).*127\.0\.0\.1/],
  [403, /apiKey of (openai|anthropic|compatible)\(\).*grants/],
  [404, /models\(\).*baseURL, which is http:\/\/127\.0\.0\.1/],
]

for (const [provider, make] of PROVIDERS) {
  it.each(HINTED)(`${provider}: after a %i it is said what to set, and where`, async (status, hint) => {
    const server = await openFaultServer({ answers: [{ status }] })
    const { error } = await callModel(make(server))
    expect(error?.hint).toMatch(hint)
    expect(error?.data).toMatchObject({ hint: error?.hint })
  })

  it(`${provider}: where nobody answers, the address to correct is said`, async () => {
    const server = await openFaultServer()
    await server.stop()
    const { error } = await callModel(make(server))
    expect(error?.hint).toContain(`correct baseURL: nobody answers at ${server.url}`)
  })
}
