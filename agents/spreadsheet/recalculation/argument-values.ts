import type { SheetArea } from '../formulas/workbook-names.ts'
import type { Evaluation } from './evaluation.ts'
import {
  type FormulaError,
  type FormulaValue,
  type Matrix,
  type Scalar,
  errors,
  isAreas,
  isError,
  isMatrix,
  matrix,
} from './formula-value.ts'
import { parseNumberText, toNumber } from './value-coercion.ts'

/** One value where one is needed: of a range the cell in the formula's row or column, of an array the first. */
export const scalarOf = (value: FormulaValue, evaluation: Evaluation): Scalar => {
  if (isMatrix(value)) return value.values[0] ?? null
  if (!isAreas(value)) return value
  const [area, more] = value.areas
  if (area === undefined || more !== undefined) return errors.value
  const { row, column } = evaluation.place
  if (area.top === area.bottom && area.left === area.right)
    return evaluation.cells.read(area.sheet, area.top, area.left)
  if (area.left === area.right && row >= area.top && row <= area.bottom) {
    return evaluation.cells.read(area.sheet, row, area.left)
  }
  if (area.top === area.bottom && column >= area.left && column <= area.right) {
    return evaluation.cells.read(area.sheet, area.top, column)
  }
  return errors.value
}

/** All values as a rectangle; several areas are an error. */
export const matrixOf = (value: FormulaValue, evaluation: Evaluation): Matrix => {
  if (isMatrix(value)) return value
  if (!isAreas(value)) return matrix(1, 1, [value])
  const [area, more] = value.areas
  if (area === undefined || more !== undefined) return matrix(1, 1, [errors.value])
  return evaluation.memory.values(area, evaluation.cells)
}

/** What an operand stands for: itself, or in an array formula all values of its range. */
export const operandOf = (value: FormulaValue, evaluation: Evaluation): Scalar | Matrix => {
  if (isMatrix(value)) return value
  if (!isAreas(value)) return value
  if (!evaluation.isArray) return scalarOf(value, evaluation)
  const made = matrixOf(value, evaluation)
  return made.rows === 1 && made.columns === 1 ? (made.values[0] ?? null) : made
}

/** What a mapped value costs beside a cell that is only read. */
const mappedCost = 4

/** Applies a function of single values to every combination of the places of its arguments. */
export const mapValues = (
  values: readonly (Scalar | Matrix)[],
  apply: (values: readonly Scalar[]) => Scalar,
  evaluation: Evaluation,
): Scalar | Matrix => {
  let rows = 0
  let columns = 0
  for (const value of values) {
    if (!isMatrix(value)) continue
    rows = Math.max(rows, value.rows)
    columns = Math.max(columns, value.columns)
  }
  if (rows === 0) return apply(values as readonly Scalar[])
  evaluation.cells.spend(rows * columns * mappedCost)
  const result: Scalar[] = []
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      result.push(apply(values.map((value) => (isMatrix(value) ? elementAt(value, row, column) : value))))
    }
  }
  return matrix(rows, columns, result)
}

const elementAt = (source: Matrix, row: number, column: number): Scalar => {
  const r = source.rows === 1 ? 0 : row
  const c = source.columns === 1 ? 0 : column
  return r < source.rows && c < source.columns ? (source.values[r * source.columns + c] ?? null) : errors.notAvailable
}

/** Visits every value that is not blank; `isDirect` for those written as an argument, not read from a range. */
export const eachValue = (
  values: readonly FormulaValue[],
  evaluation: Evaluation,
  visit: (value: Scalar, isDirect: boolean) => void,
): void => {
  for (const value of values) {
    if (isAreas(value)) {
      for (const area of value.areas) evaluation.cells.scan(area, (one) => visit(one, false))
    } else if (isMatrix(value)) {
      evaluation.cells.spend(value.values.length)
      for (const one of value.values) if (one !== null) visit(one, false)
    } else {
      visit(value, true)
    }
  }
}

/**
 * The numbers among the arguments, as SUM sees them: in ranges only numbers count, and what is written as an argument
 * must be one. The first error is the result.
 */
export const numbersOf = (values: readonly FormulaValue[], evaluation: Evaluation): number[] | FormulaError => {
  const numbers: number[] = []
  const problems: FormulaError[] = []
  eachValue(values, evaluation, (value, isDirect) => {
    if (typeof value === 'number') numbers.push(value)
    else if (isError(value)) problems.push(value)
    else if (isDirect) {
      const number = toNumber(value, evaluation.date1904)
      if (typeof number === 'number') numbers.push(number)
      else problems.push(number)
    }
  })
  return problems[0] ?? numbers
}

/** The numbers as AVERAGEA sees them: in ranges a text is 0 and a boolean 0 or 1. */
export const numbersAndTexts = (values: readonly FormulaValue[], evaluation: Evaluation): number[] | FormulaError => {
  const numbers: number[] = []
  const problems: FormulaError[] = []
  eachValue(values, evaluation, (value, isDirect) => {
    if (isError(value)) problems.push(value)
    else if (typeof value !== 'string') numbers.push(Number(value ?? 0))
    else if (!isDirect) numbers.push(0)
    else {
      const number = parseNumberText(value, evaluation.date1904)
      if (number === null) problems.push(errors.value)
      else numbers.push(number)
    }
  })
  return problems[0] ?? numbers
}

/** A single argument as a number. */
export const numberOf = (value: FormulaValue | undefined, evaluation: Evaluation): number | FormulaError =>
  value === undefined ? 0 : toNumber(scalarOf(value, evaluation), evaluation.date1904)

/** The areas of a reference argument, or an error when it is none. */
export const areasOf = (value: FormulaValue | undefined): readonly SheetArea[] | FormulaError => {
  if (value === undefined) return errors.value
  if (isAreas(value)) return value.areas
  return isError(value) ? value : errors.value
}
