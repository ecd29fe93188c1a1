import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { breaker } from '../../actors/breaker.ts'
import { FAILURE_RULES, failureCategory } from '../../machines/model-failure.ts'
import { openRuntime } from '../support/runtime/open-runtime.ts'

const reports = fc.array(
  fc.record({
    wait: fc.nat(40),
    /** By how much the clock of who reports is off. */
    skew: fc.constantFrom(0, 0, 86_400_000, -86_400_000),
    outcome: fc.constantFrom('succeeded' as const, 'timeout' as const, ...failureCategory.options),
  }),
  { maxLength: 40 },
)

describe('the window of a breaker', () => {
  it('opens it with the first failure that has enough others close before it, whatever time it is where they were', async () => {
    const { runtime, clock } = await openRuntime()
    let key = 0
    const property = fc.asyncProperty(
      reports,
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 60 }),
      async (all, failures, window) => {
        const ref = await runtime.spawn(breaker, { key: `b${++key}`, input: { failures, window } })
        const times: number[] = []
        for (const [index, { wait, skew, outcome }] of all.entries()) {
          await clock.advance(wait)
          const now = clock.now()
          const message = { type: 'breaker.report', call: `c${index}`, seq: 0, outcome, at: now + skew } as const
          const { state, failures: counted } = await ref.ask(message)
          if (outcome !== 'succeeded' && FAILURE_RULES[outcome].trips) times.push(now)
          const close = times.filter((time) => time > now - window).length
          expect(state).toBe(close >= failures ? 'open' : 'closed')
          if (state === 'open') return
          expect(counted).toBe(close)
        }
      },
    )
    await fc.assert(property, { numRuns: 60 })
  })

  it('begins with nothing when it closes, and ends with what it has counted', async () => {
    const { runtime, clock } = await openRuntime()
    const ref = await runtime.spawn(breaker, { key: 'b', input: { failures: 2, window: 1_000 } })
    const fail = async (call: string) => {
      const { seq } = await ref.ask({ type: 'breaker.status' })
      return ref.ask({ type: 'breaker.report', call, seq, outcome: 'timeout', at: clock.now() })
    }
    await fail('a')
    await clock.advance(900)
    await ref.ask({ type: 'breaker.reset' })
    await fail('a')
    // The time of the first is over, and of what came since nothing is forgotten with it.
    await clock.advance(200)
    expect(await ref.ask({ type: 'breaker.status' })).toMatchObject({ state: 'closed', failures: 1 })
    await clock.advance(800)
    expect(await ref.ask({ type: 'breaker.status' })).toMatchObject({ state: 'closed', failures: 0 })
  })
})
