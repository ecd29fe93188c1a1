import { z } from 'zod'
import { findingSchema } from '../findings/finding.ts'
import { strategies } from '../phases/agent-plan.ts'
import { stepNames, stepStatuses } from '../phases/analysis-steps.ts'
import { claimSchema, rejectedClaimSchema } from '../phases/claims/claim.ts'
import { rejectedSentenceSchema, sourcedSentenceSchema } from '../phases/claims/sentence.ts'

const count = z.int().min(0)

/** One sheet as the result lists it. */
const sheetResultSchema = z.object({
  name: z.string(),
  state: z.enum(['visible', 'hidden', 'veryHidden']),
  cells: count,
  formulas: count,
  errors: count,
  strategy: z.enum(strategies),
  priority: z.number(),
  budget: count,
  status: z.enum(stepStatuses),
  /** Why it is degraded. */
  reason: z.string().nullable(),
  /** The model that wrote its report, as `provider/model`; null when the rules did. */
  model: z.string().nullable(),
  tokens: count,
  costUsd: z.number().min(0),
})

/** How one step went. Times are ISO 8601, null while it has none. */
export const stepResultSchema = z.object({
  name: z.enum(stepNames),
  status: z.enum(stepStatuses),
  startedAt: z.string().nullable(),
  endedAt: z.string().nullable(),
  tokens: count,
  costUsd: z.number().min(0),
  attempts: count,
  reason: z.string().nullable(),
})

/** References from the formulas or the charts on one sheet (`from`) to the cells of another (`to`). */
const relationshipSchema = z.object({
  by: z.enum(['formulas', 'charts']),
  from: z.string(),
  to: z.string(),
  references: count,
  functions: z.array(z.string()),
  examples: z.array(z.string()),
  /** What a model takes the references to be for. */
  purpose: z.string().nullable(),
})

/** What model calls took. */
export const usageSchema = z.object({
  inputTokens: count,
  outputTokens: count,
  costUsd: z.number().min(0),
  calls: count,
})

/** Answers that were paid and of which nothing is in the report. */
const unusedWorkSchema = z.object({
  step: z.enum(stepNames),
  /** Null where it was about the whole workbook. */
  sheet: z.string().nullable(),
  /** Who answered, as `provider/model`. */
  models: z.array(z.string()),
  tokens: count,
  costUsd: z.number().min(0),
  reason: z.string(),
})

/** The one object that `troupe analyze --json` prints. `UNKNOWN` stands where a blocked file was not looked at. */
export const analysisResultSchema = z.object({
  status: z.enum(['completed', 'degraded', 'blocked', 'failed']),
  reason: z.string().nullable(),
  runId: z.string(),
  workbook: z.object({
    sha256: z.string(),
    format: z.string().nullable(),
    sheets: z.array(sheetResultSchema),
    totals: z.object({
      sheets: count,
      cells: count,
      formulas: count,
      uniqueFormulas: count,
      errors: count,
      definedNames: count,
      externalLinks: count,
      volatile: count,
      crossSheetReferences: count,
      circular: count,
      longestChain: count,
    }),
  }),
  security: z.object({
    score: z.number(),
    level: z.enum(['LOW', 'MEDIUM', 'HIGH', 'CRITICAL', 'UNKNOWN']),
    threats: z.array(z.object({ kind: z.string(), severity: z.number(), where: z.string(), message: z.string() })),
  }),
  complexity: z.object({
    level: z.enum(['LOW', 'MEDIUM', 'HIGH', 'UNKNOWN']),
    score: z.number(),
    reasons: z.array(z.string()),
  }),
  steps: z.array(stepResultSchema),
  relationships: z.array(relationshipSchema),
  findings: z.array(findingSchema),
  /** The executive summary of a model: its numbers are those of its sources, nothing else is checked. Empty without one. */
  summary: z.array(sourcedSentenceSchema),
  /** What models claimed of the sheets: cells, values and formulas hold. Of a `text` only the numbers are checked. */
  claims: z.array(claimSchema),
  rejectedClaims: z.array(rejectedClaimSchema),
  /** What models wrote and was left out: numbers from nowhere, edges that there are not. */
  rejectedSentences: z.array(rejectedSentenceSchema),
  usage: usageSchema,
  /** Whether a call of a model succeeded; null when none was asked for. */
  modelAnswered: z.boolean().nullable(),
  /** What was paid for answers of which nothing is used, and why. */
  unused: z.array(unusedWorkSchema),
  /** True when the budget did not cover a model somewhere: that part is by rule. */
  overBudget: z.boolean(),
  report: z.string(),
})

/** The result of a run. */
export type AnalysisResult = z.infer<typeof analysisResultSchema>
/** One sheet in a result. */
export type SheetResult = z.infer<typeof sheetResultSchema>
/** One step in a result. */
export type StepResult = z.infer<typeof stepResultSchema>
/** Answers that were paid and of which nothing is used. */
export type UnusedWork = z.infer<typeof unusedWorkSchema>
/** Tokens, money and calls. */
export type Usage = z.infer<typeof usageSchema>

/** Nothing spent. */
export const noUsage: Usage = { inputTokens: 0, outputTokens: 0, costUsd: 0, calls: 0 }

/** What a run has that no model had a part in. */
export const noModelPart = {
  summary: [],
  claims: [],
  rejectedClaims: [],
  rejectedSentences: [],
  modelAnswered: null,
  unused: [],
  overBudget: false,
}

/** Nothing counted. */
export const noTotals: AnalysisResult['workbook']['totals'] = {
  sheets: 0,
  cells: 0,
  formulas: 0,
  uniqueFormulas: 0,
  errors: 0,
  definedNames: 0,
  externalLinks: 0,
  volatile: 0,
  crossSheetReferences: 0,
  circular: 0,
  longestChain: 0,
}
