import { z } from 'zod'
import { defaultBudget } from './phases/analysis-steps.ts'

/** What a run was begun with, written down with it: whoever goes on with it defines the analysis alike. No keys. */
export const analysisTermsSchema = z.object({
  /** `provider/model`, from the smallest to the largest; none for a run by rule. */
  models: z.array(z.string()).default([]),
  baseUrl: z.string().optional(),
  /** What models cost whose price is not known, in US dollars for a million tokens. */
  price: z.object({ input: z.number().min(0), output: z.number().min(0) }).optional(),
  /** Tokens that the run may spend. */
  budget: z.int().min(0).default(defaultBudget),
  maxCostUsd: z.number().min(0).optional(),
})

/** What a run was begun with. */
export type AnalysisTerms = z.output<typeof analysisTermsSchema>
