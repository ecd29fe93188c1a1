import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DEGRADATION_LADDER, type DegradationAsk, degrade, needOf } from '../../machines/degradation.ts'

const rates = {
  small: { input: 250, output: 1_250 },
  medium: { input: 3_000, output: 15_000 },
  large: { input: 10_000, output: 30_000 },
}
const ask: DegradationAsk = { inputTokens: 5_000, outputTokens: 2_000, replicates: 3, tier: 'large', ms: 1_000 }

describe('a degradation', () => {
  it('leaves what fits as it is', () => {
    expect(degrade(ask, {}, { rates })).toEqual({ outcome: 'call', ask, steps: [], fits: true })
    const exactly = needOf(ask, rates.large)
    expect(exactly).toEqual({ tokens: 21_000, nanoUsd: 330_000_000, ms: 1_000 })
    expect(degrade(ask, exactly, { rates }).steps).toEqual([])
  })

  it('shortens the context by no more than it must', () => {
    const { ask: lower, steps, fits } = degrade(ask, { tokens: 20_000 }, { rates })
    expect(lower).toEqual({ ...ask, inputTokens: 4_666 })
    expect(steps).toEqual([{ rung: 'shorten_context', before: 5_000, after: 4_666 }])
    expect(fits).toBe(true)
  })

  it('goes down rung by rung, and tells each that it took', () => {
    const { outcome, ask: lower, steps } = degrade(ask, { nanoUsd: 60_000_000 }, { rates })
    expect(outcome).toBe('call')
    expect(steps.map(({ rung }) => rung)).toEqual(['shorten_context', 'cap_output', 'cheaper_tier'])
    expect(lower).toEqual({ inputTokens: 2_500, outputTokens: 512, replicates: 3, tier: 'medium', ms: 1_000 })
  })

  it('asks fewer replicates when no tier is cheap enough', () => {
    const few = degrade(ask, { tokens: 7_000 }, { rates })
    expect(few.ask).toMatchObject({ replicates: 2, inputTokens: 2_500, outputTokens: 512 })
    expect(few.fits).toBe(true)
  })

  it('does without a model where that is possible, and stops where it is not', () => {
    expect(degrade(ask, { tokens: 10 }, { rates, fallback: true })).toMatchObject({ outcome: 'fallback', fits: true })
    const stopped = degrade(ask, { ms: 999 }, { rates })
    expect(stopped).toMatchObject({ outcome: 'stop', fits: true })
    expect(stopped.steps.at(-1)).toEqual({ rung: 'stop', before: null, after: null })
  })

  it('says so when its ladder ends before anything fits', () => {
    const short = degrade(ask, { tokens: 10 }, { rates, ladder: DEGRADATION_LADDER.slice(0, 2) })
    expect(short).toMatchObject({ outcome: 'call', fits: false, ask: { inputTokens: 2_500, outputTokens: 512 } })
  })

  it('never takes a tier that costs more, and leaves one that is free', () => {
    const strange = { small: rates.large, large: rates.small }
    const ladder = [{ do: 'cheaper_tier' }] as const
    expect(degrade(ask, { nanoUsd: 1 }, { rates: strange, ladder }).ask.tier).toBe('large')
    expect(degrade(ask, { tokens: 1 }, { rates: { small: rates.small }, ladder }).ask.tier).toBe('large')
  })

  it('stays within what is left when it says that it does, and never asks for more than was wanted', () => {
    const count = fc.integer({ min: 0, max: 50_000 })
    const most = fc.option(fc.integer({ min: 0, max: 400_000 }), { nil: undefined })
    const wanted = fc.record({
      inputTokens: count,
      outputTokens: count,
      replicates: fc.integer({ min: 1, max: 10 }),
      tier: fc.constantFrom('small', 'medium', 'large'),
      ms: fc.integer({ min: 0, max: 1_000 }),
    })
    const amounts = fc.record({
      tokens: most,
      nanoUsd: fc.option(fc.integer({ min: 0, max: 3e9 }), { nil: undefined }),
    })
    const ladder = fc.shuffledSubarray([...DEGRADATION_LADDER])
    fc.assert(
      fc.property(wanted, amounts, ladder, fc.boolean(), (before, { tokens, nanoUsd }, rungs, fallback) => {
        const left = { ...(tokens === undefined ? {} : { tokens }), ...(nanoUsd === undefined ? {} : { nanoUsd }) }
        const { outcome, ask: after, steps, fits } = degrade(before, left, { rates, ladder: rungs, fallback })
        const need = needOf(after, rates[after.tier])
        const isWithin = need.tokens <= (tokens ?? Infinity) && need.nanoUsd <= (nanoUsd ?? Infinity)
        expect(outcome !== 'call' || fits === isWithin).toBe(true)
        for (const part of ['inputTokens', 'outputTokens', 'replicates'] as const) {
          expect(after[part]).toBeLessThanOrEqual(before[part])
        }
        expect(needOf(after, rates[after.tier]).nanoUsd).toBeLessThanOrEqual(needOf(before, rates[before.tier]).nanoUsd)
        const order = rungs.map((rung) => rung.do)
        expect(steps.map(({ rung }) => order.indexOf(rung))).toEqual(
          steps.map(({ rung }) => order.indexOf(rung)).toSorted((one, other) => one - other),
        )
      }),
    )
  })
})
