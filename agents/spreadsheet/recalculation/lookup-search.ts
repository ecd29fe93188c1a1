import type { SheetArea } from '../formulas/workbook-names.ts'
import { matrixOf } from './argument-values.ts'
import { type Evaluation, onlyArea } from './evaluation.ts'
import { lookupKey } from './evaluation-memory.ts'
import { type FormulaValue, type Scalar, isError, rangeColumns, rangeRows } from './formula-value.ts'
import { compareScalars } from './value-coercion.ts'
import { wildcard, wildcardCost } from './wildcard.ts'

/** A row or column of values that a lookup searches. */
export interface LookupVector {
  readonly length: number
  at(place: number): Scalar
  /** Counts operations beside the reading of values. */
  spend(operations: number): void
  /** Places by `lookupKey`, for vectors worth an index. */
  readonly places: (() => ReadonlyMap<string | number, readonly number[]>) | null
}

/** Vectors shorter than this are searched one by one. */
const indexedLength = 16

/** One line of a range or array: its row `line` when `isRow`, else its column `line`. */
export const lookupVector = (
  table: FormulaValue,
  isRow: boolean,
  line: number,
  evaluation: Evaluation,
): LookupVector => {
  const { cells, memory } = evaluation
  const whole = onlyArea(table)
  if (whole === null) {
    const { rows, columns, values } = matrixOf(table, evaluation)
    return {
      length: isRow ? columns : rows,
      at: (place) => values[isRow ? line * columns + place : place * columns + line] ?? null,
      spend: cells.spend,
      places: null,
    }
  }
  const area: SheetArea = cells.bounded(
    isRow
      ? { ...whole, top: whole.top + line, bottom: whole.top + line }
      : { ...whole, left: whole.left + line, right: whole.left + line },
  )
  const length = isRow ? rangeColumns(area) : rangeRows(area)
  return {
    length,
    at: (place) =>
      isRow ? cells.read(area.sheet, area.top, area.left + place) : cells.read(area.sheet, area.top + place, area.left),
    spend: cells.spend,
    places: length < indexedLength ? null : () => memory.positions(area, cells),
  }
}

/** The first place that equals the value (texts may have wildcards), or -1. */
export const findExact = (vector: LookupVector, wanted: Scalar, hasWildcards: boolean): number => {
  const value = wanted ?? 0
  if (isError(value)) return -1
  const pattern = hasWildcards && typeof value === 'string' ? wildcard(value) : null
  if (pattern === null && vector.places !== null) {
    const key = lookupKey(value)
    return key === null ? -1 : (vector.places().get(key)?.[0] ?? -1)
  }
  for (let place = 0; place < vector.length; place += 1) {
    const one = vector.at(place)
    if (pattern !== null && typeof one === 'string') vector.spend(wildcardCost(String(value), one))
    if (pattern !== null ? typeof one === 'string' && pattern(one) : isSame(one, value)) return place
  }
  return -1
}

// Unlike the operator =, lookups tell numbers apart that differ in their last bit only.
const isSame = (one: Scalar, other: Scalar): boolean =>
  one === other || (typeof one === 'string' && typeof other === 'string' && compareScalars(one, other) === 0)

/**
 * The last place whose value is not above the wanted one (`ascending`) or not below it, by halving as spreadsheet
 * programs do: on unsorted data the result is as arbitrary as theirs, and the same. Values of another type are stepped over.
 */
export const findSorted = (vector: LookupVector, wanted: Scalar, ascending: boolean): number => {
  const value = wanted ?? 0
  let low = 0
  let high = vector.length - 1
  let best = -1
  while (low <= high) {
    const middle = (low + high) >>> 1
    let place = middle
    while (place <= high && !isComparable(vector.at(place), value)) place += 1
    if (place > high) {
      high = middle - 1
      continue
    }
    const order = Number(compareScalars(vector.at(place), value))
    if (order === 0 && !ascending) return firstEqual(vector, place, value)
    if (ascending ? order <= 0 : order >= 0) {
      best = place
      low = place + 1
    } else {
      high = middle - 1
    }
  }
  return best
}

const firstEqual = (vector: LookupVector, found: number, value: Scalar): number => {
  let place = found
  while (place > 0 && isSame(vector.at(place - 1), value)) place -= 1
  return place
}

const isComparable = (one: Scalar, other: Scalar): boolean =>
  one !== null && typeof one === typeof other && !isError(one)

/** The place of the value closest to the wanted one from below (-1) or above (1), itself included; unsorted data. */
export const findNearest = (vector: LookupVector, wanted: Scalar, side: -1 | 1): number => {
  const value = wanted ?? 0
  let best = -1
  for (let place = 0; place < vector.length; place += 1) {
    const one = vector.at(place)
    if (!isComparable(one, value)) continue
    const order = Number(compareScalars(one, value))
    if (order === 0) return place
    if (Math.sign(order) !== side) continue
    if (best < 0 || Math.sign(Number(compareScalars(one, vector.at(best)))) === -side) best = place
  }
  return best
}
