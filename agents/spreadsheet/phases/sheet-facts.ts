import { formatRange } from '../formulas/cell-reference.ts'
import type { FormulaIndex } from '../formulas/formula-index.ts'
import type { SheetStructure, WorkbookStructure } from '../reading/structure.ts'

/** What is counted on one sheet. */
export interface SheetFacts extends Omit<SheetStructure, 'used'> {
  /** Position in the workbook, from zero. */
  readonly index: number
  /** The smallest range that holds every cell, in A1 notation. */
  readonly used: string | null
  readonly uniqueFormulas: number
  /** Whether a formula refers to another workbook. */
  readonly external: boolean
}

/** The structure of each sheet with what the parsed formulas add to it. */
export function sheetFacts(structure: WorkbookStructure, index: FormulaIndex): SheetFacts[] {
  return structure.sheets.map((sheet, position) => ({
    ...sheet,
    index: position,
    used: sheet.used === null ? null : formatRange(sheet.used),
    ...formulaFacts(index, position),
  }))
}

function formulaFacts(index: FormulaIndex, position: number): { uniqueFormulas: number; external: boolean } {
  const seen = new Set<number>()
  const end = index.sheetStart[position + 1] ?? index.count
  for (let formula = index.sheetStart[position] ?? end; formula < end; formula++) {
    seen.add(index.unique[formula] as number)
  }
  const external = [...seen].some((id) => (index.uniques[id]?.workbooks.length ?? 0) > 0)
  return { uniqueFormulas: seen.size, external }
}
