import { buildGraph } from '../../../../agents/spreadsheet/formulas/cell-graph.ts'
import { indexFormulas } from '../../../../agents/spreadsheet/formulas/formula-index.ts'
import { formulaEvaluator } from '../../../../agents/spreadsheet/recalculation/formula-evaluator.ts'
import {
  type Recalculation,
  type RecalculationOptions,
  recalculate,
} from '../../../../agents/spreadsheet/recalculation/recalculate.ts'
import type { CellValue, Workbook } from '../../../../agents/spreadsheet/workbook.ts'
import { type BuiltCell, type BuiltExtras, workbookOf } from '../workbook-builder.ts'

/** The value of a formula over the cells of one sheet; what is unsupported is its reason in brackets. */
export const evaluated = async (
  formula: string,
  cells: Record<string, BuiltCell> = {},
  extras?: BuiltExtras,
): Promise<CellValue> => {
  const outcome = await evaluatorOf(workbookOf({ Sheet1: cells }, extras)).evaluateFormula(formula)
  if (outcome.kind === 'value') return outcome.value
  return outcome.kind === 'unsupported' ? `<${outcome.reason}>` : `<${outcome.kind}>`
}

/** The values of many formulas over the same cells. */
export const evaluatedAll = (
  formulas: readonly string[],
  cells: Record<string, BuiltCell> = {},
): Promise<CellValue[]> => Promise.all(formulas.map((formula) => evaluated(formula, cells)))

export const evaluatorOf = (workbook: Workbook) => {
  const index = indexFormulas(workbook)
  return formulaEvaluator(workbook, index, buildGraph(workbook, index))
}

export const recalculated = (
  workbook: Workbook,
  options: RecalculationOptions = { mode: 'cached' },
): Promise<Recalculation> => {
  const index = indexFormulas(workbook)
  return recalculate(workbook, index, buildGraph(workbook, index), options)
}
