import { describe, expect, it } from 'vitest'
import {
  applyCalibration,
  buildCalibration,
  type CalibrationSample,
  expectedCalibrationError,
} from '../../machines/calibration.ts'
import { learnVoteWeights, type VoteWeights, weighVotes } from '../../machines/calibration-votes.ts'
import { evidenceConsensus } from '../../machines/evidence-consensus.ts'
import { evidenceDistance } from '../../machines/evidence-distance.ts'
import { foldOf, type KnownQuestion, MEMBERS, questions } from './gsm8k-votes.ts'

const FIELD = { kind: 'number', weight: 1 } as const
const BEST = MEMBERS.length - 1

const part = (of: readonly unknown[], all: readonly unknown[]): number => of.length / all.length
const accuracyOf = (samples: readonly CalibrationSample[]) =>
  part(
    samples.filter(({ correct }) => correct),
    samples,
  )
const bestOf = (some: readonly KnownQuestion[]) =>
  part(
    some.filter(({ correct }) => correct[BEST]),
    some,
  )

/** What weighed votes say of questions, and whether they are right. */
function judged(some: readonly KnownQuestion[], weights: VoteWeights): CalibrationSample[] {
  return some.map(({ votes, truth }) => {
    const found = weighVotes(votes, weights)
    return { confidence: found?.confidence ?? 0, correct: found?.value === truth }
  })
}

/** What a bundle of the four answers says of a question. */
function bundled({ votes, truth }: KnownQuestion): CalibrationSample & { readonly clear: boolean } {
  const answers = Object.entries(votes).flatMap(([id, data]) => (data === null ? [] : [{ id, data }]))
  const distances = answers.flatMap(({ data }, index) =>
    answers.slice(index + 1).map((other) => evidenceDistance(FIELD, data, other.data)),
  )
  const mean = distances.reduce((sum, distance) => sum + distance, 0) / distances.length
  const { value } = evidenceConsensus(FIELD, answers, { tolerance: 0.2, fields: 1 })
  return { confidence: distances.length > 0 ? 1 - mean : 0, correct: value === truth, clear: value !== null }
}

/** Each fold judged by what the others teach. */
function acrossFolds<T>(folds: number, judge: (train: KnownQuestion[], test: KnownQuestion[]) => T[]): T[] {
  return Array.from({ length: folds }, (_, fold) =>
    judge(
      questions.filter((question) => foldOf(question, folds) !== fold),
      questions.filter((question) => foldOf(question, folds) === fold),
    ),
  ).flat()
}

// By the last digit of the hash: decided before anything was measured.
const train = questions.filter((question) => foldOf(question, 2) === 1)
const heldOut = questions.filter((question) => foldOf(question, 2) === 0)

describe('four models on grade-school mathematics', () => {
  it('were judged as comparing the numbers judges them', () => {
    for (const { answers, truth, correct } of questions) {
      expect(answers.map((answer) => answer === truth)).toEqual(correct)
    }
    const each = MEMBERS.map((_, index) =>
      part(
        questions.filter(({ correct }) => correct[index]),
        questions,
      ),
    )
    expect(each.map((accuracy) => accuracy.toFixed(3))).toMatchInlineSnapshot(`
      [
        "0.220",
        "0.389",
        "0.320",
        "0.565",
      ]
    `)
  })

  it('are right more often the more of them agree', () => {
    const rows = [1, 2, 3, 4].map((agreeing) => {
      const some = questions.filter(({ votes }) => {
        const given = Object.values(votes).filter((vote) => vote !== null)
        return Math.max(...given.map((vote) => given.filter((other) => other === vote).length)) === agreeing
      })
      const right = judged(some, learnVoteWeights(train))
      return `${agreeing} agree: ${some.length} questions, ${accuracyOf(right).toFixed(3)} right`
    })
    expect(rows).toMatchInlineSnapshot(`
      [
        "1 agree: 250 questions, 0.348 right",
        "2 agree: 201 questions, 0.532 right",
        "3 agree: 121 questions, 0.769 right",
        "4 agree: 88 questions, 0.966 right",
      ]
    `)
  })
})

describe('weighed votes on questions they have not seen', () => {
  it('know how often they are right, and are right more often than the best of the models', () => {
    const found = judged(heldOut, learnVoteWeights(train))
    expect([train.length, heldOut.length]).toEqual([328, 332])
    expect(expectedCalibrationError(found)).toBeLessThan(0.05)
    expect(accuracyOf(found)).toBeGreaterThan(bestOf(heldOut))
    const report = { ece: expectedCalibrationError(found), accuracy: accuracyOf(found), best: bestOf(heldOut) }
    expect(Object.entries(report).map(([name, value]) => `${name} ${value.toFixed(4)}`)).toMatchInlineSnapshot(`
      [
        "ece 0.0444",
        "accuracy 0.5964",
        "best 0.5934",
      ]
    `)
  })

  it('know it the other way round too', () => {
    const found = judged(train, learnVoteWeights(heldOut))
    expect(expectedCalibrationError(found)).toBeLessThan(0.05)
    expect(accuracyOf(found)).toBeGreaterThan(bestOf(train))
  })

  // One question more or less of a hundred, which is chance: the best model is hardly ever outvoted rightly. What votes add
  // is to know when it is right.
  it.each([5, 10, 20])('know it in each of %d folds, and are as good as the best model', (folds) => {
    const found = acrossFolds(folds, (known, asked) => judged(asked, learnVoteWeights(known)))
    expect(found).toHaveLength(questions.length)
    expect(expectedCalibrationError(found)).toBeLessThan(0.05)
    expect(Math.abs(accuracyOf(found) - bestOf(questions))).toBeLessThan(0.01)
  })

  it('pick out the half that can be relied upon', () => {
    const found = judged(heldOut, learnVoteWeights(train)).sort((one, other) => other.confidence - one.confidence)
    const sure = found.slice(0, found.length / 2)
    expect(accuracyOf(sure)).toBeGreaterThan(bestOf(heldOut) + 0.15)
    expect(accuracyOf(found.slice(found.length / 2))).toBeLessThan(bestOf(heldOut) - 0.15)
  })
})

describe('the confidence of a bundle', () => {
  it('is far off as it is, and close when it is calibrated', () => {
    const calibrated = acrossFolds(5, (known, asked) => {
      const table = buildCalibration(known.map(bundled))
      return asked.map((question) => {
        const { confidence, correct } = bundled(question)
        return { confidence: applyCalibration(table, confidence), correct }
      })
    })
    expect(expectedCalibrationError(questions.map(bundled))).toBeGreaterThan(0.2)
    expect(expectedCalibrationError(calibrated)).toBeLessThan(0.05)
  })

  it('comes with a consensus where it is unambiguous, which is right four times of five', () => {
    const clear = questions.map(bundled).filter(({ clear: isClear }) => isClear)
    expect(part(clear, questions)).toBeGreaterThan(0.35)
    expect(accuracyOf(clear)).toBeGreaterThan(0.8)
  })
})
