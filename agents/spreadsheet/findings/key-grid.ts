import type { FormulaIndex } from '../formulas/formula-index.ts'
import type { Sheet } from '../workbook.ts'

/** Nothing to see. Keys say what stands in a cell; a formula's key is its unique formula's id, zero and up. */
const blankKey = -3
/** A text, a boolean or an error that is no formula. */
const textKey = -2
/** A number that is no formula. */
export const numberKey = -1

/** The keys of a sheet's cells. */
export interface KeyGrid {
  at(row: number, column: number): number
}

/** Prepares the keys of a sheet; rows without formulas are read on demand. */
export function keyGrid(sheet: Sheet, position: number, index: FormulaIndex): KeyGrid {
  const rows = new Map<number, Map<number, number>>()
  const end = index.sheetStart[position + 1] ?? index.count
  for (let formula = index.sheetStart[position] ?? end; formula < end; formula++) {
    const row = index.row[formula] as number
    let columns = rows.get(row)
    if (columns === undefined) rows.set(row, (columns = new Map()))
    columns.set(index.column[formula] as number, index.unique[formula] as number)
  }
  return {
    at(row, column) {
      const formula = rows.get(row)?.get(column)
      if (formula !== undefined) return formula
      const cell = sheet.rows[row]?.[column]
      if (cell === undefined || cell.value === '' || cell.value === null) return blankKey
      return cell.type === 'number' ? numberKey : textKey
    },
  }
}
