import type { CellRange } from '../workbook.ts'

/** A position, rows and columns from zero. */
export interface ClusteredCell {
  readonly row: number
  readonly column: number
}

/** Covers cells with as few rectangles as a reader would draw: runs along rows, joined while they repeat below. */
export function clusterCells(cells: readonly ClusteredCell[]): CellRange[] {
  const sorted = [...cells].sort((a, b) => a.row - b.row || a.column - b.column)
  const done: CellRange[] = []
  let open = new Map<string, CellRange>()
  let next = new Map<string, CellRange>()
  let at = 0
  let row = -1
  while (at < sorted.length) {
    const first = sorted[at] as ClusteredCell
    if (first.row !== row) {
      done.push(...open.values())
      open = first.row === row + 1 ? next : (done.push(...next.values()), new Map())
      next = new Map()
      row = first.row
    }
    let right = first.column
    while (++at < sorted.length && sorted[at]?.row === row && (sorted[at]?.column ?? 0) <= right + 1) {
      right = (sorted[at] as ClusteredCell).column
    }
    const key = `${first.column}:${right}`
    const above = open.get(key)
    open.delete(key)
    next.set(key, { top: above?.top ?? row, left: first.column, bottom: row, right })
  }
  done.push(...open.values(), ...next.values())
  return done.sort((a, b) => a.top - b.top || a.left - b.left)
}

/** The cells of a range. */
export function rangeSize(range: CellRange): number {
  return (range.bottom - range.top + 1) * (range.right - range.left + 1)
}
