import type { SheetArea } from '../formulas/workbook-names.ts'
import type { CellSource } from './cell-source.ts'
import {
  type FormulaError,
  type Matrix,
  type Scalar,
  UnsupportedFormula,
  isError,
  matrix,
  rangeColumns,
  rangeRows,
} from './formula-value.ts'
import { type RangeSummarizer, rangeSummarizer } from './range-summary.ts'
import { parseNumberText } from './value-coercion.ts'

/**
 * What one evaluation found and another can use again. A cell's value never changes while a workbook is recalculated,
 * so thousands of lookups in one table share its index, and running totals share the sums of what they have in common.
 */
export interface EvaluationMemory {
  /** The values of an area. */
  values(area: SheetArea, cells: CellSource): Matrix
  /** The sum, count and extremes of an area. */
  readonly summary: RangeSummarizer
  /** Positions in an area, counted row by row, by `lookupKey` and `numericTextKey`; each in ascending order. */
  positions(area: SheetArea, cells: CellSource): ReadonlyMap<string | number, readonly number[]>
  /** The numbers of an area in ascending order, or its first error. */
  sorted(area: SheetArea, cells: CellSource): readonly number[] | FormulaError
  /** The result of a function over whole areas. */
  result(key: string, compute: () => Scalar): Scalar
}

/** Values kept at most, so that the memory stays small beside the workbook. */
const keptValues = 2_000_000

/** Values in one array at most. */
const largestArray = 4_000_000

/** Values that a lookup takes as equal have the same key; texts have the prefix that keeps them from booleans. */
export const lookupKey = (value: Scalar): string | number | null => {
  if (typeof value === 'number') return value === 0 ? 0 : value
  if (typeof value === 'string') return `t${value.toLowerCase()}`
  return typeof value === 'boolean' ? `b${value}` : null
}

/** The key of texts that stand for a number, which criteria take as that number. */
export const numericTextKey = (value: number): string => `n${value}`

const keyOf = (area: SheetArea): string => `${area.sheet}.${area.top}.${area.left}.${area.bottom}.${area.right}`

/** An empty memory; for one workbook and one recalculation. */
export const evaluationMemory = (): EvaluationMemory => {
  const matrices = new Map<string, Matrix>()
  const indexes = new Map<string, Map<string | number, number[]>>()
  const orders = new Map<string, readonly number[] | FormulaError>()
  const results = new Map<string, Scalar>()
  let kept = 0

  const keep = (size: number): void => {
    kept += size
    if (kept <= keptValues) return
    matrices.clear()
    indexes.clear()
    orders.clear()
    kept = size
  }

  return {
    values: (asked, cells) => {
      const area = cells.bounded(asked)
      const size = rangeRows(area) * rangeColumns(area)
      if (size === 1) return matrix(1, 1, [cells.read(area.sheet, area.top, area.left)])
      const key = size > 32 ? keyOf(area) : ''
      const known = matrices.get(key)
      if (known !== undefined) return known
      if (size > largestArray) throw new UnsupportedFormula(`array of more than ${largestArray} values`)
      cells.spend(size)
      const columns = rangeColumns(area)
      const values = Array.from<Scalar>({ length: size }).fill(null)
      cells.scan(area, (value, row, column) => {
        values[(row - area.top) * columns + column - area.left] = value
      })
      const made = matrix(rangeRows(area), columns, values)
      if (key !== '') {
        keep(size)
        matrices.set(key, made)
      }
      return made
    },
    summary: rangeSummarizer(),
    positions: (area, cells) => {
      const key = keyOf(area)
      let found = indexes.get(key)
      if (found === undefined) {
        const made = new Map<string | number, number[]>()
        let size = 0
        const columns = rangeColumns(area)
        const add = (name: string | number | null, at: number): void => {
          if (name === null) return
          const before = made.get(name)
          if (before === undefined) made.set(name, [at])
          else before.push(at)
          size += 1
        }
        cells.scan(area, (value, row, column) => {
          const at = (row - area.top) * columns + column - area.left
          add(lookupKey(value), at)
          const number = typeof value === 'string' ? parseNumberText(value, cells.workbook.date1904) : null
          if (number !== null) add(numericTextKey(number), at)
        })
        keep(size)
        indexes.set(key, made)
        found = made
      }
      return found
    },
    sorted: (area, cells) => {
      const key = keyOf(area)
      const known = orders.get(key)
      if (known !== undefined) return known
      const numbers: number[] = []
      const problems: FormulaError[] = []
      cells.scan(area, (value) => {
        if (typeof value === 'number') numbers.push(value)
        else if (isError(value)) problems.push(value)
      })
      keep(numbers.length)
      const made = problems[0] ?? numbers.sort((a, b) => a - b)
      orders.set(key, made)
      return made
    },
    result: (key, compute) => {
      const known = results.get(key)
      if (known !== undefined) return known
      const made = compute()
      results.set(key, made)
      return made
    },
  }
}
