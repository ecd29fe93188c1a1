import { matrixOf, numberOf } from './argument-values.ts'
import { type Evaluation, type FunctionTable, range } from './evaluation.ts'
import { type FormulaError, type FormulaValue, errors, finite, isError } from './formula-value.ts'

/** Sums over pairs of numbers, from their means. */
interface PairSums {
  readonly count: number
  readonly meanX: number
  readonly meanY: number
  readonly xx: number
  readonly yy: number
  readonly xy: number
}

const pairSums = (ys: FormulaValue, xs: FormulaValue, evaluation: Evaluation): PairSums | FormulaError => {
  const first = matrixOf(ys, evaluation)
  const second = matrixOf(xs, evaluation)
  if (first.values.length !== second.values.length) return errors.notAvailable
  const pairs: { x: number; y: number }[] = []
  for (const [at, y] of first.values.entries()) {
    const x = second.values[at] ?? null
    if (isError(y)) return y
    if (isError(x)) return x
    if (typeof x === 'number' && typeof y === 'number') pairs.push({ x, y })
  }
  const count = pairs.length
  if (count === 0) return errors.division
  const meanX = pairs.reduce((sum, { x }) => sum + x, 0) / count
  const meanY = pairs.reduce((sum, { y }) => sum + y, 0) / count
  let xx = 0
  let yy = 0
  let xy = 0
  for (const { x, y } of pairs) {
    xx += (x - meanX) ** 2
    yy += (y - meanY) ** 2
    xy += (x - meanX) * (y - meanY)
  }
  return { count, meanX, meanY, xx, yy, xy }
}

const overPairs = (compute: (sums: PairSums) => number | FormulaError) =>
  range(2, 2, ([ys = null, xs = null], evaluation) => {
    const sums = pairSums(ys, xs, evaluation)
    if ('kind' in sums) return sums
    const result = compute(sums)
    return typeof result === 'number' ? (Number.isNaN(result) ? errors.division : finite(result)) : result
  })

const correlation = ({ xx, yy, xy }: PairSums): number | FormulaError =>
  xx === 0 || yy === 0 ? errors.division : xy / Math.sqrt(xx * yy)

const slope = ({ xx, xy }: PairSums): number | FormulaError => (xx === 0 ? errors.division : xy / xx)

const forecast = range(3, 3, ([at, ys = null, xs = null], evaluation) => {
  const x = numberOf(at, evaluation)
  if (typeof x !== 'number') return x
  const sums = pairSums(ys, xs, evaluation)
  if ('kind' in sums) return sums
  return sums.xx === 0 ? errors.division : finite(sums.meanY + (sums.xy / sums.xx) * (x - sums.meanX))
})

/** Correlation and the straight line through points. */
export const linearFunctions: FunctionTable = {
  CORREL: overPairs(correlation),
  PEARSON: overPairs(correlation),
  RSQ: overPairs((sums) => {
    const value = correlation(sums)
    return typeof value === 'number' ? value * value : value
  }),
  SLOPE: overPairs(slope),
  INTERCEPT: overPairs((sums) => {
    const value = slope(sums)
    return typeof value === 'number' ? sums.meanY - value * sums.meanX : value
  }),
  STEYX: overPairs(({ count, xx, yy, xy }) =>
    count < 3 || xx === 0 ? errors.division : Math.sqrt((yy - (xy * xy) / xx) / (count - 2)),
  ),
  COVAR: overPairs(({ count, xy }) => xy / count),
  'COVARIANCE.P': overPairs(({ count, xy }) => xy / count),
  'COVARIANCE.S': overPairs(({ count, xy }) => (count < 2 ? errors.division : xy / (count - 1))),
  FORECAST: forecast,
  'FORECAST.LINEAR': forecast,
}
