import { z } from 'zod'
import type { Claim } from '../phases/claims/claim.ts'
import {
  checkSentences,
  type RejectedSentence,
  type SentenceSource,
  type SourcedSentence,
} from '../phases/claims/sentence.ts'
import { workbookGround } from '../phases/text-ground.ts'
import { summarySources } from '../phases/summary-sources.ts'
import { noWork, type WorkUsage } from '../phases/work-usage.ts'
import type { WorkbookFacts } from '../phases/workbook-facts.ts'
import { askModel, type ModelQuestion, type ModelSite } from './ask-model.ts'

/** The executive summary of a model, as far as it holds. */
export interface WrittenSummary {
  readonly sentences: readonly SourcedSentence[]
  readonly rejected: readonly RejectedSentence[]
  /** Why there is none; null when there is no reason. */
  readonly reason: string | null
  readonly overBudget: boolean
  readonly refused: boolean
  readonly usage: WorkUsage
}

/** Nobody was asked for one. */
export const noSummary: WrittenSummary = {
  sentences: [],
  rejected: [],
  reason: null,
  overBudget: false,
  refused: false,
  usage: noWork,
}

const summary = z.object({
  sentences: z
    .array(
      z.object({
        text: z.string().max(400).describe('One sentence. Its numbers are those of its sources, in digits.'),
        sources: z.array(z.string().max(10)).max(8).describe('The ids of the statements it rests on'),
      }),
    )
    .max(12),
})

const INSTRUCTIONS = [
  'You write the executive summary of a workbook review, for the reader who reads nothing else: what the workbook is, what is wrong, what to look at first.',
  'You get statements that were checked, each with an id. Every sentence names the ids it rests on, and states no number that they do not state.',
  'A sentence whose numbers are not those of its sources is left out. Write numbers in digits, exactly as given. Write English.',
].join(' ')
const ANSWER = { most: 1_200, least: 200 }

/** What is asked for a summary, with as many statements as fit into a length. */
export function summaryQuestion(
  sources: readonly SentenceSource[],
  length: number,
): ModelQuestion<z.infer<typeof summary>> {
  const given: SentenceSource[] = []
  let size = 0
  for (const source of sources) {
    size += source.id.length + source.says.length + 3
    if (size > length) break
    given.push(source)
  }
  return {
    task: 'synthesis',
    instructions: INSTRUCTIONS,
    question: 'Write the summary in at most eight sentences.',
    data: [
      { type: 'data', source: 'checked statements', text: given.map(({ id, says }) => `${id}: ${says}`).join('\n') },
    ],
    output: summary,
    answer: ANSWER,
  }
}

/** Has a model write the executive summary. What does not hold against its sources is dropped and listed. */
export async function writeSummary(
  site: ModelSite,
  facts: WorkbookFacts,
  accepted: readonly Claim[],
): Promise<WrittenSummary> {
  const sources = summarySources(facts, accepted)
  const outcome = await askModel(site, (length) => summaryQuestion(sources, length))
  const { usage } = outcome
  if (outcome.value === null) {
    const { reason, overBudget, refused } = outcome
    return { sentences: [], rejected: [], reason, overBudget, refused, usage }
  }
  const { kept, rejected } = checkSentences(outcome.value.sentences, sources, workbookGround(facts))
  return { sentences: kept, rejected, reason: null, overBudget: false, refused: false, usage }
}
