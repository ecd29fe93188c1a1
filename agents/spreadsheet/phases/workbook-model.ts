import type { AuditedWorkbook } from '../findings/audited-workbook.ts'
import { buildGraph } from '../formulas/cell-graph.ts'
import { indexFormulas } from '../formulas/formula-index.ts'
import { workbookNames } from '../formulas/workbook-names.ts'
import type { ArchiveLimits } from '../reading/archive-limits.ts'
import { checkIntegrity, type IntegrityReport } from '../reading/integrity.ts'
import type { BlockReason } from '../reading/refusal.ts'
import type { WorkbookParts } from '../reading/workbook-parts.ts'
import { readWorkbook } from '../reading/workbook-reader.ts'
import { recalculate } from '../recalculation/recalculate.ts'

/** A workbook in memory with all that is derived from it. Not to be stored or sent: open the bytes again instead. */
export interface WorkbookModel extends AuditedWorkbook {
  readonly parts: WorkbookParts
}

/** A workbook that could be opened, or why it could not. */
export type OpenedWorkbook =
  | { readonly blocked: null; readonly integrity: IntegrityReport; readonly model: WorkbookModel }
  | { readonly blocked: BlockReason; readonly integrity: IntegrityReport; readonly model: null }

/** Is awaited between the parts of long work: lets others have their turn, and throws when the work is no longer wanted. */
export type Pause = () => Promise<void>

/** Opens a workbook: gate, reader, formulas, graph, recalculation. */
export async function openWorkbook(
  bytes: Uint8Array,
  limits: Partial<ArchiveLimits> = {},
  pause: Pause = async () => {},
): Promise<OpenedWorkbook> {
  const integrity = checkIntegrity(bytes, limits)
  await pause()
  const { blocked, workbook, parts } = readWorkbook(bytes, integrity)
  if (blocked !== null) return { blocked, integrity, model: null }
  await pause()
  const index = indexFormulas(workbook)
  await pause()
  const graph = buildGraph(workbook, index)
  await pause()
  const recalculation = await recalculate(workbook, index, graph, { mode: 'cached', pause })
  return {
    blocked: null,
    integrity,
    model: { workbook, parts, index, names: workbookNames(workbook), graph, recalculation },
  }
}
