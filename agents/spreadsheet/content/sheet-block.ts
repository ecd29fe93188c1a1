import type { Cell, CellRange, Sheet } from '../workbook.ts'

const deepest = 8

/** A cell that shows something: a styled blank or an empty string separates blocks as a blank does. */
export function isFilled(cell: Cell | undefined): cell is Cell {
  return cell !== undefined && (cell.value !== '' || cell.formula !== undefined)
}

/**
 * Cuts a sheet into the rectangles of filled cells that blank rows and blank columns separate, from the top left.
 * Cuts rows first, then columns, then rows of what is left, as deep as a sheet made by people goes.
 */
export function sheetBlocks(sheet: Sheet): CellRange[] {
  const blocks: CellRange[] = []
  if (sheet.used === null) return blocks
  const pending: { range: CellRange; depth: number }[] = [{ range: sheet.used, depth: 0 }]
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const occupied = occupancy(sheet, next.range)
    if (occupied === null) continue
    const depth = next.depth + 1
    const bands = next.depth >= deepest ? [] : [...splitRows(occupied), ...splitColumns(occupied)]
    if (bands.length === 0) blocks.push(occupied.range)
    else for (const range of bands) pending.push({ range, depth })
  }
  return blocks.sort((a, b) => a.top - b.top || a.left - b.left)
}

interface Occupancy {
  readonly range: CellRange
  readonly rows: readonly number[]
  readonly columns: readonly number[]
}

function occupancy(sheet: Sheet, range: CellRange): Occupancy | null {
  const rows: number[] = []
  const seen = new Set<number>()
  for (let r = range.top; r <= range.bottom; r++) {
    const row = sheet.rows[r]
    if (row === undefined) continue
    let any = false
    const right = Math.min(range.right, row.length - 1)
    for (let c = range.left; c <= right; c++) {
      if (!isFilled(row[c])) continue
      any = true
      seen.add(c)
    }
    if (any) rows.push(r)
  }
  if (rows.length === 0) return null
  const columns = [...seen].sort((a, b) => a - b)
  return {
    range: {
      top: rows[0] as number,
      bottom: rows.at(-1) as number,
      left: columns[0] as number,
      right: columns.at(-1) as number,
    },
    rows,
    columns,
  }
}

function splitRows({ range, rows }: Occupancy): CellRange[] {
  return spans(rows).map(([top, bottom]) => ({ ...range, top, bottom }))
}

function splitColumns({ range, rows, columns }: Occupancy): CellRange[] {
  if (spans(rows).length > 0) return []
  return spans(columns).map(([left, right]) => ({ ...range, left, right }))
}

/** The runs of consecutive numbers in a sorted list; none when it is one run. */
function spans(sorted: readonly number[]): [number, number][] {
  const found: [number, number][] = []
  let start = sorted[0] as number
  for (let at = 1; at <= sorted.length; at++) {
    const previous = sorted[at - 1] as number
    if (at < sorted.length && sorted[at] === previous + 1) continue
    found.push([start, previous])
    start = sorted[at] ?? 0
  }
  return found.length > 1 ? found : []
}
