import type { CellRange } from '../workbook.ts'

/** The grid of a modern sheet. Nothing outside of it is a cell. */
export const lastRow = 1_048_575
export const lastColumn = 16_383

const CELL = /^\$?([A-Za-z]{1,3})\$?(\d{1,7})$/

/** The row and column, from zero, of a reference such as `$B$3`; null when it is none or outside of the grid. */
export function decodeCell(reference: string): { readonly row: number; readonly column: number } | null {
  const match = CELL.exec(reference)
  if (match === null) return null
  const row = Number(match[2]) - 1
  const column = columnIndex(match[1] as string)
  return row < 0 || row > lastRow || column > lastColumn ? null : { row, column }
}

/** The range of a reference such as `A1:C3` or `B2`; null when it is none. */
export function decodeRange(reference: string): CellRange | null {
  const colon = reference.indexOf(':')
  const start = decodeCell(colon < 0 ? reference : reference.slice(0, colon))
  const end = colon < 0 ? start : decodeCell(reference.slice(colon + 1))
  if (start === null || end === null) return null
  return {
    top: Math.min(start.row, end.row),
    left: Math.min(start.column, end.column),
    bottom: Math.max(start.row, end.row),
    right: Math.max(start.column, end.column),
  }
}

/** The letters of a column counted from zero: 0 is A, 27 is AB. */
export function columnName(index: number): string {
  let name = ''
  for (let rest = index + 1; rest > 0; rest = Math.floor((rest - 1) / 26)) {
    name = String.fromCharCode(65 + ((rest - 1) % 26)) + name
  }
  return name
}

/** A cell's address: row 0, column 0 is A1. */
export function cellName(row: number, column: number): string {
  return `${columnName(column)}${row + 1}`
}

function columnIndex(letters: string): number {
  let index = 0
  for (const letter of letters.toUpperCase()) index = index * 26 + letter.charCodeAt(0) - 64
  return index - 1
}
