import { z } from 'zod'
import { claimSchema } from './claims/claim.ts'
import { workUsageSchema } from './work-usage.ts'

/** What the agent of one sheet hands back, whether a model wrote it or the rules did. */
export const sheetReportSchema = z.object({
  sheet: z.string(),
  author: z.enum(['rules', 'model']),
  /** The model that answered, as `provider/model`; null when the rules wrote it. */
  model: z.string().nullable(),
  /** `degraded` is a report the rules had to write because the agent could not. */
  status: z.enum(['completed', 'degraded']),
  reason: z.string().nullable(),
  /** True when it is degraded because its budget did not cover a model. */
  overBudget: z.boolean(),
  /** True when it is degraded because the provider refused what it would refuse every call of the run: a key, a model. */
  refused: z.boolean().default(false),
  summary: z.string().max(4000),
  /** Ids of the deterministic findings on this sheet. */
  findings: z.array(z.string()).max(200),
  claims: z.array(claimSchema).max(100),
  usage: workUsageSchema,
})

/** The report of one sheet. */
export type SheetReport = z.infer<typeof sheetReportSchema>
