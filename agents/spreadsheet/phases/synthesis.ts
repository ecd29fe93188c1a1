import type { AnalysisResult, StepResult, Usage } from '../report/analysis-result.ts'
import { buildAnalysisResult } from '../report/build-analysis-result.ts'
import type { AgentPlan } from './agent-plan.ts'
import type { ClaimValidation } from './claim-validation.ts'
import type { Complexity } from './complexity-assessment.ts'
import type { DeterministicAnalysis } from './deterministic-analysis.ts'
import type { RelationshipMap } from './relationship-analysis.ts'
import type { SheetReport } from './sheet-report.ts'
import { checkSummary } from './summary-check.ts'

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
  readonly relationships: RelationshipMap | null
  readonly validation: ClaimValidation
  readonly steps: readonly StepResult[]
  readonly usage: Usage
  /** The summary of a model; its sentences with numbers nobody checked are left out. */
  readonly summary: string | null
}

/** Puts the phases together to the final result with its report. */
export function synthesize(input: SynthesisInput): AnalysisResult {
  const { analysis, complexity, plan, sheetReports, relationships, validation, steps, usage } = input
  const { facts, security } = analysis
  const checked = input.summary === null ? null : checkSummary(input.summary, facts, validation.accepted)
  return buildAnalysisResult(
    { runId: input.runId, ...runStatus(sheetReports, steps) },
    {
      title: input.title,
      facts,
      security: { ...security, threats: [...security.threats] },
      complexity,
      plan,
      sheetReports,
      relationships,
      validation,
      steps,
      usage,
      summary: checked === '' ? null : checked,
    },
  )
}

/** A run is failed by a required step, degraded by anything less than complete. */
function runStatus(
  reports: readonly SheetReport[],
  steps: readonly StepResult[],
): Pick<AnalysisResult, 'status' | 'reason'> {
  const bad = steps.find((step) => step.status === 'failed' && step.name !== 'relationship_analysis')
  if (bad !== undefined) return { status: 'failed', reason: `${bad.name} failed: ${bad.reason ?? 'no reason given'}` }
  const sheets = reports.filter((report) => report.status === 'degraded').map((report) => report.sheet)
  const weak = steps.find((step) => ['failed', 'degraded', 'skipped', 'cancelled'].includes(step.status))
  if (weak !== undefined)
    return { status: 'degraded', reason: `${weak.name} was ${weak.status}: ${weak.reason ?? 'no reason given'}` }
  if (sheets.length === 0) return { status: 'completed', reason: null }
  return { status: 'degraded', reason: `Written by rule where the agent could not: ${sheets.slice(0, 5).join(', ')}` }
}
