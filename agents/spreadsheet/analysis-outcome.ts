import type { ItemOutcome, StepView, WorkflowOutput } from '../../machines/workflow.contract.ts'
import { usdOf } from '../../machines/nano-usd.ts'
import { TroupeError } from '../../runtime/index.ts'
import type { Analysed } from './kept-analysis.ts'
import type { NamedEdges } from './model/name-edges.ts'
import type { WrittenSummary } from './model/write-summary.ts'
import type { AgentPlan } from './phases/agent-plan.ts'
import { type StepName, stepNames } from './phases/analysis-steps.ts'
import type { ClaimValidation } from './phases/claim-validation.ts'
import type { Complexity } from './phases/complexity-assessment.ts'
import type { DeterministicAnalysis } from './phases/deterministic-analysis.ts'
import type { SheetReport } from './phases/sheet-report.ts'
import { synthesize } from './phases/synthesis.ts'
import { noWork } from './phases/work-usage.ts'
import { type AnalysisResult, noModelPart, noTotals, noUsage, type StepResult } from './report/analysis-result.ts'
import { buildBlockedResult } from './report/build-analysis-result.ts'

/** What the steps of an analysis leave; a step that did not finish leaves nothing. */
export interface AnalysisResults {
  readonly deterministic_analysis?: Analysed | undefined
  readonly complexity_assessment?: Complexity | undefined
  readonly agent_creation?: AgentPlan | undefined
  readonly sheet_analysis?: readonly ItemOutcome<SheetReport>[] | undefined
  readonly relationship_analysis?: NamedEdges | undefined
  readonly validation?: ClaimValidation | undefined
  readonly synthesis?: WrittenSummary | undefined
}

/** What names a run in its result. */
export interface RunName {
  readonly runId: string
  /** The name of the file, for the title of the report. */
  readonly title: string | null
}

type Whole = Omit<AnalysisResults, 'deterministic_analysis'> & {
  readonly deterministic_analysis?: DeterministicAnalysis | undefined
}

/**
 * Makes the result of a run, however far it got: what was finished is in it. Of a durable run it needs `found` as well,
 * what the actor `workbook-facts` with the run's key ended with.
 */
export function analysisResult(
  run: WorkflowOutput<AnalysisResults>,
  name: RunName,
  found?: DeterministicAnalysis,
): AnalysisResult {
  const { reason } = run
  const analysis = wholeAnalysis(run.results, found)
  const results: Whole = { ...run.results, deterministic_analysis: analysis }
  if (!analysis) return unopened(run, name)
  const steps = stepNames.map((step) => stepResult(step, run.steps, analysis.blocked !== null))
  if (analysis.blocked !== null) {
    return buildBlockedResult(
      { runId: name.runId, status: 'blocked', reason: analysis.blocked.reason },
      analysis,
      steps,
    )
  }
  const { facts } = analysis
  return synthesize({
    ...name,
    analysis,
    complexity: results.complexity_assessment ?? { level: 'LOW', score: 0, reasons: [], tier: 'small' },
    plan: results.agent_creation ?? { budget: 0, agents: [] },
    sheetReports: facts.sheets.map((sheet, at) => reportOf(results, sheet.name, at, reason)),
    relationships: results.relationship_analysis ?? null,
    validation: results.validation ?? { checked: 0, accepted: [], rejected: [] },
    steps,
    summary: results.synthesis ?? null,
  })
}

function wholeAnalysis(
  { deterministic_analysis: analysed }: AnalysisResults,
  found: DeterministicAnalysis | undefined,
): DeterministicAnalysis | undefined {
  if (analysed === undefined || !('kept' in analysed)) return analysed
  if (found) return found
  throw new TroupeError('INVALID_MESSAGE', 'what a durable run found is kept by an actor of its own', {
    where: analysed.kept,
    hint: 'ask that for its result: runtime.ref(workbookFacts, runId).result()',
  })
}

// A sheet without a report of its agent still has its findings: only the agent's part is missing.
function reportOf(results: Whole, sheet: string, at: number, runReason: string | null): SheetReport {
  const item = results.sheet_analysis?.[at]
  if (item && 'value' in item) return item.value
  const reason = (item && 'reason' in item ? item.reason : runReason) ?? 'its agent did not report'
  const findings = (results.deterministic_analysis?.facts?.findings ?? []).filter((finding) => finding.sheet === sheet)
  const ids = findings.slice(0, 200).map((finding) => finding.id)
  const nothing = { model: null, overBudget: false, refused: false, summary: '', claims: [], usage: noWork }
  return { sheet, author: 'rules', status: 'degraded', reason, findings: ids, ...nothing }
}

function stepResult(name: StepName, steps: readonly StepView[], blocked: boolean): StepResult {
  const step = steps.find((each) => each.name === name)
  const status = statusOf(step?.status)
  return {
    name,
    status,
    startedAt: isoTime(step?.startedAt),
    endedAt: isoTime(step?.endedAt),
    tokens: step?.usage?.tokens ?? 0,
    // A sum of fractions, brought back to the whole nanos that it was made of.
    costUsd: usdOf(Math.round((step?.usage?.costUsd ?? 0) * 1e9)),
    attempts: step?.attempts ?? 0,
    reason: blocked && status === 'skipped' ? 'The file was blocked.' : (step?.reason ?? null),
  }
}

function statusOf(status: StepView['status'] | undefined): StepResult['status'] {
  if (status === 'done') return 'completed'
  if (status === undefined || status === 'waiting') return 'pending'
  return status === 'retrying' ? 'running' : status
}

function isoTime(at: number | null | undefined): string | null {
  return at == null ? null : new Date(at).toISOString()
}

function unopened(run: WorkflowOutput<AnalysisResults>, { runId }: RunName): AnalysisResult {
  const reason = run.steps.find((step) => step.reason !== null)?.reason ?? run.reason ?? 'the run was stopped'
  return {
    status: 'failed',
    reason,
    runId,
    workbook: { sha256: '', format: null, sheets: [], totals: noTotals },
    security: { score: 0, level: 'UNKNOWN', threats: [] },
    complexity: { level: 'UNKNOWN', score: 0, reasons: [] },
    steps: stepNames.map((step) => stepResult(step, run.steps, false)),
    relationships: [],
    findings: [],
    ...noModelPart,
    usage: noUsage,
    report: `# Workbook analysis\n\nThe workbook could not be opened: ${reason}\n`,
  }
}
