import { columnName, maxColumns, maxRows, parseAddress, quoteSheet } from '../formulas/cell-reference.ts'
import { parseFormula } from '../formulas/formula-parser.ts'
import { areasOf, numberOf, scalarOf } from './argument-values.ts'
import { type Evaluation, type FunctionTable, arrays, onlyArea, range, scalar } from './evaluation.ts'
import {
  type FormulaError,
  type FormulaValue,
  UnsupportedFormula,
  errors,
  isAreas,
  isError,
  isMatrix,
  matrix,
  rangeColumns,
  rangeRows,
} from './formula-value.ts'
import { toBoolean, toNumber, toText } from './value-coercion.ts'

/** The numbers of the rows or columns of a reference; without one, of the formula's own cell. */
const lineNumbers = (isRow: boolean) =>
  range(0, 1, ([value], evaluation) => {
    if (value === undefined) {
      // Every cell of an array formula sees the number of its own row.
      if (evaluation.array === null) return (isRow ? evaluation.place.row : evaluation.place.column) + 1
      const { top, left, bottom, right } = evaluation.array
      const count = isRow ? bottom - top + 1 : right - left + 1
      const first = isRow ? top + 1 : left + 1
      if (count === 1) return first
      const own = Array.from({ length: count }, (_, at) => first + at)
      return matrix(isRow ? count : 1, isRow ? 1 : count, own)
    }
    if (isError(value)) return value
    const area = onlyArea(value)
    if (area === null) return errors.value
    const first = (isRow ? area.top : area.left) + 1
    const count = isRow ? rangeRows(area) : rangeColumns(area)
    if (!evaluation.isArray || count === 1) return first
    const bounded = evaluation.cells.bounded(area)
    const length = isRow ? rangeRows(bounded) : rangeColumns(bounded)
    evaluation.cells.spend(length)
    const numbers = Array.from({ length }, (_, at) => first + at)
    return matrix(isRow ? length : 1, isRow ? 1 : length, numbers)
  })

const size = (isRow: boolean) =>
  arrays(1, 1, ([value = null], _evaluation) => {
    if (isError(value)) return value
    if (isMatrix(value)) return isRow ? value.rows : value.columns
    if (!isAreas(value)) return 1
    const area = onlyArea(value)
    if (area === null) return errors.reference
    return isRow ? rangeRows(area) : rangeColumns(area)
  })

const offset = (values: readonly FormulaValue[], evaluation: Evaluation): FormulaValue => {
  const [base, ...rest] = values
  const areas = areasOf(base)
  if (isErrorValue(areas)) return areas
  const [area, more] = areas
  if (area === undefined || more !== undefined) return errors.value
  const numbers: number[] = []
  for (const [at, value] of rest.entries()) {
    const fallback = at === 2 ? rangeRows(area) : rangeColumns(area)
    const number = value === null && at > 1 ? fallback : numberOf(value, evaluation)
    if (typeof number !== 'number') return number
    numbers.push(Math.trunc(number))
  }
  const [rows = 0, columns = 0, height = rangeRows(area), width = rangeColumns(area)] = numbers
  if (height === 0 || width === 0) return errors.reference
  const top = area.top + rows + Math.min(height + 1, 0)
  const left = area.left + columns + Math.min(width + 1, 0)
  const bottom = top + Math.abs(height) - 1
  const right = left + Math.abs(width) - 1
  if (top < 0 || left < 0 || bottom >= maxRows || right >= maxColumns) return errors.reference
  return { kind: 'areas', areas: [{ sheet: area.sheet, top, left, bottom, right }] }
}

const isErrorValue = (value: object): value is FormulaError => 'kind' in value

const indirect = (values: readonly FormulaValue[], evaluation: Evaluation): FormulaValue => {
  const [first = null, style] = values
  const text = toText(scalarOf(first, evaluation))
  if (typeof text !== 'string') return text
  const isA1 = style === undefined ? true : toBoolean(scalarOf(style, evaluation))
  if (isA1 !== true) throw new UnsupportedFormula('INDIRECT with an R1C1 text')
  const address = parseAddress(text.trim())
  if (address !== null) {
    const sheet = address.sheet === null ? evaluation.place.sheet : evaluation.names.sheetIndex(address.sheet)
    if (sheet >= 0) return { kind: 'areas', areas: [{ sheet, ...address.range }] }
    if (address.sheet?.includes('[') === true) throw new UnsupportedFormula('reference to another workbook')
    return errors.reference
  }
  const parsed = parseFormula(text, evaluation.place.row, evaluation.place.column)
  if (parsed.problem !== null || parsed.expression.kind !== 'reference') return errors.reference
  const value = evaluation.evaluate(parsed.expression, evaluation)
  return isAreas(value) ? value : errors.reference
}

/** Where things are, and references made by a formula. */
export const referenceFunctions: FunctionTable = {
  ROW: lineNumbers(true),
  COLUMN: lineNumbers(false),
  ROWS: size(true),
  COLUMNS: size(false),
  OFFSET: range(3, 5, offset),
  INDIRECT: range(1, 2, indirect),
  SHEETS: range(0, 1, ([value], evaluation) => {
    if (value === undefined) return evaluation.cells.workbook.sheets.length
    const areas = areasOf(value)
    return isErrorValue(areas) ? areas : new Set(areas.map((area) => area.sheet)).size
  }),
  SHEET: range(0, 1, ([value], evaluation) => {
    if (value === undefined) return evaluation.place.sheet + 1
    if (typeof value === 'string') {
      const sheet = evaluation.names.sheetIndex(value)
      return sheet < 0 ? errors.notAvailable : sheet + 1
    }
    const areas = areasOf(value)
    return isErrorValue(areas) ? areas : (areas[0]?.sheet ?? 0) + 1
  }),
  ADDRESS: scalar(2, 5, ([row = null, column = null, kind, style, sheet], { date1904 }) => {
    const r = toNumber(row, date1904)
    const c = toNumber(column, date1904)
    const pinned = kind === undefined || kind === null ? 1 : toNumber(kind, date1904)
    if (typeof r !== 'number') return r
    if (typeof c !== 'number') return c
    if (typeof pinned !== 'number') return pinned
    if (r < 1 || c < 1 || r > maxRows || c > maxColumns || pinned < 1 || pinned > 4) return errors.value
    const name = sheet === undefined ? '' : toText(sheet)
    if (typeof name !== 'string') return name
    const prefix = name === '' ? '' : `${quoteSheet(name)}!`
    const pinsRow = pinned <= 2
    const pinsColumn = pinned === 1 || pinned === 3
    if (style === undefined || toBoolean(style) === true) {
      return `${prefix}${pinsColumn ? '$' : ''}${columnName(c - 1)}${pinsRow ? '$' : ''}${r}`
    }
    return `${prefix}R${pinsRow ? r : `[${r}]`}C${pinsColumn ? c : `[${c}]`}`
  }),
  ISFORMULA: range(1, 1, ([value], evaluation) => {
    const areas = areasOf(value)
    if (isErrorValue(areas)) return areas
    const [area] = areas
    return area !== undefined && evaluation.cells.cell(area.sheet, area.top, area.left)?.formula !== undefined
  }),
  FORMULATEXT: range(1, 1, ([value], evaluation) => {
    const areas = areasOf(value)
    if (isErrorValue(areas)) return areas
    const [area] = areas
    const formula = area === undefined ? undefined : evaluation.cells.cell(area.sheet, area.top, area.left)?.formula
    return formula === undefined ? errors.notAvailable : `=${formula}`
  }),
  HYPERLINK: scalar(1, 2, ([target = null, shown]) => (shown === undefined ? target : shown)),
}
