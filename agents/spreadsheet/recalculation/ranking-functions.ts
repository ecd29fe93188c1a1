import { matrixOf, numberOf, numbersOf } from './argument-values.ts'
import { type Evaluation, type FunctionTable, onlyArea, range } from './evaluation.ts'
import { type FormulaError, type FormulaValue, errors, finite } from './formula-value.ts'
import { ascending, percentile, percentileExclusive } from './number-statistics.ts'

/** A statistic with a parameter: `LARGE(range, k)`. */
const withParameter = (statistic: (sorted: readonly number[], parameter: number) => number | FormulaError) =>
  range(2, 2, ([values = null, parameter], evaluation) => {
    const sorted = sortedNumbers(values, evaluation)
    if ('kind' in sorted) return sorted
    const number = numberOf(parameter, evaluation)
    if (typeof number !== 'number') return number
    const result = statistic(sorted, number)
    return typeof result === 'number' ? finite(result) : result
  })

/** The numbers in ascending order; sorted once for a range, as many formulas ask for its ranks. */
const sortedNumbers = (values: FormulaValue, evaluation: Evaluation): readonly number[] | FormulaError => {
  const area = onlyArea(values)
  if (area !== null) return evaluation.memory.sorted(area, evaluation.cells)
  const numbers = numbersOf([values], evaluation)
  return Array.isArray(numbers) ? ascending(numbers) : numbers
}

/** How many of the sorted numbers are below a limit, or not above it. */
const countBelow = (sorted: readonly number[], limit: number, inclusive: boolean): number => {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const one = sorted[middle] ?? 0
    if (one < limit || (inclusive && one === limit)) low = middle + 1
    else high = middle
  }
  return low
}

const rank = (isAverage: boolean) =>
  range(2, 3, ([value, list = null, order], evaluation) => {
    const wanted = numberOf(value, evaluation)
    const direction = numberOf(order, evaluation)
    const sorted = sortedNumbers(list, evaluation)
    if (typeof wanted !== 'number') return wanted
    if (typeof direction !== 'number') return direction
    if ('kind' in sorted) return sorted
    const below = countBelow(sorted, wanted, false)
    const notAbove = countBelow(sorted, wanted, true)
    const same = notAbove - below
    if (same === 0) return errors.notAvailable
    const before = direction === 0 ? sorted.length - notAbove : below
    return before + 1 + (isAverage ? (same - 1) / 2 : 0)
  })

/** Places in sorted numbers. */
export const rankingFunctions: FunctionTable = {
  LARGE: withParameter((sorted, place) => sorted[sorted.length - Math.ceil(place)] ?? errors.number),
  SMALL: withParameter((sorted, place) => sorted[Math.ceil(place) - 1] ?? errors.number),
  PERCENTILE: withParameter(percentile),
  'PERCENTILE.INC': withParameter(percentile),
  'PERCENTILE.EXC': withParameter(percentileExclusive),
  QUARTILE: withParameter((sorted, quarter) => percentile(sorted, Math.trunc(quarter) / 4)),
  'QUARTILE.INC': withParameter((sorted, quarter) => percentile(sorted, Math.trunc(quarter) / 4)),
  'QUARTILE.EXC': withParameter((sorted, quarter) => percentileExclusive(sorted, Math.trunc(quarter) / 4)),
  RANK: rank(false),
  'RANK.EQ': rank(false),
  'RANK.AVG': rank(true),
  FREQUENCY: range(2, 2, ([data = null, bins = null], evaluation) => {
    const numbers = numbersOf([data], evaluation)
    if (!Array.isArray(numbers)) return numbers
    const limits = matrixOf(bins, evaluation).values.filter((one) => typeof one === 'number')
    const counts = Array.from({ length: limits.length + 1 }, () => 0)
    const sorted = limits.map((limit, at) => ({ limit, at })).toSorted((a, b) => a.limit - b.limit)
    const ordered = sorted.map(({ limit }) => limit)
    evaluation.cells.spend((numbers.length + limits.length) * 16)
    for (const one of numbers) {
      const at = sorted[countBelow(ordered, one, false)]?.at ?? limits.length
      counts[at] = (counts[at] ?? 0) + 1
    }
    return { kind: 'matrix', rows: counts.length, columns: 1, values: counts }
  }),
}
