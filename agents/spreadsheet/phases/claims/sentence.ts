import { z } from 'zod'
import { strayNumber, type TextGround } from './claim-text.ts'

/** What a sentence may rest on: a statement that holds, with its numbers and the cells it is about. */
export interface SentenceSource {
  readonly id: string
  /** The statement in words. */
  readonly says: string
  readonly numbers: readonly number[]
  /** As `Sheet!A1`. */
  readonly cells: readonly string[]
}

/** A sentence that a model wrote, with the cells its numbers come from. */
export const sourcedSentenceSchema = z.object({
  text: z.string(),
  sources: z.array(z.string()),
  cells: z.array(z.string()),
})

/** A sentence of a model that was left out, and why. */
export const rejectedSentenceSchema = z.object({
  /** The sheet it was about; null for one of the executive summary, or about an edge. */
  sheet: z.string().nullable(),
  text: z.string(),
  reason: z.string(),
})

/** A sentence that a model wrote, with its sources. */
export type SourcedSentence = z.infer<typeof sourcedSentenceSchema>
/** A sentence of a model that was left out, and why. */
export type RejectedSentence = z.infer<typeof rejectedSentenceSchema>

const mostCells = 4

/** Keeps the sentences whose numbers are all those of the sources they name. */
export function checkSentences(
  sentences: readonly Pick<SourcedSentence, 'text' | 'sources'>[],
  sources: readonly SentenceSource[],
  ground: TextGround,
): { readonly kept: readonly SourcedSentence[]; readonly rejected: readonly RejectedSentence[] } {
  const byId = new Map(sources.map((source) => [source.id, source]))
  const kept: SourcedSentence[] = []
  const rejected: RejectedSentence[] = []
  for (const { text, sources: ids } of sentences) {
    const named = ids.flatMap((id) => byId.get(id) ?? [])
    const reason = problemOf(text, { ids, named, ground })
    if (reason !== null) rejected.push({ sheet: null, text, reason })
    else
      kept.push({
        text,
        sources: [...ids],
        cells: [...new Set(named.flatMap(({ cells }) => cells))].slice(0, mostCells),
      })
  }
  return { kept, rejected }
}

/** Keeps the sentences of a text whose numbers are all among those it may state. */
export function checkProse(
  text: string,
  allowed: readonly number[],
  ground: TextGround,
): { readonly kept: string; readonly rejected: readonly { readonly text: string; readonly reason: string }[] } {
  const rejected: { text: string; reason: string }[] = []
  const kept = text.split(/(?<=[.!?])\s+(?=\S)|\n+/).filter((sentence) => {
    const stray = strayNumber(sentence, allowed, ground)
    if (stray) rejected.push({ text: sentence, reason: `It says ${stray.written}, which no checked statement does.` })
    return stray === undefined && sentence.trim() !== ''
  })
  return { kept: kept.join(' ').trim(), rejected }
}

function problemOf(
  text: string,
  {
    ids,
    named,
    ground,
  }: { readonly ids: readonly string[]; readonly named: readonly SentenceSource[]; readonly ground: TextGround },
): string | null {
  if (text.trim() === '') return 'It says nothing.'
  if (named.length === 0) return 'It names no source there is.'
  if (named.length < ids.length)
    return `It names a source that there is not: ${ids.find((id) => named.every((each) => each.id !== id))}.`
  const numbers = named.flatMap((source) => source.numbers)
  const stray = strayNumber(text, numbers, ground)
  return stray === undefined ? null : `It says ${stray.written}, which none of its sources does.`
}
