import type { AgentPlan } from '../phases/agent-plan.ts'
import type { Claim, RejectedClaim } from '../phases/claims/claim.ts'
import type { Complexity } from '../phases/complexity-assessment.ts'
import type { RelationshipMap } from '../phases/relationship-analysis.ts'
import type { SheetReport } from '../phases/sheet-report.ts'
import type { WorkbookFacts } from '../phases/workbook-facts.ts'
import type { AnalysisResult, StepResult, Usage } from './analysis-result.ts'

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
  /** The summary a model wrote; null when the rules write it. */
  readonly summary: string | null
}
