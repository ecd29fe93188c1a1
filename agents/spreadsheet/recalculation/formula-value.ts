import type { CellRange } from '../workbook.ts'
import type { SheetArea } from '../formulas/workbook-names.ts'

/** An error value such as `#DIV/0!`. */
export interface FormulaError {
  readonly kind: 'error'
  readonly code: string
}

/** What one cell can hold; null is a blank. */
export type Scalar = number | string | boolean | null | FormulaError

/** A rectangle of values, row by row. */
export interface Matrix {
  readonly kind: 'matrix'
  readonly rows: number
  readonly columns: number
  readonly values: readonly Scalar[]
}

/** A reference that has not been read yet: one area, or several of a union or a 3D reference. */
export interface Areas {
  readonly kind: 'areas'
  readonly areas: readonly SheetArea[]
}

/** What an expression evaluates to. */
export type FormulaValue = Scalar | Matrix | Areas

const error = (code: string): FormulaError => ({ kind: 'error', code })

/** The error values that evaluation itself makes. */
export const errors = {
  null: error('#NULL!'),
  division: error('#DIV/0!'),
  value: error('#VALUE!'),
  reference: error('#REF!'),
  name: error('#NAME?'),
  number: error('#NUM!'),
  notAvailable: error('#N/A'),
} as const

const known = new Map<string, FormulaError>(Object.values(errors).map((one) => [one.code, one]))

/** The error value of its text. */
export const errorOf = (code: string): FormulaError => known.get(code) ?? error(code)

export const isError = (value: FormulaValue): value is FormulaError =>
  typeof value === 'object' && value !== null && value.kind === 'error'

export const isMatrix = (value: FormulaValue): value is Matrix =>
  typeof value === 'object' && value !== null && value.kind === 'matrix'

export const isAreas = (value: FormulaValue): value is Areas =>
  typeof value === 'object' && value !== null && value.kind === 'areas'

/** A rectangle of values. */
export const matrix = (rows: number, columns: number, values: readonly Scalar[]): Matrix => ({
  kind: 'matrix',
  rows,
  columns,
  values,
})

/** The value at a place of a matrix; what lies outside is `#N/A`, single rows and columns repeat. */
export const matrixAt = (source: Matrix, row: number, column: number): Scalar => {
  const r = source.rows === 1 ? 0 : row
  const c = source.columns === 1 ? 0 : column
  if (r >= source.rows || c >= source.columns) return errors.notAvailable
  return source.values[r * source.columns + c] ?? null
}

/** A result as a number that a cell can hold. */
export const finite = (value: number): Scalar => {
  if (Number.isFinite(value)) return value === 0 ? 0 : value
  return errors.number
}

export const rangeRows = (range: CellRange): number => range.bottom - range.top + 1

export const rangeColumns = (range: CellRange): number => range.right - range.left + 1

/** The formula needs something this evaluator does not have. Caught by whoever asked for the value. */
export class UnsupportedFormula extends Error {
  override readonly name = 'UnsupportedFormula'
}

/** The formula asks for the time or for chance: it has no right value. Caught by whoever asked for the value. */
export class VolatileFormula extends Error {
  override readonly name = 'VolatileFormula'
}

/** The value of another formula is needed first. Caught by the recalculation, which then tries again. */
export class PendingFormula extends Error {
  override readonly name = 'PendingFormula'
  readonly formula: number

  constructor(formula: number) {
    super(`Formula ${formula} must be computed first.`)
    this.formula = formula
  }
}

/** The evaluation took more operations than it was given. */
export class OperationsExhausted extends Error {
  override readonly name = 'OperationsExhausted'
}
