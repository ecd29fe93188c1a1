import type { DeterministicAnalysis } from '../phases/deterministic-analysis.ts'
import {
  type AnalysisResult,
  noTotals,
  noUsage,
  type SheetResult,
  type StepResult,
  type Usage,
} from './analysis-result.ts'
import { markdownReport } from './markdown-report.ts'
import { markdownText } from './markdown-text.ts'
import type { ReportContent } from './report-content.ts'

/** How a run ended, beside what it found. */
export interface RunOutcome {
  readonly runId: string
  readonly status: AnalysisResult['status']
  readonly reason: string | null
}

/** Builds the result of a run that got as far as a report. */
export function buildAnalysisResult(outcome: RunOutcome, content: ReportContent): AnalysisResult {
  const { facts, security, complexity, relationships, validation } = content
  return {
    status: outcome.status,
    reason: outcome.reason,
    runId: outcome.runId,
    workbook: { sha256: facts.sha256, format: facts.format, sheets: sheetResults(content), totals: facts.totals },
    security: { ...security, threats: [...security.threats] },
    complexity: { level: complexity.level, score: complexity.score, reasons: [...complexity.reasons] },
    steps: [...content.steps],
    relationships:
      relationships === null
        ? []
        : [...facts.edges.map(plainEdge('formulas')), ...facts.chartEdges.map(plainEdge('charts'))],
    findings: [...facts.findings],
    rejectedClaims: [...validation.rejected],
    usage: content.usage,
    report: markdownReport(content),
  }
}

/** Builds the result of a run whose first phase blocked the file. */
export function buildBlockedResult(
  outcome: RunOutcome,
  analysis: DeterministicAnalysis,
  steps: readonly StepResult[],
  usage: Usage = noUsage,
): AnalysisResult {
  const { integrity, security } = analysis
  return {
    status: outcome.status,
    reason: outcome.reason,
    runId: outcome.runId,
    workbook: { sha256: integrity.sha256, format: integrity.format, sheets: [], totals: noTotals },
    security:
      security === null ? { score: 0, level: 'UNKNOWN', threats: [] } : { ...security, threats: [...security.threats] },
    complexity: { level: 'UNKNOWN', score: 0, reasons: [] },
    steps: [...steps],
    relationships: [],
    findings: [],
    rejectedClaims: [],
    usage,
    report: blockedReport(outcome, analysis),
  }
}

function sheetResults({ facts, plan, sheetReports }: ReportContent): SheetResult[] {
  return facts.sheets.map(({ name, state, cells, formulas, errors }) => {
    const agent = plan.agents.find((each) => each.sheet === name)
    return {
      name,
      state,
      cells,
      formulas,
      errors,
      strategy: agent?.strategy ?? 'general_analyst',
      priority: agent?.priority ?? 0,
      budget: agent?.budget ?? 0,
      status: sheetReports.find((each) => each.sheet === name)?.status ?? 'failed',
    }
  })
}

function plainEdge(by: AnalysisResult['relationships'][number]['by']) {
  return ({ from, to, references, functions, examples }: ReportContent['facts']['edges'][number]) => ({
    by,
    from,
    to,
    references,
    functions: [...functions],
    examples: [...examples],
  })
}

function blockedReport({ reason }: RunOutcome, { blocked, integrity }: DeterministicAnalysis): string {
  const hint = blocked === null ? '' : `\n\n${markdownText(blocked.hint)}`
  return `# Workbook analysis\n\nThe file was blocked: ${markdownText(reason ?? 'no reason given')}${hint}\n\nSHA-256: \`${integrity.sha256}\`, ${integrity.size} bytes. Nothing in it was analysed.\n`
}
