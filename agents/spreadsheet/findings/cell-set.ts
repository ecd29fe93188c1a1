import type { SheetArea } from '../formulas/workbook-names.ts'
import type { ClusteredCell } from './cell-clusters.ts'

/** Cells of a workbook that can be asked for by area without walking the area. */
export interface CellSet {
  /** Adds a cell; cells of one column must come in the order of their rows. */
  add(sheet: number, row: number, column: number): void
  has(sheet: number, row: number, column: number): boolean
  /** The first cell inside an area, or null. */
  firstIn(area: SheetArea): ClusteredCell | null
}

/** Makes an empty set. */
export function cellSet(): CellSet {
  const sheets = new Map<number, Map<number, number[]>>()
  const rowsOf = (sheet: number, column: number) => sheets.get(sheet)?.get(column)

  return {
    add(sheet, row, column) {
      let columns = sheets.get(sheet)
      if (columns === undefined) sheets.set(sheet, (columns = new Map()))
      const rows = columns.get(column)
      if (rows === undefined) columns.set(column, [row])
      else rows.push(row)
    },
    has(sheet, row, column) {
      const rows = rowsOf(sheet, column)
      return rows !== undefined && rows[lowerBound(rows, row)] === row
    },
    firstIn({ sheet, top, left, bottom, right }) {
      const columns = sheets.get(sheet)
      if (columns === undefined) return null
      const inRange =
        right - left < columns.size
          ? Array.from({ length: right - left + 1 }, (_, at) => left + at)
          : [...columns.keys()].filter((column) => column >= left && column <= right)
      for (const column of inRange) {
        const rows = columns.get(column)
        const row = rows?.[lowerBound(rows, top)]
        if (row !== undefined && row <= bottom) return { row, column }
      }
      return null
    },
  }
}

function lowerBound(sorted: readonly number[], value: number): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((sorted[middle] as number) < value) low = middle + 1
    else high = middle
  }
  return low
}
