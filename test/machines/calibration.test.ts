import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  applyCalibration,
  buildCalibration,
  calibrationTable,
  expectedCalibrationError,
} from '../../machines/calibration.ts'
import { learnVoteWeights, weighVotes } from '../../machines/calibration-votes.ts'

const sample = fc.record({ confidence: fc.double({ min: 0, max: 1, noNaN: true }), correct: fc.boolean() })
const samples = fc.array(sample, { minLength: 1, maxLength: 80 })

describe('a calibration table', () => {
  it('never falls as confidence rises, stays within 0 and 1, and counts every sample', () => {
    fc.assert(
      fc.property(
        samples,
        fc.integer({ min: 1, max: 20 }),
        fc.array(sample, { minLength: 2 }),
        (known, bins, asked) => {
          const table = buildCalibration(known, { bins })
          expect(calibrationTable.parse(JSON.parse(JSON.stringify(table)))).toEqual(table)
          expect(table.steps.reduce((sum, { count }) => sum + count, 0)).toBe(known.length)
          const rising = asked.map(({ confidence }) => confidence).sort((one, other) => one - other)
          const found = rising.map((confidence) => applyCalibration(table, confidence))
          for (const [index, accuracy] of found.entries()) {
            expect(accuracy >= 0 && accuracy <= 1).toBe(true)
            expect(accuracy).toBeGreaterThanOrEqual((found[index - 1] ?? 0) - 1e-12)
          }
        },
      ),
    )
  })

  it('says how often answers of a confidence were right, never quite never and never quite always', () => {
    const known = [
      ...Array.from({ length: 8 }, (_, index) => ({ confidence: 0.9, correct: index < 8 })),
      ...Array.from({ length: 8 }, (_, index) => ({ confidence: 0.5, correct: index < 2 })),
    ]
    const table = buildCalibration(known)
    expect(table.steps).toEqual([
      { confidence: 0.5, accuracy: 0.3, count: 8 },
      { confidence: expect.closeTo(0.9), accuracy: 0.9, count: 8 },
    ])
    expect([0, 0.5, 0.7, 0.9, 1].map((at) => applyCalibration(table, at).toFixed(6))).toEqual([
      ...['0.300000', '0.300000', '0.600000', '0.900000', '0.900000'],
    ])
  })

  it('puts together what falls', () => {
    const known = [
      { confidence: 0.2, correct: true },
      { confidence: 0.8, correct: false },
    ]
    expect(buildCalibration(known).steps).toEqual([{ confidence: 0.5, accuracy: 0.5, count: 2 }])
  })

  it.each([
    ['no samples', [], {}],
    ['a confidence above 1', [{ confidence: 1.2, correct: true }], {}],
    ['no number', [{ confidence: Number.NaN, correct: true }], {}],
    ['no bins', [{ confidence: 1, correct: true }], { bins: 0 }],
  ])('is refused for %s', (_, known, options) => {
    expect(() => buildCalibration(known, options)).toThrow(expect.objectContaining({ code: 'INVALID_MESSAGE' }))
  })
})

describe('the expected calibration error', () => {
  it('is 0 for who is right as often as expected, and the gap for who is not', () => {
    const always = (confidence: number, rights: readonly boolean[]) =>
      rights.map((correct) => ({ confidence, correct }))
    expect(expectedCalibrationError(always(0.75, [true, true, true, false]))).toBeCloseTo(0, 12)
    expect(expectedCalibrationError(always(1, [true, false]))).toBeCloseTo(0.5, 12)
    expect(expectedCalibrationError([...always(0.05, [true]), ...always(0.95, [true])])).toBeCloseTo(0.5, 12)
  })
})

describe('weighed votes', () => {
  const known = Array.from({ length: 40 }, (_, index) => ({
    truth: index,
    votes: {
      good: index < 32 ? index : -1,
      fair: index % 2 === 0 ? index : -2,
      poor: index % 5 === 0 ? index : -3,
      mute: null,
    },
  }))
  const weights = learnVoteWeights(known)

  it('count for more the more often a member is right, and nothing where it says nothing', () => {
    const [good = 0, fair = 0, poor = 0] = ['good', 'fair', 'poor'].map((name) => weights.members[name]?.weight)
    expect(good > fair && fair > poor && poor >= 0).toBe(true)
    expect(weighVotes({ good: null, mute: undefined }, weights)).toBeNull()
    expect(weighVotes({}, weights)).toBeNull()
  })

  it('take the answer that is most likely right', () => {
    expect(weighVotes({ good: 1, poor: 2 }, weights)).toMatchObject({ value: 1, members: ['good'] })
    const together = weighVotes({ good: 1, fair: { b: 1, a: 2 }, poor: { a: 2, b: 1 } }, weights)
    expect(together?.confidence).toBeLessThan(weighVotes({ good: 1, fair: 1 }, weights)?.confidence ?? 0)
  })

  it('are sure of nothing that nobody known says', () => {
    const found = weighVotes({ stranger: 7 }, weights)
    expect(found).toEqual({ value: 7, members: ['stranger'], confidence: 0.5 })
  })

  it('are a probability for any votes and any past', () => {
    const vote = fc.constantFrom<unknown>(1, 2, 'x', null, [1])
    const votes = fc.dictionary(fc.constantFrom('a', 'b', '__proto__', 'toString'), vote)
    fc.assert(
      fc.property(fc.array(fc.record({ votes, truth: vote })), votes, (past, now) => {
        const found = weighVotes(now, learnVoteWeights(past))
        expect(found === null).toBe(Object.values(now).every((value) => value === null))
        expect(found?.confidence ?? 0).toBeGreaterThanOrEqual(0)
        expect(found?.confidence ?? 0).toBeLessThanOrEqual(1)
      }),
    )
  })
})
