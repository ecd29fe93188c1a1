import type { Cell, CellRange, Workbook } from '../workbook.ts'
import type { SheetArea } from '../formulas/workbook-names.ts'
import { maxColumns, maxRows } from '../formulas/cell-reference.ts'
import { OperationsExhausted, type Scalar, errorOf } from './formula-value.ts'

/** The operations an evaluation may still take. */
export interface OperationsBudget {
  left: number
}

/** Reads cells for an evaluation, and counts what it reads. */
export interface CellSource {
  readonly workbook: Workbook
  read(sheet: number, row: number, column: number): Scalar
  /** Calls `visit` with every cell of the area that is not blank, row by row. */
  scan(area: SheetArea, visit: (value: Scalar, row: number, column: number) => void): void
  /** The area without what lies below or right of all cells of the workbook, when it spans whole columns or rows. */
  bounded(area: SheetArea): SheetArea
  cell(sheet: number, row: number, column: number): Cell | undefined
  /** Counts operations; throws when there are none left. */
  spend(operations: number): void
}

/** Gives the value of a formula cell. */
export type FormulaReader = (cell: Cell, sheet: number, row: number, column: number) => Scalar

/** The value of a cell as it was saved. */
export const cachedValue = (cell: Cell): Scalar =>
  cell.type === 'error' ? errorOf(String(cell.value)) : cell.type === 'empty' ? null : cell.value

/** A source over a workbook; formulas are read through `readFormula`. */
export const cellSource = (workbook: Workbook, budget: OperationsBudget, readFormula: FormulaReader): CellSource => {
  const edge = lastUsed(workbook)
  const valueOf = (cell: Cell, sheet: number, row: number, column: number): Scalar =>
    cell.formula === undefined ? cachedValue(cell) : readFormula(cell, sheet, row, column)
  const spend = (operations: number): void => {
    budget.left -= operations
    if (budget.left < 0) throw new OperationsExhausted('The evaluation took more operations than allowed.')
  }
  return {
    workbook,
    spend,
    cell: (sheet, row, column) => workbook.sheets[sheet]?.rows[row]?.[column],
    read: (sheet, row, column) => {
      spend(1)
      const cell = workbook.sheets[sheet]?.rows[row]?.[column]
      return cell === undefined ? null : valueOf(cell, sheet, row, column)
    },
    scan: (area, visit) => {
      const rows = workbook.sheets[area.sheet]?.rows ?? []
      const bottom = Math.min(area.bottom, rows.length - 1)
      for (let row = area.top; row <= bottom; row += 1) {
        const cells = rows[row]
        if (cells === undefined) continue
        const right = Math.min(area.right, cells.length - 1)
        spend(Math.max(right - area.left + 1, 1))
        for (let column = area.left; column <= right; column += 1) {
          const cell = cells[column]
          if (cell === undefined) continue
          const value = valueOf(cell, area.sheet, row, column)
          if (value !== null) visit(value, row, column)
        }
      }
    },
    bounded: (area) => {
      const bottom = area.bottom === maxRows - 1 ? Math.max(area.top, edge.bottom) : area.bottom
      const right = area.right === maxColumns - 1 ? Math.max(area.left, edge.right) : area.right
      return bottom === area.bottom && right === area.right ? area : { ...area, bottom, right }
    },
  }
}

const lastUsed = (workbook: Workbook): Pick<CellRange, 'bottom' | 'right'> => {
  let bottom = 0
  let right = 0
  for (const { used } of workbook.sheets) {
    bottom = Math.max(bottom, used?.bottom ?? 0)
    right = Math.max(right, used?.right ?? 0)
  }
  return { bottom, right }
}
