import { formatCell } from '../formulas/cell-reference.ts'
import { type FormulaIndex, formulaCell } from '../formulas/formula-index.ts'
import { followReference, type SheetArea, type WorkbookNames } from '../formulas/workbook-names.ts'
import type { CellRange, Workbook } from '../workbook.ts'

const longestShown = 240

/** The A1 notation of a formula's cell. */
export function cellOf(index: FormulaIndex, formula: number): string {
  return formatCell(index.row[formula] ?? 0, index.column[formula] ?? 0)
}

/** The name of a formula's sheet. */
export function sheetOf(workbook: Workbook, index: FormulaIndex, formula: number): string {
  return workbook.sheets[index.sheet[formula] ?? 0]?.name ?? ''
}

/** A formula as a person reads it: with its `=`, in the braces of an array formula, shortened when it is very long. */
export function shownFormula(workbook: Workbook, index: FormulaIndex, formula: number): string {
  const { formula: text = '', array } = formulaCell(workbook, index, formula) ?? {}
  return bracedFormula(shortText(`=${text}`, longestShown), array)
}

/** A formula in the braces that programs put around it when it fills an array. */
export function bracedFormula(formula: string, array: CellRange | undefined): string {
  return array === undefined ? formula : `{${formula}}`
}

/** A text cut to a length, with an ellipsis that says so. */
export function shortText(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`
}

/** A number without the noise of its last binary digits. */
export function shownNumber(value: number): string {
  return String(Number(value.toPrecision(12)))
}

/** The areas a formula reads, names and tables followed to their cells; what only its position matters of is left out. */
export function areasOf(index: FormulaIndex, names: WorkbookNames, formula: number): SheetArea[] {
  const areas: SheetArea[] = []
  const place = {
    sheet: index.sheet[formula] ?? 0,
    row: index.baseRow[formula] ?? 0,
    column: index.baseColumn[formula] ?? 0,
  }
  const visitor = { area: (area: SheetArea) => void areas.push(area), missing: () => {}, external: () => {} }
  for (const { reference, positional } of index.uniques[index.unique[formula] ?? 0]?.references ?? []) {
    if (!positional) followReference(reference, place, names, visitor)
  }
  return areas
}
