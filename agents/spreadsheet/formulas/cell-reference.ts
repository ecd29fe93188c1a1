import type { CellRange } from '../workbook.ts'

/** Rows of a sheet in the current file format. */
export const maxRows = 1_048_576

/** Columns of a sheet in the current file format. */
export const maxColumns = 16_384

/** A position on a sheet, counted from zero. */
export interface CellPosition {
  readonly row: number
  readonly column: number
}

/** The letters of a column: 0 is `A`, 27 is `AB`. */
export const columnName = (column: number): string => {
  let name = ''
  for (let rest = column; rest >= 0; rest = Math.floor(rest / 26) - 1) {
    name = String.fromCharCode(65 + (rest % 26)) + name
  }
  return name
}

/** The column of its letters, or -1 when they name none. */
export const columnIndex = (letters: string): number => {
  if (!/^[A-Za-z]{1,3}$/.test(letters)) return -1
  let column = 0
  for (let at = 0; at < letters.length; at += 1) column = column * 26 + ((letters.charCodeAt(at) | 32) - 96)
  return column <= maxColumns ? column - 1 : -1
}

/** A1 notation of one cell. */
export const formatCell = (row: number, column: number): string => `${columnName(column)}${row + 1}`

/** A1 notation of a range; whole columns and rows are written as such, a single cell without a colon. */
export const formatRange = (range: CellRange): string => {
  const { top, left, bottom, right } = range
  if (top === 0 && bottom === maxRows - 1) return `${columnName(left)}:${columnName(right)}`
  if (left === 0 && right === maxColumns - 1) return `${top + 1}:${bottom + 1}`
  const first = formatCell(top, left)
  return top === bottom && left === right ? first : `${first}:${formatCell(bottom, right)}`
}

/** The position a cell reference such as `B7` or `$B$7` names, or null. */
export const parseCell = (text: string): CellPosition | null => {
  const match = /^\$?([A-Za-z]{1,3})\$?([1-9]\d{0,6})$/.exec(text)
  if (match === null) return null
  const column = columnIndex(match[1] ?? '')
  const row = Number(match[2]) - 1
  return column < 0 || row >= maxRows ? null : { row, column }
}

/** The range that `A1`, `A1:B7`, `A:C` or `2:5` names (`$` allowed, corners in any order), or null. */
export const parseRange = (text: string): CellRange | null => {
  const [first = '', second = first, ...more] = text.split(':')
  if (more.length > 0) return null
  const from = parseCell(first)
  const to = parseCell(second)
  if (from !== null && to !== null) return rangeBetween(from.row, from.column, to.row, to.column)
  if (!text.includes(':')) return null
  const left = columnIndex(first.replace('$', ''))
  const right = columnIndex(second.replace('$', ''))
  if (left >= 0 && right >= 0) return rangeBetween(0, left, maxRows - 1, right)
  const top = rowIndex(first)
  const bottom = rowIndex(second)
  return top >= 0 && bottom >= 0 ? rangeBetween(top, 0, bottom, maxColumns - 1) : null
}

const rowIndex = (text: string): number => {
  const row = /^\$?[1-9]\d{0,6}$/.test(text) ? Number(text.replace('$', '')) - 1 : -1
  return row < maxRows ? row : -1
}

/** The range between two corners, whatever their order. */
const rangeBetween = (row: number, column: number, otherRow: number, otherColumn: number): CellRange => ({
  top: Math.min(row, otherRow),
  left: Math.min(column, otherColumn),
  bottom: Math.max(row, otherRow),
  right: Math.max(column, otherColumn),
})

/** A sheet name as a formula must write it: quoted when it is not a plain word or could be read as a reference. */
export const quoteSheet = (name: string): string => {
  const plain = /^[A-Za-z_\u0080-\uFFFF][\w.\u0080-\uFFFF]*$/.test(name)
  const misread = /^([A-Za-z]{1,3}\d+|R\d*(C\d*)?|C\d*|TRUE|FALSE)$/i.test(name)
  return plain && !misread ? name : `'${name.replaceAll("'", "''")}'`
}

/** A sheet name as it is, from the way a formula writes it. */
export const unquoteSheet = (text: string): string =>
  text.length > 1 && text.startsWith("'") && text.endsWith("'") ? text.slice(1, -1).replaceAll("''", "'") : text

/** The full address of a range: `'My sheet'!A1:B2`. */
export const formatAddress = (sheet: string, range: CellRange): string => `${quoteSheet(sheet)}!${formatRange(range)}`

/** A sheet and a range from a full address; `sheet` is null when the text names none; null when it is no address. */
export const parseAddress = (text: string): { readonly sheet: string | null; readonly range: CellRange } | null => {
  const bang = text.lastIndexOf('!')
  const range = parseRange(text.slice(bang + 1))
  return range === null ? null : { sheet: bang < 0 ? null : unquoteSheet(text.slice(0, bang)), range }
}
