import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FAILURE_RULES, type FailureCategory } from '../../machines/model-failure.ts'
import { nextDelay, type RetryPolicy } from '../../machines/retry-policy.ts'

const policy: RetryPolicy = { attempts: 8, first: 1_000, factor: 2, cap: 60_000, jitter: 'none', total: 300_000 }
const failed = (category: FailureCategory = 'timeout', retryAfter: number | null = null) => ({
  category,
  message: 'x',
  status: null,
  code: null,
  retryAfter,
  requestId: null,
})
const after = (attempt: number, waited = 0) => ({ attempt, waited })
const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })

describe('the delay before the next attempt', () => {
  it('doubles from the first to the cap', () => {
    const delays = [1, 2, 3, 4, 5, 6, 7].map((attempt) => nextDelay(policy, after(attempt), failed(), 0))
    expect(delays).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000])
  })

  it('is none after the last attempt, and for failures that do not pass', () => {
    expect(nextDelay(policy, after(8), failed(), 0)).toBe(null)
    const retried = Object.keys(FAILURE_RULES).filter(
      (category) => nextDelay(policy, after(1), failed(category as FailureCategory), 0) !== null,
    )
    expect(retried).toEqual(['timeout', 'rate_limit', 'server_error', 'network'])
  })

  it('is what the other side asked for, as far as the cap', () => {
    expect(nextDelay(policy, after(1), failed('rate_limit', 7_000), 0)).toBe(7_000)
    expect(nextDelay(policy, after(1), failed('rate_limit', 3_600_000), 0)).toBe(60_000)
    expect(nextDelay({ ...policy, jitter: 'full' }, after(3), failed('rate_limit', 500), 0)).toBe(500)
  })

  it('is none where all delays together would be too long', () => {
    expect(nextDelay(policy, after(2, 298_000), failed(), 0)).toBe(2_000)
    expect(nextDelay(policy, after(2, 298_001), failed(), 0)).toBe(null)
  })

  it('stays within its bounds, whatever chance says', () => {
    fc.assert(
      fc.property(
        fc.record({
          attempts: fc.integer({ min: 1, max: 2_000 }),
          first: fc.nat(1e9),
          factor: fc.double({ min: 1, max: 1_000, noNaN: true }),
          cap: fc.nat(1e9),
          jitter: fc.constantFrom('full', 'proportional', 'none'),
          total: fc.nat(1e10),
        }),
        fc.integer({ min: 1, max: 2_000 }),
        fc.nat(1e10),
        fc.option(fc.nat(1e12)),
        chance,
        (any, attempt, waited, retryAfter, random) => {
          const delay = nextDelay(any as RetryPolicy, { attempt, waited }, failed('timeout', retryAfter), random)
          if (delay === null) return
          expect(Number.isInteger(delay)).toBe(true)
          expect(delay).toBeGreaterThanOrEqual(Math.min(any.cap, retryAfter ?? 0))
          expect(delay).toBeLessThanOrEqual(any.cap)
          expect(waited + delay).toBeLessThanOrEqual(any.total)
          expect(attempt).toBeLessThan(any.attempts)
        },
      ),
    )
  })

  it('is spread by full jitter from nothing, and by proportional jitter a quarter to either side', () => {
    fc.assert(
      fc.property(chance, (random) => {
        const of = (jitter: RetryPolicy['jitter']) => nextDelay({ ...policy, jitter }, after(3), failed(), random)
        expect(of('full')).toBe(Math.ceil(4_000 * random))
        expect(of('proportional')).toBe(Math.ceil(3_000 + 2_000 * random))
      }),
    )
  })
})
