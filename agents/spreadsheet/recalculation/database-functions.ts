import { matrixOf, scalarOf } from './argument-values.ts'
import { type Criterion, criterionOf } from './criterion.ts'
import { type FunctionTable, range } from './evaluation.ts'
import {
  type FormulaError,
  type Matrix,
  type Scalar,
  UnsupportedFormula,
  errors,
  finite,
  isError,
} from './formula-value.ts'
import { type Statistic, maximum, mean, minimum, total, variance } from './number-statistics.ts'

const cellAt = (source: Matrix, row: number, column: number): Scalar =>
  source.values[row * source.columns + column] ?? null

const sameLabel = (one: Scalar, other: Scalar): boolean =>
  typeof one === 'string' && typeof other === 'string' && one.trim().toLowerCase() === other.trim().toLowerCase()

const columnOf = (list: Matrix, label: Scalar): number => {
  if (typeof label === 'number') return label >= 1 && label <= list.columns ? Math.trunc(label) - 1 : -1
  for (let column = 0; column < list.columns; column += 1) if (sameLabel(cellAt(list, 0, column), label)) return column
  return -1
}

interface LabelledCriterion {
  readonly column: number
  readonly criterion: Criterion
}

// Rows of the criteria are alternatives; the cells of a row hold together. A plain text stands for its beginning.
const alternatives = (list: Matrix, conditions: Matrix, date1904: boolean): LabelledCriterion[][] => {
  const found: LabelledCriterion[][] = []
  for (let row = 1; row < conditions.rows; row += 1) {
    const line: LabelledCriterion[] = []
    for (let at = 0; at < conditions.columns; at += 1) {
      const wanted = cellAt(conditions, row, at)
      if (wanted === null) continue
      const column = columnOf(list, cellAt(conditions, 0, at))
      if (column < 0) throw new UnsupportedFormula('database function with a computed criterion')
      const isPlain = typeof wanted === 'string' && /^[^<>=*?~]/.test(wanted)
      line.push({ column, criterion: criterionOf(isPlain ? `${wanted}*` : wanted, date1904) })
    }
    found.push(line)
  }
  return found
}

const overMatches = (summarize: (values: readonly Scalar[]) => Scalar) =>
  range(3, 3, ([listValue = null, label = null, conditionValue = null], evaluation) => {
    const list = matrixOf(listValue, evaluation)
    const conditions = matrixOf(conditionValue, evaluation)
    const field = scalarOf(label, evaluation)
    const column = columnOf(list, field)
    if (column < 0) return isError(field) ? field : errors.value
    const lines = alternatives(list, conditions, evaluation.date1904)
    evaluation.cells.spend(list.rows * conditions.values.length)
    const values: Scalar[] = []
    for (let row = 1; row < list.rows; row += 1) {
      const isMatch = lines.some((line) =>
        line.every(({ column: at, criterion }) => criterion.matches(cellAt(list, row, at))),
      )
      if (isMatch) values.push(cellAt(list, row, column))
    }
    return summarize(values)
  })

const overNumbers = (statistic: Statistic) =>
  overMatches((values) => {
    const problem: FormulaError | undefined = values.find(isError)
    if (problem !== undefined) return problem
    const result = statistic(values.filter((one) => typeof one === 'number'))
    return typeof result === 'number' ? finite(result) : result
  })

/** Functions over lists with a row of labels and a range of criteria. */
export const databaseFunctions: FunctionTable = {
  DSUM: overNumbers(total),
  DAVERAGE: overNumbers(mean),
  DMIN: overNumbers(minimum),
  DMAX: overNumbers(maximum),
  DPRODUCT: overNumbers((numbers) => (numbers.length === 0 ? 0 : numbers.reduce((product, one) => product * one, 1))),
  DSTDEV: overNumbers(variance(1, true)),
  DSTDEVP: overNumbers(variance(0, true)),
  DVAR: overNumbers(variance(1, false)),
  DVARP: overNumbers(variance(0, false)),
  DCOUNT: overMatches((values) => values.filter((one) => typeof one === 'number').length),
  DCOUNTA: overMatches((values) => values.filter((one) => one !== null).length),
  DGET: overMatches((values) => {
    if (values.length === 0) return errors.value
    return values.length > 1 ? errors.number : (values[0] ?? 0)
  }),
}
