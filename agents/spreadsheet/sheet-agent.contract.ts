import { z } from 'zod'
import { type Address, type ContractTypes, defineContract } from '../../runtime/index.ts'
import { strategies } from './phases/agent-plan.ts'
import type { SheetDigest } from './phases/sheet-digest.ts'
import { sheetReportSchema } from './phases/sheet-report.ts'

const isDigest = (value: unknown): boolean => typeof value === 'object' && value !== null && 'facts' in value

/** What the agent of one sheet starts from, says and ends with. Its key is `<workbook hash>.<sheet>`. */
export const sheetAgentContract = defineContract({
  input: z.object({
    strategy: z.enum(strategies),
    /** Tokens it may spend. */
    budget: z.int().min(0),
    /** How its model is asked and paid; null for a study by rule. */
    account: z
      .object({
        call: z.string(),
        budget: z.object({ keeper: z.custom<Address>((given) => typeof given === 'string'), path: z.string() }),
        complexity: z.enum(['low', 'medium', 'high']),
      })
      .nullable()
      .default(null),
    /** The bounded digest of its sheet; made by the analysis, never by a user. */
    digest: z.custom<SheetDigest>(isDigest, 'a digest of a sheet is expected'),
  }),
  messages: {
    'sheet.status': { reply: z.object({ sheet: z.string(), state: z.string() }) },
  },
  emits: {
    'sheet.started': z.object({ sheet: z.string(), strategy: z.enum(strategies), budget: z.int() }),
    'sheet.reported': z.object({
      sheet: z.string(),
      status: z.enum(['completed', 'degraded']),
      findings: z.int(),
      claims: z.int(),
    }),
  },
  output: sheetReportSchema,
})

/** The XState types that follow from it. */
export type SheetAgentTypes = ContractTypes<typeof sheetAgentContract>
