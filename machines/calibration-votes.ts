import { z } from 'zod'
import { canonicalText } from './evidence-data.ts'

/** What several members answered to one question; null is no answer. `truth` is the right one. */
export interface LabelledVotes {
  readonly votes: Readonly<Record<string, unknown>>
  readonly truth: unknown
}

/** What the vote of each member counts. Plain data. */
export const voteWeights = z.object({
  members: z.record(z.string(), z.object({ accuracy: z.number(), weight: z.number() })),
  /** How often two wrong answers to one question are the same. */
  coincidence: z.number(),
})

/** What the vote of each member counts. */
export type VoteWeights = z.output<typeof voteWeights>

/** The answer with the most weight behind it. */
export interface WeighedVotes {
  readonly value: unknown
  /** The weight behind the value. */
  readonly support: number
  /** How likely the value is the right one of those that were given, as far as the votes are independent. */
  readonly confidence: number
}

/**
 * Learns what votes count from questions whose answers are known: the log-odds of a member's accuracy, against the chance
 * that a wrong answer is this very one. Where wrong answers differ, a member that is right less than half of the time is
 * still evidence. Rates are smoothed after Laplace.
 */
export function learnVoteWeights(known: readonly LabelledVotes[]): VoteWeights {
  const tallies = new Map<string, { right: number; count: number }>()
  let same = 0
  let pairs = 0
  for (const { votes, truth } of known) {
    const right = canonicalText(truth)
    const wrong: string[] = []
    for (const [member, vote] of Object.entries(votes)) {
      const tally = tallies.get(member) ?? { right: 0, count: 0 }
      tallies.set(member, tally)
      tally.count++
      const text = canonicalText(vote)
      if (text === right) tally.right++
      else if (vote !== null && vote !== undefined) wrong.push(text)
    }
    for (const [index, one] of wrong.entries()) {
      for (const other of wrong.slice(index + 1)) {
        pairs++
        if (one === other) same++
      }
    }
  }
  const coincidence = (same + 1) / (pairs + 2)
  const members = [...tallies].map(([member, { right, count }]) => {
    const accuracy = (right + 1) / (count + 2)
    // Whoever is right no more often than by chance says nothing.
    return [member, { accuracy, weight: Math.max(0, Math.log(accuracy / ((1 - accuracy) * coincidence))) }] as const
  })
  return { members: Object.fromEntries(members), coincidence }
}

/** The answer with the most weight behind it; null when nobody answers. Members that are not known count nothing. */
export function weighVotes(votes: LabelledVotes['votes'], { members }: VoteWeights): WeighedVotes | null {
  const behind = new Map<string, { readonly value: unknown; support: number }>()
  for (const [member, value] of Object.entries(votes)) {
    if (value === null || value === undefined) continue
    const text = canonicalText(value)
    const entry = behind.get(text) ?? { value, support: 0 }
    behind.set(text, entry)
    entry.support += Object.hasOwn(members, member) ? (members[member]?.weight ?? 0) : 0
  }
  const [best, ...others] = [...behind.values()].sort((one, other) => other.support - one.support)
  if (!best) return null
  // One more stands for whatever nobody has said.
  const odds = [...others, { support: 0 }].reduce((sum, { support }) => sum + Math.exp(support - best.support), 1)
  return { value: best.value, support: best.support, confidence: 1 / odds }
}
