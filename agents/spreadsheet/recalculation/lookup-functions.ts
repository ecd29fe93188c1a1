import { mapValues, matrixOf, numberOf, operandOf, scalarOf } from './argument-values.ts'
import { type Evaluation, type FunctionTable, arrays, onlyArea, range } from './evaluation.ts'
import {
  type FormulaError,
  type FormulaValue,
  type Scalar,
  errors,
  isAreas,
  isError,
  isMatrix,
  matrix,
  rangeColumns,
  rangeRows,
} from './formula-value.ts'
import { type LookupVector, findExact, findNearest, findSorted, lookupVector } from './lookup-search.ts'
import { toBoolean } from './value-coercion.ts'

interface Shape {
  readonly rows: number
  readonly columns: number
}

const shapeOf = (value: FormulaValue, evaluation: Evaluation): Shape => {
  const area = onlyArea(value)
  return area === null ? matrixOf(value, evaluation) : { rows: rangeRows(area), columns: rangeColumns(area) }
}

/** The part of a range or array; of a range it is a range again. */
const partOf = (value: FormulaValue, top: number, left: number, size: Shape, evaluation: Evaluation): FormulaValue => {
  const area = onlyArea(value)
  if (area !== null) {
    const part = { sheet: area.sheet, top: area.top + top, left: area.left + left }
    return {
      kind: 'areas',
      areas: [{ ...part, bottom: part.top + size.rows - 1, right: part.left + size.columns - 1 }],
    }
  }
  const source = matrixOf(value, evaluation)
  if (size.rows === 1 && size.columns === 1) return source.values[top * source.columns + left] ?? null
  const values: Scalar[] = []
  for (let row = top; row < top + size.rows; row += 1) {
    for (let column = left; column < left + size.columns; column += 1) {
      values.push(source.values[row * source.columns + column] ?? null)
    }
  }
  return matrix(size.rows, size.columns, values)
}

const isTable = (value: FormulaValue): boolean => isMatrix(value) || onlyArea(value) !== null

/** VLOOKUP and, turned by a quarter, HLOOKUP. */
const tableLookup = (isRow: boolean) =>
  range(3, 4, ([key = null, table = null, place, sorted], evaluation) => {
    if (isError(table)) return table
    if (!isTable(table)) return errors.notAvailable
    const isSorted = sorted === undefined ? true : toBoolean(scalarOf(sorted, evaluation))
    if (typeof isSorted !== 'boolean') return isSorted
    const vector = lookupVector(table, isRow, 0, evaluation)
    const shape = shapeOf(table, evaluation)
    const lookUp = ([wanted = null, line = null]: readonly Scalar[]): Scalar => {
      if (isError(wanted)) return wanted
      const number = numberOf(line, evaluation)
      if (typeof number !== 'number') return number
      const at = Math.trunc(number) - 1
      if (at < 0) return errors.value
      if (at >= (isRow ? shape.rows : shape.columns)) return errors.reference
      const found = isSorted ? findSorted(vector, wanted, true) : findExact(vector, wanted, true)
      if (found < 0) return errors.notAvailable
      const one = { rows: 1, columns: 1 }
      return scalarOf(partOf(table, isRow ? at : found, isRow ? found : at, one, evaluation), evaluation)
    }
    return mapValues([operandOf(key, evaluation), operandOf(place ?? null, evaluation)], lookUp, evaluation)
  })

const vectorOf = (value: FormulaValue, evaluation: Evaluation): LookupVector | null => {
  if (!isTable(value) && isAreas(value)) return null
  const { rows, columns } = shapeOf(value, evaluation)
  return rows > 1 && columns > 1 ? null : lookupVector(value, rows === 1, 0, evaluation)
}

const match = range(2, 3, ([key = null, list = null, type], evaluation) => {
  if (isError(list)) return list
  const vector = vectorOf(list, evaluation)
  const kind = type === undefined ? 1 : numberOf(type, evaluation)
  if (vector === null) return errors.notAvailable
  if (typeof kind !== 'number') return kind
  const find = ([wanted = null]: readonly Scalar[]): Scalar => {
    if (isError(wanted)) return wanted
    const found = kind === 0 ? findExact(vector, wanted, true) : findSorted(vector, wanted, kind > 0)
    return found < 0 ? errors.notAvailable : found + 1
  }
  return mapValues([operandOf(key, evaluation)], find, evaluation)
})

/** The place that XLOOKUP and XMATCH mean, or an error. */
const crossMatch = (
  key: Scalar,
  vector: LookupVector,
  mode: number | FormulaError,
  search: number | FormulaError,
): number | FormulaError => {
  if (isError(key)) return key
  if (typeof mode !== 'number') return mode
  if (typeof search !== 'number') return search
  const searched =
    search === -1 ? { ...vector, at: (place: number) => vector.at(vector.length - 1 - place), places: null } : vector
  let found = findExact(searched, key, mode === 2)
  if (found < 0 && (mode === -1 || mode === 1)) found = findNearest(searched, key, mode)
  if (found < 0) return errors.notAvailable
  return search === -1 ? vector.length - 1 - found : found
}

const index = arrays(
  2,
  4,
  ([first = null, rowNumber, columnNumber, areaNumber], evaluation) => {
    if (isError(first)) return first
    const which = areaNumber === undefined ? 1 : numberOf(areaNumber, evaluation)
    if (typeof which !== 'number') return which
    const area = isAreas(first) ? first.areas[which - 1] : undefined
    if (isAreas(first) && area === undefined) return errors.reference
    const source: FormulaValue = area === undefined ? first : { kind: 'areas', areas: [area] }
    const shape = shapeOf(source, evaluation)
    const pick = (rowText: Scalar, columnText: Scalar | undefined): FormulaValue => {
      let row = numberOf(rowText, evaluation)
      let column = columnText === undefined ? undefined : numberOf(columnText, evaluation)
      if (typeof row !== 'number') return row
      if (column !== undefined && typeof column !== 'number') return column
      if (column === undefined) {
        if (shape.rows === 1 && shape.columns > 1) [row, column] = [1, row]
        else column = shape.columns === 1 ? 1 : 0
      }
      row = Math.trunc(row)
      column = Math.trunc(column)
      if (row < 0 || column < 0) return errors.value
      if (row > shape.rows || column > shape.columns) return errors.reference
      const size = { rows: row === 0 ? shape.rows : 1, columns: column === 0 ? shape.columns : 1 }
      return partOf(source, Math.max(row - 1, 0), Math.max(column - 1, 0), size, evaluation)
    }
    const rows = operandOf(rowNumber ?? null, evaluation)
    const columns = columnNumber === undefined ? undefined : operandOf(columnNumber, evaluation)
    if (!isMatrix(rows) && (columns === undefined || !isMatrix(columns))) return pick(rows, columns)
    const given = columns === undefined ? [rows] : [rows, columns]
    return mapValues(given, ([row = null, column]) => scalarOf(pick(row, column), evaluation), evaluation)
  },
  'first',
)

const lookup = arrays(
  2,
  3,
  ([key = null, list = null, results], evaluation) => {
    if (isError(list)) return list
    if (!isTable(list)) return errors.notAvailable
    const shape = shapeOf(list, evaluation)
    const isRow = shape.columns > shape.rows
    const vector = lookupVector(list, isRow, 0, evaluation)
    const target = results ?? list
    if (isError(target)) return target
    const targetShape = shapeOf(target, evaluation)
    const targetIsRow = results === undefined ? isRow : targetShape.columns > targetShape.rows
    const line = results === undefined ? (isRow ? shape.rows : shape.columns) - 1 : 0
    const answers = lookupVector(target, targetIsRow, line, evaluation)
    const find = ([wanted = null]: readonly Scalar[]): Scalar => {
      if (isError(wanted)) return wanted
      const found = findSorted(vector, wanted, true)
      return found < 0 ? errors.notAvailable : answers.at(found)
    }
    return mapValues([operandOf(key, evaluation)], find, evaluation)
  },
  'rest',
)

/** Lookups in rows, columns and tables. */
export const lookupFunctions: FunctionTable = {
  VLOOKUP: tableLookup(false),
  HLOOKUP: tableLookup(true),
  MATCH: match,
  INDEX: index,
  LOOKUP: lookup,
  XMATCH: range(2, 4, ([key = null, list = null, mode, search], evaluation) => {
    const vector = vectorOf(list, evaluation)
    if (vector === null) return errors.value
    const modeNumber = numberOf(mode, evaluation)
    const searchNumber = search === undefined ? 1 : numberOf(search, evaluation)
    const find = ([wanted = null]: readonly Scalar[]): Scalar => {
      const place = crossMatch(wanted, vector, modeNumber, searchNumber)
      return typeof place === 'number' ? place + 1 : place
    }
    return mapValues([operandOf(key, evaluation)], find, evaluation)
  }),
  XLOOKUP: range(3, 6, ([key = null, list = null, results = null, missing, mode, search], evaluation) => {
    const vector = vectorOf(list, evaluation)
    if (vector === null || !isTable(results)) return errors.value
    const shape = shapeOf(results, evaluation)
    const modeNumber = numberOf(mode, evaluation)
    const searchNumber = search === undefined ? 1 : numberOf(search, evaluation)
    const isRow = shapeOf(list, evaluation).rows === 1
    const find = (wanted: Scalar): FormulaValue => {
      const place = crossMatch(wanted, vector, modeNumber, searchNumber)
      if (typeof place !== 'number') return place.code === '#N/A' && missing !== undefined ? missing : place
      const size = isRow ? { rows: shape.rows, columns: 1 } : { rows: 1, columns: shape.columns }
      return partOf(results, isRow ? 0 : place, isRow ? place : 0, size, evaluation)
    }
    const keys = operandOf(key, evaluation)
    if (!isMatrix(keys)) return find(keys)
    return mapValues([keys], ([one = null]) => scalarOf(find(one), evaluation), evaluation)
  }),
  TRANSPOSE: arrays(1, 1, ([value = null], evaluation) => {
    const source = matrixOf(value, evaluation)
    const values: Scalar[] = []
    for (let column = 0; column < source.columns; column += 1) {
      for (let row = 0; row < source.rows; row += 1) values.push(source.values[row * source.columns + column] ?? null)
    }
    return matrix(source.columns, source.rows, values)
  }),
}
