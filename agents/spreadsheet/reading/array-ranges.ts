import type { Cell, CellRange } from '../workbook.ts'
import { Refusal } from './refusal.ts'

/** How many places may be looked at; real ranges do not overlap, so they need no more than a sheet's filled part has. */
const MOST_VISITS = 50_000_000

/** Tells each cell of an array formula or a data table the range it belongs to. */
export function markArrays(rows: readonly ((Cell | undefined)[] | undefined)[], ranges: readonly CellRange[]): void {
  if (ranges.length === 0) return
  let visits = MOST_VISITS
  for (const range of ranges) {
    const bottom = Math.min(range.bottom, rows.length - 1)
    visits -= bottom - range.top
    for (let row = range.top; row <= bottom; row++) {
      const cells = rows[row]
      if (cells === undefined) continue
      const right = Math.min(range.right, cells.length - 1)
      visits -= right - range.left
      if (visits < 0) throw new Refusal('UNREADABLE', 'The array ranges of a sheet overlap without end.')
      for (let column = range.left; column <= right; column++) {
        const cell = cells[column]
        if (cell !== undefined && cell.array === undefined) cells[column] = { ...cell, array: range }
      }
    }
  }
}
