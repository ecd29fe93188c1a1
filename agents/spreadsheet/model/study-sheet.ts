import { z } from 'zod'
import type { Strategy } from '../phases/agent-plan.ts'
import { type Claim, modelClaimId, totalFunctions } from '../phases/claims/claim.ts'
import { analyzeSheet } from '../phases/sheet-analysis.ts'
import { type SheetDigest, shortenDigest } from '../phases/sheet-digest.ts'
import type { SheetReport } from '../phases/sheet-report.ts'
import { askModel, type ModelQuestion, type ModelSite } from './ask-model.ts'

const text = z
  .string()
  .max(600)
  .describe('One sentence for the report. It states no number that its own cells do not give.')
const cell = z.string().max(20).describe('A cell of the sheet, such as B7')

/** A statement as a model writes it: of its own sheet, and without an id. */
const writtenClaim = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('value'), cell, value: z.union([z.number(), z.string(), z.boolean(), z.null()]), text }),
  z.object({ kind: z.literal('formula'), cell, formula: z.string().max(8200), text }),
  z.object({
    kind: z.literal('total'),
    range: z.string().max(40).describe('A range of the sheet, such as B2:B6'),
    cell: cell.nullable().describe('The cell that shows the total, when one does'),
    function: z.enum(totalFunctions),
    value: z.number(),
    text,
  }),
])

const study = z.object({
  summary: z
    .string()
    .max(2000)
    .describe(
      'What the sheet is for and what a reviewer should know, in at most six sentences. No number that no claim states.',
    ),
  claims: z.array(writtenClaim).max(20).describe('What the summary rests on. Each is checked against the cells.'),
})

type WrittenClaim = z.infer<typeof writtenClaim>

const looks: Readonly<Record<Strategy, string>> = {
  pivot_table_specialist:
    'The sheet has pivot tables: say what they group and add up, and whether that fits their source.',
  formula_analyst:
    'The sheet is made of formulas: say how they build on each other and where they break their pattern.',
  visualization_analyst: 'The sheet has charts: say what they show and whether their sources are complete.',
  general_analyst: 'Say what the sheet holds and how it hangs together.',
}

const INSTRUCTIONS = [
  'You review one sheet of a workbook for an auditor. You get a digest of it: tables, distinct formulas, totals, findings, samples.',
  'Claim only what the digest shows, each claim with its cell or range. A claim that the cells do not bear out is removed.',
  'Write numbers in digits, exactly as the cells have them, without thousands or millions in words. Write English.',
].join(' ')

// What goes along with the digest is short, and an answer has room for its claims.
const ANSWER = { most: 2_500, least: 250 }

/** What is asked about a sheet, its digest cut to a length. */
export function studyQuestion(
  digest: SheetDigest,
  strategy: Strategy,
  length: number,
): ModelQuestion<z.infer<typeof study>> {
  return {
    task: 'sheet_analysis',
    instructions: INSTRUCTIONS,
    question: `${looks[strategy]} Summarise the sheet, and claim what your summary rests on.`,
    data: [{ type: 'data', source: 'digest of the sheet', text: JSON.stringify(shortenDigest(digest, length)) }],
    output: study,
    answer: ANSWER,
  }
}

/** The report of one sheet by a model; by rule and degraded, with the reason, where no model could. */
export async function studySheet(
  site: ModelSite,
  { digest, strategy }: { readonly digest: SheetDigest; readonly strategy: Strategy },
): Promise<SheetReport> {
  const outcome = await askModel(site, (length) => studyQuestion(digest, strategy, length))
  const { usage } = outcome
  if (outcome.value === null) {
    return { ...analyzeSheet(digest, outcome.reason), overBudget: outcome.overBudget, refused: outcome.refused, usage }
  }
  const { name } = digest.facts
  return {
    ...analyzeSheet(digest),
    author: 'model',
    model: outcome.model,
    summary: outcome.value.summary,
    claims: outcome.value.claims.map((claim, at) => claimOf(claim, name, at)),
    usage,
  }
}

function claimOf(claim: WrittenClaim, sheet: string, at: number): Claim {
  return { ...claim, id: modelClaimId(sheet, at), sheet }
}
