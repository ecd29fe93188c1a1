import { definePack } from '../../runtime/index.ts'
import { defineWorkbookAnalysis } from './analysis.workflow.ts'
import { analyze } from './analyze.command.ts'
import { estimate } from './estimate.command.ts'
import { durableSheetAgent } from './sheet-agent.actor.ts'
import { workbookFacts } from './workbook-facts.actor.ts'

export { type AnalysisActors, analysisActors } from './analysis-actors.ts'
export { analysisResult, type RunName } from './analysis-outcome.ts'
export { type AnalysisOptions, defineWorkbookAnalysis } from './analysis.workflow.ts'
export type { AnalysisResult } from './report/analysis-result.ts'
export {
  defineSheetAgent,
  durableSheetAgent,
  sheetAgent,
  type SheetAgent,
  type SheetAgentOptions,
} from './sheet-agent.actor.ts'
export { workbookFacts } from './workbook-facts.actor.ts'

/** The spreadsheet pack. */
export const pack = definePack({
  name: 'spreadsheet',
  description: 'Analyses workbooks: audit, recalculation, map of sheets, reviewed report.',
  actors: [defineWorkbookAnalysis({ durability: 'durable' }), durableSheetAgent, workbookFacts],
  commands: [analyze, estimate],
})
