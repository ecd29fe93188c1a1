import { z } from 'zod'
import { TroupeError } from '../runtime/protocol/errors.ts'

/** One answer whose truth is known: how sure it was, and whether it was right. */
export interface CalibrationSample {
  readonly confidence: number
  readonly correct: boolean
}

/** How often answers of a confidence turned out right: steps that rise with the confidence. Plain data. */
export const calibrationTable = z.object({
  steps: z
    .array(
      z.object({
        /** The mean confidence of its samples. */
        confidence: z.number().min(0).max(1),
        /** The part of them that was right, smoothed. */
        accuracy: z.number().min(0).max(1),
        count: z.number().int().positive(),
      }),
    )
    .min(1)
    .readonly(),
})

/** How often answers of a confidence turned out right. */
export type CalibrationTable = z.output<typeof calibrationTable>

interface Step {
  readonly sum: number
  readonly right: number
  readonly count: number
}

const BINS = 10

/**
 * Makes a calibration table of samples: bins of about as many samples each, smoothed after Laplace, and neighbours put
 * together until accuracy nowhere falls as confidence rises (pool adjacent violators). Samples of one confidence are never
 * parted. Throws INVALID_MESSAGE without samples, or for a confidence outside 0 to 1.
 *
 * @example
 * const table = buildCalibration(bundles.map(({ summary, correct }) => ({ confidence: summary.confidence, correct })))
 */
export function buildCalibration(
  samples: readonly CalibrationSample[],
  { bins = BINS }: { readonly bins?: number } = {},
): CalibrationTable {
  checkSamples(samples)
  if (!Number.isInteger(bins) || bins < 1) {
    throw new TroupeError('INVALID_MESSAGE', `bins is ${bins}`, { where: 'bins', hint: 'give a whole number from 1' })
  }
  const steps: Step[] = []
  for (const bin of binsOf(samples, bins)) {
    let step = bin
    for (let last = steps.at(-1); last && smoothed(last) >= smoothed(step); last = steps.at(-1)) {
      steps.pop()
      step = merge(last, step)
    }
    steps.push(step)
  }
  return {
    steps: steps.map((step) => ({
      confidence: step.sum / step.count,
      accuracy: smoothed(step),
      count: step.count,
    })),
  }
}

/** How often an answer of this confidence is right, between the steps of a table in a straight line. */
export function applyCalibration({ steps }: CalibrationTable, confidence: number): number {
  const above = steps.findIndex((step) => step.confidence >= confidence)
  const high = steps.at(above)
  const low = above > 0 ? steps[above - 1] : undefined
  if (!high) return confidence
  if (above === -1 || !low) return high.accuracy
  const part = (confidence - low.confidence) / (high.confidence - low.confidence)
  return low.accuracy + part * (high.accuracy - low.accuracy)
}

/**
 * The expected calibration error, after Naeini, Cooper and Hauskrecht (2015) as Guo et al. (2017) write it: samples in bins
 * of equal width, `sum over bins of (n in bin / n) * |accuracy in bin - mean confidence in bin|`.
 */
export function expectedCalibrationError(samples: readonly CalibrationSample[], bins = BINS): number {
  checkSamples(samples)
  const each = Array.from({ length: bins }, () => ({ gap: 0 }))
  for (const { confidence, correct } of samples) {
    const bin = each[Math.min(bins - 1, Math.floor(confidence * bins))]
    if (bin) bin.gap += Number(correct) - confidence
  }
  return each.reduce((sum, { gap }) => sum + Math.abs(gap), 0) / samples.length
}

function binsOf(samples: readonly CalibrationSample[], bins: number): readonly Step[] {
  const sorted = [...samples].sort((one, other) => one.confidence - other.confidence)
  const size = sorted.length / bins
  const found: Step[] = []
  let open: Step = { sum: 0, right: 0, count: 0 }
  let taken = 0
  for (const [index, { confidence, correct }] of sorted.entries()) {
    open = { sum: open.sum + confidence, right: open.right + Number(correct), count: open.count + 1 }
    const isLastOfItsKind = sorted[index + 1]?.confidence !== confidence
    if (!isLastOfItsKind || index + 1 < taken + size) continue
    found.push(open)
    taken = index + 1
    open = { sum: 0, right: 0, count: 0 }
  }
  return open.count > 0 ? [...found, open] : found
}

function merge(one: Step, other: Step): Step {
  return { sum: one.sum + other.sum, right: one.right + other.right, count: one.count + other.count }
}

function smoothed({ right, count }: Step): number {
  return (right + 1) / (count + 2)
}

function checkSamples(samples: readonly CalibrationSample[]): void {
  if (samples.length === 0) {
    throw new TroupeError('INVALID_MESSAGE', 'there are no samples', {
      where: 'samples',
      hint: 'give answers of which it is known whether they are right',
    })
  }
  const wrong = samples.findIndex(({ confidence }) => !(confidence >= 0 && confidence <= 1))
  if (wrong === -1) return
  throw new TroupeError('INVALID_MESSAGE', `the confidence of sample ${wrong} is ${samples[wrong]?.confidence}`, {
    where: `samples.${wrong}`,
    hint: 'give a number from 0 to 1',
  })
}
