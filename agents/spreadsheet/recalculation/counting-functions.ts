import { eachValue, numberOf } from './argument-values.ts'
import { type Evaluation, type FunctionTable, range } from './evaluation.ts'
import {
  type FormulaValue,
  type Scalar,
  UnsupportedFormula,
  errors,
  finite,
  isAreas,
  isError,
  rangeColumns,
  rangeRows,
} from './formula-value.ts'
import { type Statistic, maximum, mean, minimum, total, variance } from './number-statistics.ts'
import type { RangeSummary } from './range-summary.ts'
import { parseNumberText } from './value-coercion.ts'

const many = 255

const count = (
  values: readonly FormulaValue[],
  evaluation: Evaluation,
  isCounted: (value: Scalar, direct: boolean) => boolean,
): number => {
  let found = 0
  eachValue(values, evaluation, (value, isDirect) => {
    if (isCounted(value, isDirect)) found += 1
  })
  return found
}

/** A count that the summary answers for ranges, and a test for every other value. */
const counting = (answer: (summary: RangeSummary) => number, isCounted: (value: Scalar, direct: boolean) => boolean) =>
  range(1, many, (values, evaluation) => {
    let found = 0
    for (const value of values) {
      if (!isAreas(value)) found += count([value], evaluation, isCounted)
      else for (const area of value.areas) found += answer(evaluation.memory.summary(area, evaluation.cells))
    }
    return found
  })

const isNumeric = (value: Scalar, isDirect: boolean): boolean =>
  typeof value === 'number' ||
  (isDirect && (typeof value === 'boolean' || (typeof value === 'string' && parseNumberText(value, false) !== null)))

const statistics: readonly (Statistic | null)[] = [
  null,
  mean,
  null,
  null,
  maximum,
  minimum,
  (numbers) => numbers.reduce((product, one) => product * one, 1),
  variance(1, true),
  variance(0, true),
  total,
  variance(1, false),
  variance(0, false),
]

// Totals inside the range are left out, as they would count twice.
const subtotal = (which: number, values: readonly FormulaValue[], evaluation: Evaluation): Scalar => {
  const found: Scalar[] = []
  for (const value of values) {
    if (!isAreas(value)) return errors.value
    for (const area of value.areas) {
      if ((evaluation.cells.workbook.sheets[area.sheet]?.hiddenRows ?? 0) > 0) {
        throw new UnsupportedFormula('SUBTOTAL over a sheet with hidden rows')
      }
      evaluation.cells.scan(area, (one, row, column) => {
        const formula = evaluation.cells.cell(area.sheet, row, column)?.formula
        if (formula === undefined || !/\b(SUBTOTAL|AGGREGATE)\(/i.test(formula)) found.push(one)
      })
    }
  }
  if (which === 3) return found.length
  const numbers = found.filter((one) => typeof one === 'number')
  if (which === 2) return numbers.length
  const statistic = statistics[which]
  if (statistic === null || statistic === undefined) return errors.value
  const problem = found.find(isError)
  if (problem !== undefined) return problem
  const result = statistic(numbers)
  return typeof result === 'number' ? finite(result) : result
}

/** Counts, and the subtotals of lists. */
export const countingFunctions: FunctionTable = {
  COUNT: counting((summary) => summary.count, isNumeric),
  COUNTA: counting(
    (summary) => summary.filled,
    () => true,
  ),
  COUNTBLANK: range(1, 1, ([value = null], evaluation) => {
    if (!isAreas(value)) return errors.value
    let blanks = 0
    for (const area of value.areas) {
      const { filled, emptyTexts } = evaluation.memory.summary(area, evaluation.cells)
      blanks += rangeRows(area) * rangeColumns(area) - filled + emptyTexts
    }
    return blanks
  }),
  SUBTOTAL: range(2, many, ([which, ...values], evaluation) => {
    const number = numberOf(which, evaluation)
    if (typeof number !== 'number') return number
    return subtotal(number > 100 ? number - 100 : number, values, evaluation)
  }),
}
