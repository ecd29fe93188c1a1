import type { AuditedWorkbook } from '../../../../agents/spreadsheet/findings/audited-workbook.ts'
import { detect } from '../../../../agents/spreadsheet/findings/detect.ts'
import type { Finding, FindingKind } from '../../../../agents/spreadsheet/findings/finding.ts'
import { buildGraph } from '../../../../agents/spreadsheet/formulas/cell-graph.ts'
import { indexFormulas } from '../../../../agents/spreadsheet/formulas/formula-index.ts'
import { workbookNames } from '../../../../agents/spreadsheet/formulas/workbook-names.ts'
import { recalculate } from '../../../../agents/spreadsheet/recalculation/recalculate.ts'
import type { Workbook } from '../../../../agents/spreadsheet/workbook.ts'
import { type BuiltCell, type BuiltExtras, workbookOf } from '../workbook-builder.ts'

/** A workbook with all that the detectors look at. */
export async function auditedOf(workbook: Workbook): Promise<AuditedWorkbook> {
  const index = indexFormulas(workbook)
  const graph = buildGraph(workbook, index)
  const recalculation = await recalculate(workbook, index, graph, { mode: 'cached' })
  return { workbook, index, names: workbookNames(workbook), graph, recalculation }
}

/** The findings of one kind in a workbook built by hand. */
export async function auditOf(
  kind: FindingKind,
  sheets: Record<string, Record<string, BuiltCell>>,
  extras: BuiltExtras = {},
): Promise<Finding[]> {
  const { findings } = detect(await auditedOf(workbookOf(sheets, extras)))
  return findings.filter((finding) => finding.kind === kind)
}

/** Cells down a column: `column('B', 2, [1, 2, 3])` is B2, B3 and B4; null leaves a cell empty. */
export function column(letter: string, from: number, values: readonly (BuiltCell | null)[]): Record<string, BuiltCell> {
  const cells: Record<string, BuiltCell> = {}
  values.forEach((value, at) => {
    if (value !== null) cells[`${letter}${from + at}`] = value
  })
  return cells
}

/** One formula for each row: `#` stands for the row number. */
export function filled(letter: string, from: number, to: number, formula: string): Record<string, BuiltCell> {
  const values = Array.from({ length: to - from + 1 }, (_, at) => formula.replaceAll('#', String(from + at)))
  return column(letter, from, values)
}
