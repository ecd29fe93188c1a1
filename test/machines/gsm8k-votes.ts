import { readFileSync } from 'node:fs'
import type { LabelledVotes } from '../../machines/calibration-votes.ts'

/** One question, what four models answered, and what is right. */
export interface KnownQuestion extends LabelledVotes {
  readonly id: string
  readonly truth: number
  /** In the order of `MEMBERS`, as they were. */
  readonly answers: readonly unknown[]
  readonly correct: readonly boolean[]
}

/** The models, the best of them last. */
export const MEMBERS = ['6b-finetuned', '6b-verified', '175b-finetuned', '175b-verified'] as const

const file = new URL('../fixtures/gsm8k/answers.jsonl', import.meta.url)

/** All questions. The answers of grade-school mathematics are whole numbers: what is none is no valid vote. */
export const questions: readonly KnownQuestion[] = readFileSync(file, 'utf8')
  .trim()
  .split('\n')
  .map((line) => {
    const question = JSON.parse(line) as Omit<KnownQuestion, 'votes'>
    const votes = MEMBERS.map((member, index) => [member, validOf(question.answers[index])])
    return { ...question, votes: Object.fromEntries(votes) as KnownQuestion['votes'] }
  })

/** Which of so many folds a question is in, by its hash. */
export function foldOf({ id }: KnownQuestion, folds: number): number {
  return Number.parseInt(id, 16) % folds
}

function validOf(answer: unknown): number | null {
  return Number.isInteger(answer) && (answer as number) >= 0 ? (answer as number) : null
}
