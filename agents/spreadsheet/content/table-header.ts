import type { Cell, CellRange, Sheet } from '../workbook.ts'
import { numberFormatKind } from './number-format.ts'
import { isFilled } from './sheet-block.ts'

const searched = 12

/** The rows a table's header fills, and the name of each column from the left. */
export interface TableHeader {
  readonly top: number
  readonly bottom: number
  readonly names: readonly string[]
}

/**
 * Finds the header of a block: the first row, below titles and notes, that labels most of the columns, with rows of
 * values under it. Header rows may be stacked; years and dates count as labels.
 */
export function findHeader(sheet: Sheet, block: CellRange): TableHeader | null {
  const width = block.right - block.left + 1
  const last = Math.min(block.bottom - 1, block.top + searched)
  for (let r = block.top; r <= last; r++) {
    const labels = labelCount(sheet, block, r)
    if (labels < Math.max(2, Math.ceil(width * 0.5)) && !(width === 1 && labels === 1)) continue
    let bottom = r
    while (bottom < last && isStacked(sheet, block, bottom + 1)) bottom++
    if (!differsBelow(sheet, block, bottom)) continue
    return { top: r, bottom, names: columnNames(sheet, block, r, bottom) }
  }
  return null
}

/** A further header row holds labels only, fewer than a full row of text data would be told apart by. */
function isStacked(sheet: Sheet, block: CellRange, r: number): boolean {
  if (r >= block.bottom) return false
  const below = cellsOf(sheet, block, r + 1)
  return labelCount(sheet, block, r) >= 2 && below.some((cell) => isFilled(cell) && !isLabel(cell))
}

function labelCount(sheet: Sheet, block: CellRange, r: number): number {
  let labels = 0
  for (const cell of cellsOf(sheet, block, r)) {
    if (!isFilled(cell)) continue
    if (!isLabel(cell)) return 0
    labels++
  }
  return labels
}

/** What can head a column: a text, a year, or a date. A formula that gives one of these heads as well. */
function isLabel(cell: Cell): boolean {
  if (cell.type === 'text') return String(cell.value).length <= 120
  if (typeof cell.value !== 'number') return false
  if (numberFormatKind(cell.format) === 'date') return true
  return Number.isInteger(cell.value) && cell.value >= 1900 && cell.value <= 2100
}

/** A header stands over values: a number, or text of which the column holds more than one kind. */
function differsBelow(sheet: Sheet, block: CellRange, bottom: number): boolean {
  const names = cellsOf(sheet, block, bottom)
  const below = cellsOf(sheet, block, bottom + 1)
  if (names.some((cell, at) => isFilled(cell) && isYear(cell) && isFilled(below[at]) && isYear(below[at]))) return false
  if (below.some((cell) => isFilled(cell) && cell.type !== 'text' && !isYear(cell))) return true
  const unique = new Set(names.filter(isFilled).map((cell) => String(cell.value)))
  const further = cellsOf(sheet, block, bottom + 2)
  const values = further.some((cell) => isFilled(cell) && typeof cell.value === 'number')
  return values || (unique.size === names.filter(isFilled).length && unique.size >= 2 && block.bottom - bottom >= 2)
}

function isYear(cell: Cell): boolean {
  return isLabel(cell) && typeof cell.value === 'number'
}

function columnNames(sheet: Sheet, block: CellRange, top: number, bottom: number): string[] {
  const names: string[] = []
  for (let c = block.left; c <= block.right; c++) {
    const parts: string[] = []
    for (let r = top; r <= bottom; r++) {
      const cell = sheet.rows[r]?.[c]
      if (!isFilled(cell)) continue
      const text = String(cell.value ?? '')
        .replace(/\s+/g, ' ')
        .trim()
      if (text !== '' && !parts.includes(text)) parts.push(text)
    }
    names.push(parts.join(' / ').slice(0, 120))
  }
  return names
}

function cellsOf(sheet: Sheet, block: CellRange, r: number): readonly (Cell | undefined)[] {
  return sheet.rows[r]?.slice(block.left, block.right + 1) ?? []
}
