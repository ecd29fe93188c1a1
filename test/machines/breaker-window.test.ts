import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type BreakerContext,
  failuresWith,
  isNewFailure,
  newBreaker,
  opensBreaker,
} from '../../machines/breaker-changes.ts'
import { failureCategory, FAILURE_RULES } from '../../machines/model-failure.ts'

const reports = fc.array(
  fc.record({ wait: fc.nat(40), outcome: fc.constantFrom('succeeded' as const, ...failureCategory.options) }),
  { maxLength: 60 },
)

describe('the window of a breaker', () => {
  it('opens it with the first failure that has enough others close before it, and not sooner', () => {
    fc.assert(
      fc.property(reports, fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 60 }), (all, failures, window) => {
        let context: BreakerContext = newBreaker({ failures, window })
        let at = 0
        const times: number[] = []
        for (const [index, { wait, outcome }] of all.entries()) {
          at += wait
          const report = { call: `c${index}`, seq: 0, outcome, at }
          if (outcome !== 'succeeded' && FAILURE_RULES[outcome].trips) times.push(at)
          const close = times.filter((time) => time > at - window).length
          const isTripping = times.at(-1) === at && outcome !== 'succeeded' && FAILURE_RULES[outcome].trips
          expect(opensBreaker(context, report)).toBe(isTripping && close >= failures)
          if (opensBreaker(context, report)) return
          if (isNewFailure(context, report)) context = { ...context, failures: failuresWith(context, report) }
          expect(context.failures.length).toBeLessThan(failures)
        }
      }),
    )
  })

  it('counts the same whatever the order in which news of it comes', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(100), { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 100 }),
        (times, window) => {
          const counted = (order: readonly number[]) =>
            order
              .reduce<BreakerContext>(
                (context, at, index) => ({
                  ...context,
                  failures: failuresWith(context, { call: `c${index}`, seq: 0, outcome: 'timeout', at }),
                }),
                newBreaker({ window, failures: 1_000 }),
              )
              .failures.map(({ at }) => at)
              .sort((a, b) => a - b)
          expect(counted([...times].reverse())).toEqual(counted(times))
        },
      ),
    )
  })
})
