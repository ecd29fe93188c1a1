import { expect, it } from 'vitest'
import type { FaultAnswer } from '../../../../actors/models/fault-answer.ts'
import type { RetryPolicy } from '../../../../machines/retry-policy.ts'
import { endOf } from '../../../support/models/call-end.ts'
import { openHttpBench } from '../../../support/models/http-bench.ts'
import { PROVIDERS } from '../../../support/models/provider-matrix.ts'

const BUSY = { status: 429 } as const
const DOWN = { status: 503 } as const
const SERVER_DATE = 'Thu, 01 Jan 2026 00:00:00 GMT'
const used = (reset: string) => ({
  'x-ratelimit-limit-requests': '60',
  'x-ratelimit-remaining-requests': '0',
  'x-ratelimit-reset-requests': reset,
})

/** What a server asks for, the policy, and the delays before the attempts. Chance is always a half. */
const DELAYS: readonly (readonly [string, FaultAnswer, Partial<RetryPolicy>, readonly number[]])[] = [
  ['full jitter is up to the delay', DOWN, {}, [0, 500, 1_000]],
  ['proportional jitter is a quarter more or less', DOWN, { jitter: 'proportional' }, [0, 1_000, 2_000]],
  ['no jitter', DOWN, { jitter: 'none' }, [0, 1_000, 2_000]],
  [
    'the delay grows up to the cap',
    DOWN,
    { jitter: 'none', attempts: 5, factor: 8 },
    [0, 1_000, 8_000, 60_000, 60_000],
  ],
  ['one attempt waits for nothing', DOWN, { attempts: 1 }, [0]],
  ['retry-after in seconds', { ...BUSY, retryAfter: 7 }, {}, [0, 7_000, 7_000]],
  ['retry-after in parts of a second', { ...BUSY, headers: { 'retry-after': '1.5' } }, {}, [0, 1_500, 1_500]],
  ['retry-after in milliseconds', { ...BUSY, headers: { 'retry-after-ms': '2500' } }, {}, [0, 2_500, 2_500]],
  [
    'retry-after as a date',
    { ...BUSY, retryAfter: new Date('2026-01-01T00:00:30Z'), headers: { date: SERVER_DATE } },
    {},
    [0, 30_000, 30_000],
  ],
  [
    'retry-after as a date that has passed',
    { ...BUSY, retryAfter: new Date('2025-12-31T23:00:00Z'), headers: { date: SERVER_DATE } },
    {},
    [0, 500, 1_000],
  ],
  ['retry-after beyond the cap is cut', { ...BUSY, retryAfter: 86_400 }, {}, [0, 60_000, 60_000]],
  ['retry-after of 24 days does not park a call', { ...BUSY, retryAfter: 2_142_720 }, {}, [0, 60_000, 60_000]],
  ['retry-after below the own delay', { ...BUSY, headers: { 'retry-after-ms': '10' } }, {}, [0, 500, 1_000]],
  ['retry-after of nonsense', { ...BUSY, headers: { 'retry-after': 'soon' } }, {}, [0, 500, 1_000]],
  ['retry-after of less than nothing', { ...BUSY, headers: { 'retry-after': '-5' } }, {}, [0, 500, 1_000]],
  ['retry-after of an overloaded server', { status: 529, retryAfter: 9 }, {}, [0, 9_000, 9_000]],
  ['retry-after of one that is down', { ...DOWN, retryAfter: 4 }, {}, [0, 4_000, 4_000]],
  ['the reset of what is used up', { ...BUSY, headers: used('12.5s') }, {}, [0, 12_500, 12_500]],
  ['the reset beyond the cap', { ...BUSY, headers: used('6m0s') }, {}, [0, 60_000, 60_000]],
  [
    'all delays together have a limit',
    { ...BUSY, retryAfter: 60 },
    { attempts: 20 },
    [0, 60_000, 60_000, 60_000, 60_000, 60_000],
  ],
  ['a limit of all delays that one alone passes', { ...BUSY, retryAfter: 60 }, { total: 59_999 }, [0]],
]

for (const [name, make] of PROVIDERS) {
  it.each(DELAYS)(`${name}: %s`, async (_name, answer, retry, delays) => {
    const { drive, client, model, clock, server } = await openHttpBench(make, {
      answers: () => answer,
      models: { retry, breakers: false },
    })
    const began = clock.now()
    const end = await drive(endOf(client.call({ model, prompt: 'Good morning' })))
    expect(end.attempts.map(({ delay }) => delay)).toEqual(delays)
    expect(server.requests).toHaveLength(delays.length)
    // What is recorded is what was waited.
    let due = began
    for (const { startedAt, delay } of end.attempts) expect(startedAt).toBe((due += delay))
  })
}
