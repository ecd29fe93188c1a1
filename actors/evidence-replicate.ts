import { z } from 'zod'
import type { ReplicateOutcome } from '../machines/evidence.contract.ts'
import { type ModelUsage, modelUsage, NO_USAGE } from '../machines/model-usage.ts'
import type { Hands } from '../runtime/kernel/hands.ts'
import { errorValue } from '../runtime/protocol/errors.ts'
import type { Budget } from './budget-client.ts'
import { callFailure } from './classify-failure.ts'

/** What the function of a replicate is given beside its number, which counts from 0. */
export interface ReplicateScope<Question = unknown> extends Hands {
  readonly question: Question
  /** `r1` and so on. */
  readonly id: string
  /** Aborted when the answer is no longer wanted, or late. */
  readonly signal: AbortSignal
  /** Who pays; null when nothing bounds it. What the function spends it reserves there itself. */
  readonly budget: Budget | null
}

/** What one replicate answers. */
export interface ReplicateAnswer {
  readonly data: unknown
  readonly usage?: ModelUsage
  readonly costNanoUsd?: number
  readonly model?: string | null
}

/** One attempt at an answer. What it throws makes the replicate invalid, and the others go on. */
export type Replicate<Question = unknown> = (
  index: number,
  scope: ReplicateScope<Question>,
) => ReplicateAnswer | Promise<ReplicateAnswer>

/** What an answer has to be. */
export interface AnswerForm {
  readonly schema: z.ZodType | null
  /** The most that its data may have, as JSON. */
  readonly bytes: number
}

const answerShape = z.object({
  data: z.unknown(),
  usage: modelUsage.default(NO_USAGE),
  costNanoUsd: z.number().int().nonnegative().default(0),
  model: z.string().nullable().default(null),
})

// What an error of a model call says of what it used.
const spentShape = answerShape.pick({ usage: true, costNanoUsd: true })

const NO_ANSWER = { data: null, usage: NO_USAGE, costNanoUsd: 0, model: null } as const
const DEEPEST = 64
const MOST_ERRORS = 20

/** What a replicate came to that answered. An answer that does not meet the schema is invalid, and shown. */
export async function outcomeOfAnswer(answer: unknown, { schema, bytes }: AnswerForm): Promise<ReplicateOutcome> {
  const read = answerShape.safeParse(answer)
  if (!read.success) {
    return invalid(
      NO_ANSWER,
      problemsOf(read.error, 'the replicate did not return { data, usage?, costNanoUsd?, model? }'),
    )
  }
  const { data, ...facts } = read.data
  const plain = plainData(data, bytes)
  if (!plain.ok) return invalid({ ...facts, data: null }, [plain.problem])
  try {
    const checked = schema ? await schema.safeParseAsync(data) : { success: true as const, data }
    if (!checked.success) return invalid({ ...facts, data: plain.data }, problemsOf(checked.error))
    // A schema may make another value of it.
    const made = plainData(checked.data, bytes)
    if (!made.ok) return invalid({ ...facts, data: plain.data }, [made.problem])
    return { ...facts, data: made.data, status: 'valid', errors: [], failure: null }
  } catch (thrown) {
    return invalid({ ...facts, data: plain.data }, [`its schema failed: ${errorValue(thrown).message}`])
  }
}

/** What a replicate came to that has no answer: it failed, was late, or was called back. */
export function outcomeOfFailure(thrown: unknown, status: 'invalid' | 'cancelled', now: number): ReplicateOutcome {
  const { message, data } = errorValue(thrown)
  const spent = spentShape.safeParse(data)
  const facts = spent.success ? spent.data : {}
  return { ...NO_ANSWER, ...facts, status, errors: [message], failure: callFailure(thrown, now) }
}

function invalid(facts: Omit<ReplicateOutcome, 'status' | 'errors' | 'failure'>, errors: string[]): ReplicateOutcome {
  return { ...facts, status: 'invalid', errors, failure: null }
}

function problemsOf(error: z.ZodError, first?: string): string[] {
  const problems = error.issues.map(({ path, message }) => `${path.map(String).join('.') || '$'}: ${message}`)
  const left = problems.length - MOST_ERRORS
  return [
    ...(first === undefined ? [] : [first]),
    ...problems.slice(0, MOST_ERRORS),
    ...(left > 0 ? [`and ${left} more`] : []),
  ]
}

type Plain = { readonly ok: true; readonly data: unknown } | { readonly ok: false; readonly problem: string }

// What is compared and kept is JSON.
function plainData(value: unknown, most: number): Plain {
  if (value === undefined) return { ok: false, problem: 'the answer has no data' }
  try {
    const text = JSON.stringify(value)
    if (text === undefined) return { ok: false, problem: `the data is a ${typeof value}, which is no JSON` }
    const bytes = Buffer.byteLength(text)
    if (bytes > most) return { ok: false, problem: `the data has ${bytes} bytes, ${most} are allowed` }
    const data: unknown = JSON.parse(text)
    if (isDeeper(data, DEEPEST)) return { ok: false, problem: `the data is deeper than ${DEEPEST} levels` }
    return { ok: true, data }
  } catch (thrown) {
    return { ok: false, problem: `the data is no JSON: ${errorValue(thrown).message}` }
  }
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1))
}
