import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { acquire, feed } from '../../machines/limiter-changes.ts'
import { initialLimiter, type LimiterContext } from '../../machines/limiter-context.ts'
import { createBucket, draw, refill, report, timeUntil } from '../../machines/limiter-bucket.ts'

// Debts that a division says take a hair longer than they do.
const ROUNDED: [number, number, number][] = [
  [9, 8_783, 1],
  [9, 1_661, 1],
  [72, 937, 1],
  [18, 36, 0.5],
]
const rate = fc.integer({ min: 1, max: 10_000 })

describe('a bucket of a limiter', () => {
  it('has what was asked for when it said that it would, and not a millisecond before', () => {
    fc.assert(
      fc.property(
        rate,
        fc.integer({ min: 0, max: 10_000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (size, taken, part) => {
          const bucket = draw(createBucket(size), taken)
          const amount = Math.max(1, Math.floor(part * size))
          const wait = timeUntil(bucket, amount)
          expect(timeUntil(refill(bucket, wait), amount)).toBe(0)
          expect(wait <= 1 || timeUntil(refill(bucket, wait - 1), amount) > 0).toBe(true)
        },
      ),
      { examples: ROUNDED, numRuns: 1_000 },
    )
  })

  it('takes no report of more than it has, and of less it does', () => {
    const bucket = draw(createBucket(100), 50)
    expect(report(bucket, { limit: 200, remaining: 180 }).level).toBe(50)
    expect(report(bucket, { limit: 200, remaining: 10 }).level).toBe(10)
    expect(report(createBucket(null), { limit: 60, remaining: 7 }).level).toBe(7)
  })

  it('owes no more than a minute fills, whatever a call is said to have used', () => {
    for (const used of [1_000, 1e12, 1e300]) expect(timeUntil(draw(createBucket(60), used), 60)).toBe(120_000)
  })

  it('that counts by the day fills by the day', () => {
    const daily = report(createBucket(null), { limit: 200, remaining: 0, resetIn: 86_400_000 })
    expect(timeUntil(daily, 1)).toBe(432_000)
  })
})

describe('a limiter over time', () => {
  it('waits for no reset longer than a day, whatever it was told', () => {
    const settings = { requestsPerMinute: null, tokensPerMinute: null, concurrency: null, queue: 5, ttl: 1 }
    for (const requests of [
      { remaining: 0, resetIn: 1e300 },
      { limit: 10, remaining: 0, resetIn: 1e300 },
    ]) {
      const fed = feed(initialLimiter(settings), { requests }, 0)
      const { wakeAt } = acquire(fed, { id: 'a', tokens: 0, patience: 1e9, holder: null }, 'ask', 0)
      expect(wakeAt).toBeLessThanOrEqual(86_400_000)
    }
  })

  it('lets no window of time have more than a full bucket and what came in meanwhile', () => {
    const call = fc.record({ after: fc.integer({ min: 0, max: 20_000 }), tokens: fc.integer({ min: 1, max: 50 }) })
    fc.assert(
      fc.property(fc.integer({ min: 50, max: 500 }), fc.array(call, { maxLength: 60 }), (tokensPerMinute, calls) => {
        const settings = { requestsPerMinute: null, tokensPerMinute, concurrency: null, queue: 0, ttl: 1 }
        let context: LimiterContext = initialLimiter(settings)
        let at = 0
        const granted: { at: number; tokens: number }[] = []
        for (const [index, { after, tokens }] of calls.entries()) {
          at += after
          context = acquire(context, { id: `${index}`, tokens, patience: 1, holder: null }, 'ask', at)
          if (context.orders.some((order) => order.do === 'grant')) granted.push({ at, tokens })
        }
        for (const [from, { at: start }] of granted.entries()) {
          let sum = 0
          for (const later of granted.slice(from)) {
            sum += later.tokens
            const most = tokensPerMinute + (tokensPerMinute / 60_000) * (later.at - start)
            expect(sum).toBeLessThanOrEqual(most + 1e-3)
          }
        }
      }),
    )
  })
})
