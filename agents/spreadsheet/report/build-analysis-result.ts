import { usdOf } from '../../../machines/nano-usd.ts'
import type { DeterministicAnalysis } from '../phases/deterministic-analysis.ts'
import { noWork } from '../phases/work-usage.ts'
import {
  type AnalysisResult,
  noModelPart,
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
  const writers = new Set(content.sheetReports.flatMap(({ author, sheet }) => (author === 'model' ? [sheet] : [])))
  return {
    status: outcome.status,
    reason: outcome.reason,
    runId: outcome.runId,
    workbook: { sha256: facts.sha256, format: facts.format, sheets: sheetResults(content), totals: facts.totals },
    security: { ...security, threats: [...security.threats] },
    complexity: { level: complexity.level, score: complexity.score, reasons: [...complexity.reasons] },
    steps: [...content.steps],
    relationships: relationships === null ? [] : plainEdges(facts, relationships),
    findings: [...facts.findings],
    summary: content.summary.map((sentence) => ({ ...sentence })),
    claims: validation.accepted.filter(({ sheet }) => writers.has(sheet)),
    rejectedClaims: [...validation.rejected],
    rejectedSentences: [...content.rejectedSentences],
    usage: content.usage,
    modelAnswered: content.modelAnswered,
    unused: [...content.unused],
    overBudget: content.overBudget,
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
    ...noModelPart,
    usage,
    report: blockedReport(outcome, analysis),
  }
}

function sheetResults({ facts, plan, sheetReports }: ReportContent): SheetResult[] {
  return facts.sheets.map(({ name, state, cells, formulas, errors }) => {
    const agent = plan.agents.find((each) => each.sheet === name)
    const report = sheetReports.find((each) => each.sheet === name)
    const { inputTokens, outputTokens, costNanoUsd } = report?.usage ?? noWork
    return {
      name,
      state,
      cells,
      formulas,
      errors,
      strategy: agent?.strategy ?? 'general_analyst',
      priority: agent?.priority ?? 0,
      budget: agent?.budget ?? 0,
      status: report?.status ?? 'failed',
      reason: report?.reason ?? null,
      model: report?.model ?? null,
      tokens: inputTokens + outputTokens,
      costUsd: usdOf(costNanoUsd),
    }
  })
}

function plainEdges(
  facts: ReportContent['facts'],
  { edges }: NonNullable<ReportContent['relationships']>,
): AnalysisResult['relationships'] {
  const purposes = new Map(edges.map(({ from, to, purpose }) => [`${from.kind}\n${from.name}\n${to.name}`, purpose]))
  const plain =
    (by: AnalysisResult['relationships'][number]['by'], kind: string) =>
    ({ from, to, references, functions, examples }: ReportContent['facts']['edges'][number]) => ({
      by,
      from,
      to,
      references,
      functions: [...functions],
      examples: [...examples],
      purpose: purposes.get(`${kind}\n${from}\n${to}`) ?? null,
    })
  return [...facts.edges.map(plain('formulas', 'sheet')), ...facts.chartEdges.map(plain('charts', 'chart'))]
}

function blockedReport({ reason }: RunOutcome, { blocked, integrity }: DeterministicAnalysis): string {
  const hint = blocked === null ? '' : `\n\n${markdownText(blocked.hint)}`
  return `# Workbook analysis\n\nThe file was blocked: ${markdownText(reason ?? 'no reason given')}${hint}\n\nSHA-256: \`${integrity.sha256}\`, ${integrity.size} bytes. Nothing in it was analysed.\n`
}
