import { tokenize } from '@borgar/fx/xlsx'
import { columnName, decodeCell, lastColumn, lastRow } from './cell-range.ts'

/** The text of a shared formula at a distance from the cell that carries it. */
export type SharedFormula = (rowDelta: number, columnDelta: number) => string

type Piece = string | SharedFormula

const REFERENCES = new Set(['range', 'range_beam', 'range_ternary'])
const CORNER = /^(\$?)([A-Za-z]{1,3})?(\$?)(\d{1,7})?$/

/** Takes a formula apart once, so that each of its members costs a few concatenations. */
export function shareFormula(formula: string): SharedFormula {
  const pieces: Piece[] = []
  for (const { type, value } of tokenize(formula, { allowTernary: true })) {
    if (REFERENCES.has(type)) pieces.push(...referencePieces(value))
    else if (typeof pieces.at(-1) === 'string') pieces[pieces.length - 1] += value
    else pieces.push(value)
  }
  return (rowDelta, columnDelta) => {
    let text = ''
    for (const piece of pieces) text += typeof piece === 'string' ? piece : piece(rowDelta, columnDelta)
    return text
  }
}

function referencePieces(reference: string): readonly Piece[] {
  const sheetEnd = reference.lastIndexOf('!') + 1
  const pieces: Piece[] = [reference.slice(0, sheetEnd)]
  for (const part of reference.slice(sheetEnd).split(/([.:]+)/)) pieces.push(corner(part))
  return pieces
}

/** Relative rows and columns move and wrap around the edge of the grid; absolute ones stay. */
function corner(part: string): Piece {
  const match = CORNER.exec(part)
  if (match === null || part === '') return part
  const [, fixedColumn = '', letters, fixedRow = '', digits] = match
  const column = letters === undefined ? null : (decodeCell(`${letters}1`)?.column ?? null)
  const row = digits === undefined ? null : Number(digits) - 1
  if (letters !== undefined && column === null) return part
  const rowIsFixed = fixedRow !== '' || (letters === undefined && fixedColumn !== '')
  return (rowDelta, columnDelta) => {
    const columnText = column === null ? '' : columnName(fixedColumn ? column : wrap(column + columnDelta, lastColumn))
    const rowText = row === null ? '' : String((rowIsFixed ? row : wrap(row + rowDelta, lastRow)) + 1)
    return `${fixedColumn}${columnText}${fixedRow}${rowText}`
  }
}

function wrap(index: number, last: number): number {
  const size = last + 1
  return ((index % size) + size) % size
}
