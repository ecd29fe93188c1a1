import type { AgentPlan } from '../phases/agent-plan.ts'
import type { Claim, RejectedClaim } from '../phases/claims/claim.ts'
import type { RejectedSentence, SourcedSentence } from '../phases/claims/sentence.ts'
import type { Complexity } from '../phases/complexity-assessment.ts'
import type { RelationshipMap } from '../phases/relationship-analysis.ts'
import type { SheetReport } from '../phases/sheet-report.ts'
import type { WorkbookFacts } from '../phases/workbook-facts.ts'
import type { AnalysisResult, StepResult, UnusedWork, Usage } from './analysis-result.ts'

/** All that a report is written from. */
export interface ReportContent {
  /** The name of the file, when there is one. */
  readonly title: string | null
  readonly facts: WorkbookFacts
  readonly security: AnalysisResult['security']
  readonly complexity: Complexity
  readonly plan: AgentPlan
  readonly sheetReports: readonly SheetReport[]
  readonly relationships: RelationshipMap | null
  readonly validation: { readonly accepted: readonly Claim[]; readonly rejected: readonly RejectedClaim[] }
  readonly steps: readonly StepResult[]
  readonly usage: Usage
  /** The sentences of the summary that a model wrote; none when the rules write it. */
  readonly summary: readonly SourcedSentence[]
  readonly rejectedSentences: readonly RejectedSentence[]
  readonly overBudget: boolean
  /** Null when none was asked for. */
  readonly modelAnswered: boolean | null
  readonly unused: readonly UnusedWork[]
  /** Why the run is less than complete; null when it is complete. */
  readonly reason: string | null
}

/** Whether a model wrote anything that is in the report. */
export function isByModel({ sheetReports, summary, relationships }: ReportContent): boolean {
  const isNamed = relationships?.edges.some(({ purpose }) => purpose !== null) ?? false
  return isNamed || summary.length > 0 || sheetReports.some(({ author }) => author === 'model')
}
