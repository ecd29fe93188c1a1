import { durableBudgetKeeper } from '../../actors/budget-keeper.ts'
import { defineModelCall } from '../../actors/model-call.ts'
import type { ActorDefinition } from '../../runtime/index.ts'
import { type AnalysisOptions, defineWorkbookAnalysis } from './analysis.workflow.ts'
import { defineSheetAgent, durableSheetAgent, sheetAgent } from './sheet-agent.actor.ts'
import { workbookFacts } from './workbook-facts.actor.ts'

/** The analysis of workbooks, and all actor types that a runtime must host for it. */
export interface AnalysisActors {
  readonly analysis: ReturnType<typeof defineWorkbookAnalysis>
  readonly actors: readonly ActorDefinition[]
}

/**
 * The analysis of workbooks with everything that belongs to it.
 *
 * @example
 * const { analysis, actors } = analysisActors({ models })
 * const runtime = await createRuntime({ actors })
 * const run = await runtime.spawn(analysis, { input: { source: { kind: 'file', path: 'book.xlsx' } } })
 */
export function analysisActors(options: Omit<AnalysisOptions, 'agent'> = {}): AnalysisActors {
  const { models, durability } = options
  const byRule = durability ? durableSheetAgent : sheetAgent
  const agent = models ? defineSheetAgent({ models, ...(durability ? { durability } : {}) }) : byRule
  const analysis = defineWorkbookAnalysis({ ...options, agent })
  const actors: ActorDefinition[] = [analysis, agent]
  if (models) actors.push(defineModelCall(models))
  if (durability === 'durable') actors.push(workbookFacts, ...(models ? [durableBudgetKeeper] : []))
  return { analysis, actors }
}
