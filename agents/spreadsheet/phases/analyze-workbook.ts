import { noPurposes } from '../model/name-edges.ts'
import type { AnalysisResult, StepResult } from '../report/analysis-result.ts'
import { buildBlockedResult } from '../report/build-analysis-result.ts'
import { planAgents } from './agent-plan.ts'
import { defaultBudget, type StepName, stepBudget, stepNames } from './analysis-steps.ts'
import { validateClaims } from './claim-validation.ts'
import { workbookComplexity } from './complexity-assessment.ts'
import { analyzeModel, type DeterministicOptions } from './deterministic-analysis.ts'
import { mapRelationships } from './relationship-analysis.ts'
import { analyzeSheet } from './sheet-analysis.ts'
import { synthesize } from './synthesis.ts'
import { openWorkbook } from './workbook-model.ts'

/** What a run in one go may be told. */
export interface AnalyzeOptions extends DeterministicOptions {
  readonly runId?: string
  /** The name of the file, for the title of the report. */
  readonly title?: string
  /** The token budget that the plan splits; nothing of it is spent. */
  readonly budget?: number
  /** Reads the time as ISO 8601; without it the steps have no times. */
  readonly now?: () => string
}

/** Runs all phases in order, by rule and without actors: what a workflow without a model must come to as well. */
export async function analyzeWorkbook(bytes: Uint8Array, options: AnalyzeOptions = {}): Promise<AnalysisResult> {
  const { runId = 'local', title = null, budget = defaultBudget, now = () => null } = options
  const steps: StepResult[] = []
  const run = async <Result>(name: StepName, phase: () => Result | Promise<Result>): Promise<Result> => {
    const startedAt = now()
    const result = await phase()
    steps.push({ ...idle(name), status: 'completed', startedAt, endedAt: now(), attempts: 1 })
    return result
  }

  const [opened, analysis] = await run('deterministic_analysis', async () => {
    const opened = await openWorkbook(bytes, options.limits)
    return [opened, analyzeModel(opened, options)] as const
  })
  if (analysis.blocked !== null || opened.model === null) {
    const reason = analysis.blocked?.reason ?? null
    for (const name of stepNames.slice(1))
      steps.push({ ...idle(name), status: 'skipped', reason: 'The file was blocked.' })
    return buildBlockedResult({ runId, status: 'blocked', reason }, analysis, steps)
  }
  const { facts } = analysis
  const { model } = opened
  const complexity = await run('complexity_assessment', () => workbookComplexity(facts))
  const plan = await run('agent_creation', () =>
    planAgents(facts.sheets, facts.sha256, stepBudget('sheet_analysis', budget)),
  )
  const sheetReports = await run('sheet_analysis', () => facts.digests.map((digest) => analyzeSheet(digest)))
  const map = await run('relationship_analysis', () => mapRelationships(facts))
  const validation = await run('validation', () =>
    validateClaims(
      model,
      sheetReports.flatMap((report) => report.claims),
    ),
  )
  await run('synthesis', () => null)
  const relationships = { map, ...noPurposes }
  return synthesize({
    runId,
    title,
    analysis,
    complexity,
    plan,
    sheetReports,
    relationships,
    validation,
    steps,
    summary: null,
  })
}

function idle(name: StepName): StepResult {
  return { name, status: 'pending', startedAt: null, endedAt: null, tokens: 0, costUsd: 0, attempts: 0, reason: null }
}
