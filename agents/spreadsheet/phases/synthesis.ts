import { usdOf } from '../../../machines/nano-usd.ts'
import type { NamedEdges } from '../model/name-edges.ts'
import type { WrittenSummary } from '../model/write-summary.ts'
import type { AnalysisResult, StepResult, UnusedWork } from '../report/analysis-result.ts'
import { buildAnalysisResult } from '../report/build-analysis-result.ts'
import type { AgentPlan } from './agent-plan.ts'
import type { ClaimValidation } from './claim-validation.ts'
import { checkProse, type RejectedSentence } from './claims/sentence.ts'
import { workbookGround } from './text-ground.ts'
import type { Complexity } from './complexity-assessment.ts'
import type { DeterministicAnalysis } from './deterministic-analysis.ts'
import type { SheetReport } from './sheet-report.ts'
import { numbersOf } from './summary-sources.ts'
import { addWork, noWork, type WorkUsage } from './work-usage.ts'

/** What the earlier phases gave, and how the run went. */
export interface SynthesisInput {
  readonly runId: string
  /** The name of the file, for the title. */
  readonly title: string | null
  readonly analysis: DeterministicAnalysis & { readonly blocked: null }
  readonly complexity: Complexity
  readonly plan: AgentPlan
  readonly sheetReports: readonly SheetReport[]
  /** Null when the step was skipped or failed. */
  readonly relationships: NamedEdges | null
  readonly validation: ClaimValidation
  /** Null when the step was skipped or failed. */
  readonly summary: WrittenSummary | null
  readonly steps: readonly StepResult[]
}

/** Puts the phases together to the final result with its report. */
export function synthesize(input: SynthesisInput): AnalysisResult {
  const { analysis, complexity, plan, relationships, validation, summary } = input
  const { facts, security } = analysis
  const rejected: RejectedSentence[] = []
  const ground = workbookGround(facts)
  const sheetReports = input.sheetReports.map((report): SheetReport => {
    if (report.author === 'rules') return report
    // What a model says of a sheet has the numbers of its statements that hold, and no others.
    const held = validation.accepted.filter((claim) => claim.sheet === report.sheet)
    const prose = checkProse(report.summary, held.flatMap(numbersOf), ground)
    rejected.push(...prose.rejected.map((each) => ({ sheet: report.sheet, ...each })))
    return { ...report, summary: prose.kept }
  })
  rejected.push(...(relationships?.rejected ?? []), ...(summary?.rejected ?? []))
  const works = {
    sheet_analysis: addWork(...sheetReports.map(({ usage }) => usage)),
    relationship_analysis: relationships?.usage ?? noWork,
    synthesis: summary?.usage ?? noWork,
  }
  const steps = input.steps.map((step) => withWork(step, (works as Readonly<Record<string, WorkUsage>>)[step.name]))
  const { costNanoUsd, models: _, ...total } = addWork(...Object.values(works))
  const parts = [...sheetReports, relationships, summary].filter((part) => part !== null)
  const modelAnswered = answered(parts)
  const outcome = runStatus(sheetReports, steps)
  if (modelAnswered === false && outcome.status === 'degraded') {
    const why = parts.find(({ reason }) => reason !== null)?.reason ?? 'no reason given'
    outcome.reason = `${total.calls > 0 ? 'no model answered' : 'no model was asked'}: ${why}`
  }
  return buildAnalysisResult(
    { runId: input.runId, ...outcome },
    {
      title: input.title,
      facts,
      security: { ...security, threats: [...security.threats] },
      complexity,
      plan,
      sheetReports,
      relationships: relationships?.map ?? null,
      validation,
      steps,
      usage: { ...total, costUsd: usdOf(costNanoUsd) },
      summary: summary?.sentences ?? [],
      rejectedSentences: rejected,
      overBudget: parts.some(({ overBudget }) => overBudget),
      modelAnswered,
      unused: unusedWork(sheetReports, relationships, summary),
      reason: outcome.reason,
    },
  )
}

type Part = SheetReport | NamedEdges | WrittenSummary

/** Whether a call came to anything; null when none was asked for. A part without a reason is as it was meant to be. */
function answered(parts: readonly Part[]): boolean | null {
  if (parts.some(({ reason, usage }) => usage.calls > 0 && reason === null)) return true
  const isAsked = parts.some((part) => part.usage.calls > 0 || part.overBudget || part.refused)
  return isAsked || parts.some((part) => !('sheet' in part) && part.reason !== null) ? false : null
}

function unusedWork(
  reports: readonly SheetReport[],
  relationships: NamedEdges | null,
  summary: WrittenSummary | null,
): UnusedWork[] {
  const all = [
    ...reports.map((part) => ({ step: 'sheet_analysis' as const, sheet: part.sheet, part })),
    ...(relationships ? [{ step: 'relationship_analysis' as const, sheet: null, part: relationships }] : []),
    ...(summary ? [{ step: 'synthesis' as const, sheet: null, part: summary }] : []),
  ]
  return all.flatMap(({ step, sheet, part: { reason, usage } }) => {
    const tokens = usage.inputTokens + usage.outputTokens
    if (reason === null || tokens === 0) return []
    return [{ step, sheet, models: [...usage.models], tokens, costUsd: usdOf(usage.costNanoUsd), reason }]
  })
}

function withWork(step: StepResult, work: WorkUsage = noWork): StepResult {
  if (work.calls === 0) return step
  return { ...step, tokens: work.inputTokens + work.outputTokens, costUsd: usdOf(work.costNanoUsd) }
}

/** A run is failed by a required step, degraded by anything less than complete. */
function runStatus(
  reports: readonly SheetReport[],
  steps: readonly StepResult[],
): { status: AnalysisResult['status']; reason: string | null } {
  const bad = steps.find((step) => step.status === 'failed' && step.name !== 'relationship_analysis')
  if (bad !== undefined) return { status: 'failed', reason: `${bad.name} failed: ${bad.reason ?? 'no reason given'}` }
  const sheets = reports.filter((report) => report.status === 'degraded')
  const weak = steps.find(
    (step) =>
      ['failed', 'degraded', 'skipped', 'cancelled'].includes(step.status) &&
      (step.name !== 'sheet_analysis' || step.status !== 'degraded' || sheets.length === 0),
  )
  const why = weak && `${weak.name} was ${weak.status}: ${weak.reason ?? 'no reason given'}`
  if (sheets.length === 0)
    return weak ? { status: 'degraded', reason: why ?? null } : { status: 'completed', reason: null }
  if (weak && weak.status !== 'degraded') return { status: 'degraded', reason: why ?? null }
  const named = sheets.slice(0, 5).map(({ sheet }) => sheet)
  const more = sheets.length > named.length ? ` and ${sheets.length - named.length} more` : ''
  const reason = sheets[0]?.reason ?? 'the agent failed'
  return {
    status: 'degraded',
    reason: `Written by rule where the agent could not: ${named.join(', ')}${more} (${reason})`,
  }
}
