import { z } from 'zod'
import { canonicalText } from './evidence-data.ts'

/** What several members answered to one question; null is no answer. */
export type MemberVotes = Readonly<Record<string, unknown>>

/** Votes on a question whose right answer is known. */
export interface LabelledVotes {
  readonly votes: MemberVotes
  readonly truth: unknown
}

/** What votes count, as learnt from questions whose answers are known. Plain data. */
export const voteWeights = z.object({
  members: z.record(z.string(), z.object({ accuracy: z.number(), weight: z.number() })),
  /** How often two wrong answers to one question are the same. */
  coincidence: z.number(),
  /** What became of answers that exactly these members gave, as a JSON list of their names. */
  patterns: z.record(z.string(), z.object({ right: z.number().int(), count: z.number().int() })),
})

/** What votes count, as learnt from questions whose answers are known. */
export type VoteWeights = z.output<typeof voteWeights>

/** The answer that is most likely right. */
export interface WeighedVotes {
  readonly value: unknown
  /** Who gave it. */
  readonly members: readonly string[]
  /** How likely it is right. */
  readonly confidence: number
}

interface Candidate {
  readonly value: unknown
  readonly members: string[]
}

// What is known of members one by one counts as much as so many questions that exactly they agreed on.
const PRIOR = 5

/**
 * Learns what votes count. The weight of a member is the log-odds of its accuracy, against the chance that a wrong answer
 * is this very one: where wrong answers differ, a member that is right less than half of the time is still evidence. And of
 * each set of members that agreed it is kept how often they were right: members that err alike are worth less together
 * than their weights say. Rates are smoothed after Laplace.
 */
export function learnVoteWeights(known: readonly LabelledVotes[]): VoteWeights {
  const members = new Map<string, { right: number; count: number }>()
  const patterns = new Map<string, { right: number; count: number }>()
  let same = 0
  let pairs = 0
  for (const { votes, truth } of known) {
    const right = canonicalText(truth)
    for (const [member, vote] of Object.entries(votes)) count(members, member, canonicalText(vote) === right)
    const candidates = candidatesOf(votes)
    for (const [text, { members: agreed }] of candidates) count(patterns, patternOf(agreed), text === right)
    const wrong = [...candidates].filter(([text]) => text !== right).map(([, { members: agreed }]) => agreed.length)
    const all = wrong.reduce((sum, size) => sum + size, 0)
    pairs += pairsIn(all)
    same += wrong.reduce((sum, size) => sum + pairsIn(size), 0)
  }
  const coincidence = (same + 1) / (pairs + 2)
  const weighed = [...members].map(([member, { right, count: asked }]) => {
    const accuracy = (right + 1) / (asked + 2)
    // Whoever is right no more often than by chance says nothing.
    return [member, { accuracy, weight: Math.max(0, Math.log(accuracy / ((1 - accuracy) * coincidence))) }] as const
  })
  return { members: Object.fromEntries(weighed), coincidence, patterns: Object.fromEntries(patterns) }
}

/** The answer that is most likely right; null when nobody answers. Members that are not known count nothing. */
export function weighVotes(votes: MemberVotes, { members, patterns }: VoteWeights): WeighedVotes | null {
  const candidates = [...candidatesOf(votes).values()].map((candidate) => ({
    ...candidate,
    support: candidate.members.reduce((sum, member) => sum + (own(members, member)?.weight ?? 0), 0),
  }))
  // One more stands for whatever nobody has said.
  const top = candidates.reduce((most, { support }) => Math.max(most, support), 0)
  const all = candidates.reduce((sum, { support }) => sum + Math.exp(support - top), Math.exp(-top))
  let best: WeighedVotes | null = null
  for (const { value, members: agreed, support } of candidates) {
    const alone = Math.exp(support - top) / all
    const { right, count: seen } = own(patterns, patternOf(agreed)) ?? { right: 0, count: 0 }
    const confidence = (right + PRIOR * alone) / (seen + PRIOR)
    if (!best || confidence > best.confidence) best = { value, members: agreed, confidence }
  }
  return best
}

function candidatesOf(votes: MemberVotes): ReadonlyMap<string, Candidate> {
  const found = new Map<string, Candidate>()
  for (const [member, value] of Object.entries(votes)) {
    if (value === null || value === undefined) continue
    const text = canonicalText(value)
    const candidate = found.get(text) ?? { value, members: [] }
    found.set(text, candidate)
    candidate.members.push(member)
  }
  return found
}

function patternOf(members: readonly string[]): string {
  return JSON.stringify([...members].sort())
}

function count(tallies: Map<string, { right: number; count: number }>, name: string, isRight: boolean): void {
  const tally = tallies.get(name) ?? { right: 0, count: 0 }
  tallies.set(name, tally)
  tally.count++
  if (isRight) tally.right++
}

function pairsIn(size: number): number {
  return (size * (size - 1)) / 2
}

function own<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined
}
