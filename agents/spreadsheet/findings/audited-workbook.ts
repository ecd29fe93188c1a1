import type { CellGraph } from '../formulas/cell-graph.ts'
import type { FormulaIndex } from '../formulas/formula-index.ts'
import type { WorkbookNames } from '../formulas/workbook-names.ts'
import type { Recalculation } from '../recalculation/recalculate.ts'
import type { Workbook } from '../workbook.ts'

/** What the detectors look at: the cells, the formulas, how they depend on each other, and what they give. */
export interface AuditedWorkbook {
  readonly workbook: Workbook
  readonly index: FormulaIndex
  readonly names: WorkbookNames
  readonly graph: CellGraph
  readonly recalculation: Recalculation
}
