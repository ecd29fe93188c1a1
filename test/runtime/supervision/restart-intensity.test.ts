import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { childrenPolicy } from '../../../runtime/supervision/children-policy.ts'
import type { SupervisedChild } from '../../../runtime/supervision/restart-group.ts'
import type { RestartHistory } from '../../../runtime/supervision/restart-history.ts'
import { decide, type SupervisionDecision } from '../../../runtime/supervision/supervision-decision.ts'
import { supervisionPolicy } from '../../../runtime/supervision/supervision-policy.ts'

const DAY = 86_400_000
const START = 1_000 * DAY

const limits = fc.record({ intensity: fc.integer({ min: 0, max: 6 }), period: fc.integer({ min: 1, max: 10_000 }) })
const backoffs = fc
  .record({
    first: fc.nat(3_000),
    factor: fc.constantFrom(1, 1.5, 2, 10),
    more: fc.nat(30_000),
    jitter: fc.double({ min: 0, max: 1, noNaN: true }),
  })
  .map(({ first, factor, more, jitter }) => ({ first, factor, longest: first + more, jitter }))
const chances = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
const lives = fc.record({
  lasted: fc.oneof({ weight: 4, arbitrary: fc.nat(200) }, fc.nat(12_000)),
  random: chances,
  who: fc.nat(),
})

type Limits = { readonly intensity: number; readonly period: number }

function permanent(id: string, backoff: { readonly first: number }): SupervisedChild {
  return { id, policy: supervisionPolicy({ restart: 'permanent', backoff }) }
}

function decideAlone(child: SupervisedChild, given: Limits, history: RestartHistory | null, now: number, random = 0) {
  const state = { child, siblings: [child], policy: childrenPolicy(given), history, hasParent: true }
  return decide(state, { reason: 'error', now, random })
}

/** The most starts that lie in any stretch of time as long as the period. */
function most(starts: readonly number[], period: number): number {
  return Math.max(0, ...starts.map((from) => starts.filter((at) => at >= from && at < from + period).length))
}

describe('the intensity of restarts', () => {
  it('is never exceeded in any period, and given up exactly when it would be, however failures come', () => {
    fc.assert(
      fc.property(limits, backoffs, fc.array(lives, { maxLength: 60 }), (given, backoff, failures) => {
        const child = permanent('a', backoff)
        const starts: number[] = []
        let history: RestartHistory | null = null
        let now = START
        for (const { lasted, random } of failures) {
          now += lasted
          const recent = starts.filter((at) => at > now - given.period)
          const decision: SupervisionDecision = decideAlone(child, given, history, now, random)
          expect(decision.kind).toBe(recent.length >= given.intensity ? 'escalate' : 'restart')
          // A supervisor that was restarted itself begins with no history.
          if (decision.kind !== 'restart') break
          expect(decision.after).toBeLessThanOrEqual(backoff.longest)
          expect(decision.history.starts.length).toBeLessThanOrEqual(given.intensity)
          history = decision.history
          now += decision.after
          starts.push(now)
        }
        expect(most(starts, given.period)).toBeLessThanOrEqual(given.intensity)
      }),
      { numRuns: 1_000 },
    )
  })

  it('holds for each of a group that falls together, also while others wait for their start', () => {
    const strategies = fc.constantFrom('one_for_all' as const, 'rest_for_one' as const)
    fc.assert(
      fc.property(
        limits,
        strategies,
        fc.array(backoffs, { minLength: 2, maxLength: 5 }),
        fc.array(lives, { maxLength: 60 }),
        (given, strategy, waits, failures) => {
          const siblings = waits.map((backoff, index) => permanent(`${index}`, backoff))
          const starts = new Map<string, number[]>(siblings.map(({ id }) => [id, []]))
          const pending = new Map<string, number>()
          const policy = childrenPolicy({ ...given, strategy })
          let history: RestartHistory | null = null
          let now = START
          const begin = (): void => {
            for (const [id, at] of [...pending]) {
              if (at > now) continue
              pending.delete(id)
              starts.get(id)?.push(at)
            }
          }
          for (const { lasted, random, who } of failures) {
            now += lasted
            begin()
            const running = siblings.filter(({ id }) => !pending.has(id))
            const child = running[who % running.length]
            if (!child) continue
            const decision: SupervisionDecision = decide(
              { child, siblings, policy, history, hasParent: true },
              { reason: 'error', now, random },
            )
            if (decision.kind !== 'restart') break
            history = decision.history
            expect(history.starts.length).toBeLessThanOrEqual(given.intensity)
            for (const { id } of decision.start) pending.set(id, now + decision.after)
          }
          now = Number.POSITIVE_INFINITY
          begin()
          for (const times of starts.values()) expect(most(times, given.period)).toBeLessThanOrEqual(given.intensity)
        },
      ),
      { numRuns: 1_000 },
    )
  })

  it('grants one more round at most when the clock jumps, wherever and however far', () => {
    const jumps = fc.oneof(
      fc.integer({ min: -2 * DAY, max: 2 * DAY }),
      fc.integer({ min: -20_000, max: 20_000 }),
      fc.constantFrom(DAY, -DAY),
    )
    fc.assert(
      fc.property(
        limits,
        backoffs,
        fc.array(lives, { maxLength: 60 }),
        fc.nat(20),
        jumps,
        (given, backoff, failures, at, jump) => {
          const child = permanent('a', backoff)
          const starts: number[] = []
          let history: RestartHistory | null = null
          let now = START
          for (const [index, { lasted, random }] of failures.entries()) {
            now += lasted
            const shown = index < at ? now : now + jump
            const decision: SupervisionDecision = decideAlone(child, given, history, shown, random)
            if (decision.kind !== 'restart') break
            expect(decision.history.starts.length).toBeLessThanOrEqual(given.intensity)
            history = decision.history
            now += decision.after
            starts.push(now)
          }
          expect(most(starts, given.period)).toBeLessThanOrEqual(2 * given.intensity)
        },
      ),
      { numRuns: 1_000 },
    )
  })

  it('ends a crash loop on a clock that is set back a little at each failure', () => {
    const child = permanent('a', { first: 0 })
    let history: RestartHistory | null = null
    let restarts = 0
    for (let now = START; restarts < 100; now -= 400) {
      const decision: SupervisionDecision = decideAlone(child, { intensity: 3, period: 5_000 }, history, now)
      if (decision.kind !== 'restart') break
      history = decision.history
      restarts += 1
    }
    expect(restarts).toBe(3)
  })

  it.each([-DAY, DAY, -7 * DAY, 7 * DAY])('a jump of the clock by %i ms blocks no restart at once', (jump) => {
    const history: RestartHistory = { starts: [START + 1, START + 2, START + 3], streak: 3, noted: START + 3 }
    const child = permanent('a', { first: 0 })
    const given = { intensity: 3, period: 5_000 }
    expect(decideAlone(child, given, history, START + 4).kind).toBe('escalate')
    expect(decideAlone(child, given, history, START + 4 + jump).kind).toBe('restart')
  })

  it('blocks for two periods and one wait at most, however the clock was set in between', () => {
    fc.assert(
      fc.property(fc.integer({ min: -DAY, max: DAY }), fc.nat(30_000), (shift, wait) => {
        const history: RestartHistory = { starts: [START, START, START + wait], streak: 3, noted: START }
        const decision = decideAlone(
          permanent('a', { first: 0 }),
          { intensity: 3, period: 5_000 },
          history,
          START + shift,
        )
        if (decision.kind === 'restart') return
        expect(shift).toBeGreaterThanOrEqual(-5_000)
        expect(shift).toBeLessThan(5_000 + wait)
      }),
      { numRuns: 1_000 },
    )
  })
})
