import { z } from 'zod'
import { strayNumber } from '../phases/claims/claim-text.ts'
import type { RejectedSentence } from '../phases/claims/sentence.ts'
import { workbookGround } from '../phases/text-ground.ts'
import { edgePurposeSchema, namePurposes, type RelationshipMap } from '../phases/relationship-analysis.ts'
import { noWork, type WorkUsage } from '../phases/work-usage.ts'
import type { WorkbookFacts } from '../phases/workbook-facts.ts'
import { askModel, type ModelQuestion, type ModelSite } from './ask-model.ts'

/** The map with what a model had to say of it. */
export interface NamedEdges {
  readonly map: RelationshipMap
  /** Purposes of edges there are not, and those with numbers that nothing gives. */
  readonly rejected: readonly RejectedSentence[]
  /** Why there are no purposes; null when there is no reason. */
  readonly reason: string | null
  readonly overBudget: boolean
  readonly refused: boolean
  readonly usage: WorkUsage
}

/** Nobody was asked for purposes. */
export const noPurposes: Omit<NamedEdges, 'map'> = {
  rejected: [],
  reason: null,
  overBudget: false,
  refused: false,
  usage: noWork,
}

const purposes = z.object({
  purposes: z.array(edgePurposeSchema).max(60).describe('One for each edge whose purpose the digest makes clear'),
})

const INSTRUCTIONS = [
  'You review how the sheets of a workbook feed each other. You get the edges: who reads, what is read, how often, by which functions.',
  'Name what an edge is for in one short sentence without numbers. Name only edges of the list, by their from and to; invent none.',
].join(' ')
const ANSWER = { most: 1_500, least: 150 }

/** What is asked about the edges of a map, as many of them as fit into a length. */
export function edgesQuestion(map: RelationshipMap, length: number): ModelQuestion<z.infer<typeof purposes>> {
  const lines: string[] = []
  let size = 0
  for (const { from, to, references, functions, examples } of map.edges) {
    const line = JSON.stringify({ from: from.name, to: to.name, by: from.kind, references, functions, examples })
    size += line.length + 1
    if (size > length) break
    lines.push(line)
  }
  return {
    task: 'relationship_analysis',
    instructions: INSTRUCTIONS,
    question: 'What are these edges for?',
    data: [{ type: 'data', source: 'edges between the sheets', text: lines.join('\n') }],
    output: purposes,
    answer: ANSWER,
  }
}

/** Has a model name what the edges are for. Those it invents are dropped and listed. */
export async function nameEdges(
  site: ModelSite,
  map: RelationshipMap,
  facts: Pick<WorkbookFacts, 'sheets' | 'names' | 'digests'>,
): Promise<NamedEdges> {
  if (map.edges.length === 0) return { map, ...noPurposes }
  const outcome = await askModel(site, (length) => edgesQuestion(map, length))
  const { usage } = outcome
  if (outcome.value === null) {
    const { reason, overBudget, refused } = outcome
    return { map, rejected: [], reason, overBudget, refused, usage }
  }
  const ground = workbookGround(facts)
  const rejected: RejectedSentence[] = []
  const plain = outcome.value.purposes.filter(({ purpose }) => {
    const stray = strayNumber(purpose, [], ground)
    if (stray)
      rejected.push({ sheet: null, text: purpose, reason: `It says ${stray.written}, and a purpose has no numbers.` })
    return stray === undefined
  })
  const named = namePurposes(map, plain)
  for (const { from, to, purpose } of named.refused) {
    rejected.push({ sheet: null, text: purpose, reason: `Nothing on ${from} reads ${to}.` })
  }
  return { map: named.map, rejected, reason: null, overBudget: false, refused: false, usage }
}
