import type { Cell, CellRange, Sheet } from '../workbook.ts'
import { decodeRange, lastColumn, lastRow } from './cell-range.ts'
import { Refusal } from './refusal.ts'

/** A cell as the library hands it over. */
export interface LibraryCell {
  readonly t: string
  readonly v?: unknown
  readonly f?: string
  readonly F?: string
  readonly w?: string
  readonly z?: string | number
  readonly c?: readonly unknown[]
}

/** The rows of one sheet and the range they use. */
export type SheetCells = Pick<Sheet, 'rows' | 'used'>

const ERRORS: Readonly<Record<number, string>> = {
  0x00: '#NULL!',
  0x07: '#DIV/0!',
  0x0f: '#VALUE!',
  0x17: '#REF!',
  0x1d: '#NAME?',
  0x24: '#NUM!',
  0x2a: '#N/A',
  0x2b: '#GETTING_DATA',
}

/** Turns the library's rows into ours in place, row by row, so that both never stand in memory together. */
export function convertLibraryRows(data: (LibraryCell | undefined)[][], sheet: string): SheetCells {
  const rows = data as unknown as ((Cell | undefined)[] | undefined)[]
  const ranges = new Map<string, CellRange | null>()
  let top = Number.POSITIVE_INFINITY
  let left = Number.POSITIVE_INFINITY
  let bottom = -1
  let right = -1
  for (const row of indicesOf(data, lastRow, sheet)) {
    const source = data[row] as (LibraryCell | undefined)[]
    const target: (Cell | undefined)[] = []
    for (const column of indicesOf(source, lastColumn, sheet)) {
      const from = source[column]
      const cell = from === undefined ? undefined : convertCell(from, ranges)
      if (cell === undefined) continue
      target[column] = cell
      if (column < left) left = column
      if (column > right) right = column
    }
    rows[row] = target.length === 0 ? undefined : target
    if (target.length === 0) continue
    if (row < top) top = row
    bottom = row
  }
  rows.length = bottom + 1
  return { rows, used: bottom < 0 ? null : { top, left, bottom, right } }
}

/** The filled indices in order. Wide rows with few cells are walked by their keys. */
function indicesOf(values: readonly unknown[], last: number, sheet: string): readonly number[] {
  if (values.length > last + 1) {
    throw new Refusal('UNREADABLE', `The sheet ${sheet} has cells outside of the grid of ${lastRow + 1} rows.`)
  }
  const indices: number[] = []
  if (values.length > 512) {
    for (const key of Object.keys(values)) indices.push(Number(key))
  } else {
    for (let i = 0; i < values.length; i++) if (values[i] !== undefined) indices.push(i)
  }
  return indices
}

function convertCell(from: LibraryCell, ranges: Map<string, CellRange | null>): Cell | undefined {
  const value = valueOf(from)
  const inFormula = from.f !== undefined || from.F !== undefined
  if (value === undefined && !inFormula) return undefined
  const { type, value: content } = value ?? EMPTY
  const cell: { -readonly [K in keyof Cell]: Cell[K] } = { type, value: content }
  if (from.f !== undefined) cell.formula = from.f
  const array = from.F === undefined ? null : rangeOf(from.F, ranges)
  if (array !== null) cell.array = array
  if (typeof from.z === 'string' && from.z !== 'General') cell.format = from.z
  return cell
}

const EMPTY: Pick<Cell, 'type' | 'value'> = { type: 'empty', value: null }

function valueOf({ t, v, w }: LibraryCell): Pick<Cell, 'type' | 'value'> | undefined {
  if (t === 'n') return typeof v === 'number' && !Number.isNaN(v) ? { type: 'number', value: v } : undefined
  if (t === 's') return typeof v === 'string' ? { type: 'text', value: v } : undefined
  if (t === 'b') return { type: 'boolean', value: v === true }
  if (t === 'e') return { type: 'error', value: (typeof v === 'number' ? ERRORS[v] : undefined) ?? w ?? '#UNKNOWN!' }
  return undefined
}

function rangeOf(reference: string, ranges: Map<string, CellRange | null>): CellRange | null {
  let range = ranges.get(reference)
  if (range === undefined) {
    range = decodeRange(reference)
    ranges.set(reference, range)
  }
  return range
}
