import { type Budget, type BudgetPlace, joinBudget } from '../../../actors/budget-client.ts'
import { type Models, modelsParts } from '../../../actors/define-models.ts'
import { createModels, type ModelsClient } from '../../../actors/models-client.ts'
import { amountText } from '../../../machines/budget-amount.ts'
import type { BudgetRefusal } from '../../../machines/budget.contract.ts'
import type { ModelCallResult } from '../../../machines/model-call.contract.ts'
import type { ModelTask, TaskComplexity } from '../../../machines/model-choice.ts'
import type { FailureCategory } from '../../../machines/model-failure.ts'
import type { MessagePart } from '../../../machines/model-request.ts'
import { type ActorHost, isTroupeError, type TroupeError } from '../../../runtime/index.ts'
import type { z } from 'zod'
import { noWork, type WorkUsage } from '../phases/work-usage.ts'

/** What is asked of a model. What comes from a workbook goes into `data`: it is quoted there and never an instruction. */
export interface ModelQuestion<T> {
  /** Undefined where complexity alone decides about the model. */
  readonly task: ModelTask | undefined
  readonly instructions: string
  readonly question: string
  readonly data: readonly Extract<MessagePart, { type: 'data' }>[]
  readonly output: z.ZodType<T>
  /** The most tokens the answer may have, and the least that make sense. */
  readonly answer: { readonly most: number; readonly least: number }
}

/** What a model came to, or why it did not. */
export type ModelOutcome<T> =
  | { readonly value: T; readonly model: string | null; readonly usage: WorkUsage }
  | (Unanswered & { readonly value: null })

/** Why a model came to nothing. */
export interface Unanswered {
  readonly reason: string
  readonly overBudget: boolean
  /** True when the provider refused what it would refuse every call: the key, the model. */
  readonly refused: boolean
  readonly usage: WorkUsage
}

/** With what a model is asked, and on whose account. */
export interface ModelSite {
  readonly host: ActorHost
  readonly models: Models
  readonly account: ModelAccount
  readonly signal: AbortSignal
}

/** How one call is named and paid: plain data, for the actor that makes it. */
export interface ModelAccount {
  /** The key of the call: who asks under it again gets the same answer and pays nothing. */
  readonly call: string
  readonly budget: BudgetPlace
  readonly complexity: TaskComplexity
}

/** What is asked, its data no longer than so many characters. */
export type MakeQuestion<T> = (length: number) => ModelQuestion<T>

/** The longest data of a question, in characters, and the shortest that are worth a call. */
export const DATA_LENGTH = { most: 24_000, least: 500 }

const REFUSALS: ReadonlySet<FailureCategory> = new Set(['authentication', 'permission', 'not_found', 'spend_limit'])
const ROUNDS = 12
// Room for the one repair of an answer, as long as that costs no more than half of the data.
const REPAIR_ROOM = 0.55

/**
 * Asks a model within its budget: the data is shortened until the call fits. Never rejects but for a cancellation: a model
 * that cannot be paid, fails or answers nonsense is an outcome with its reason.
 */
export async function askModel<T>(site: ModelSite, make: MakeQuestion<T>): Promise<ModelOutcome<T>> {
  const { host, models, account, signal } = site
  const budget = joinBudget(host, account.budget)
  const client = createModels(host, models, { budget })
  const task = (question: ModelQuestion<T>) => ({
    ...question,
    task: taskOf(models, question.task, account.complexity),
  })
  try {
    const sized = await sizedQuestion(client, budget, (length) => task(make(length)), account.complexity)
    if (sized === null) return await tooDear(budget)
    const { answer } = sized.question
    const { object, model, attempts, usage, costNanoUsd } = await client.call({
      ...requestOf(sized.question, account.complexity),
      maxOutputTokens: sized.output,
      ladder: [{ do: 'cap_output', least: answer.least }],
      key: account.call,
      // A question that is asked again may be shorter: it is made to fit what the budget has left.
      payload: null,
      signal,
    })
    return { value: object, model, usage: workOf({ usage, costNanoUsd, attempts }) }
  } catch (error) {
    if (!isTroupeError(error) || signal.aborted) throw error
    const overBudget = error.code === 'BUDGET_EXCEEDED'
    const refused = isRefusal(error)
    return { value: null, reason: reasonOf(error), overBudget, refused, usage: workOf(error.data as never) }
  }
}

/** The options of a call that asks a question. */
export function requestOf<T>(
  { task, instructions, question, data, output, answer }: ModelQuestion<T>,
  complexity: TaskComplexity,
) {
  return {
    ...(task === undefined ? {} : { task }),
    complexity,
    instructions,
    messages: [{ role: 'user' as const, content: [...data, { type: 'text' as const, text: question }] }],
    output,
    maxOutputTokens: answer.most,
  }
}

// A sheet of an easy workbook is for a small model, which its task alone would not say.
function taskOf(models: Models, task: ModelTask | undefined, complexity: TaskComplexity): ModelTask | undefined {
  const isListed = task !== undefined && modelsParts(models).parts.candidates[task] !== undefined
  return task === 'sheet_analysis' && complexity === 'low' && !isListed ? undefined : task
}

async function sizedQuestion<T>(
  client: ModelsClient,
  budget: Budget,
  make: MakeQuestion<T>,
  complexity: TaskComplexity,
): Promise<{ readonly question: ModelQuestion<T>; readonly output: number } | null> {
  const { left } = await budget.view()
  const tokens = left.tokens ?? Number.POSITIVE_INFINITY
  const money = left.costUsd ?? Number.POSITIVE_INFINITY
  const { most, least } = DATA_LENGTH
  let length = most
  for (let round = 0; round < ROUNDS; round++) {
    const question = make(length)
    const shortest = { ...requestOf(question, complexity), maxOutputTokens: question.answer.least }
    const { candidates, refused } = await client.estimate(shortest)
    // Which model it will be is not known yet: the one that counts most tokens has to fit, and one has to be cheap enough.
    const input = Math.max(0, ...candidates.map(({ inputTokens }) => inputTokens))
    const price = candidates.length === 0 ? 0 : Math.min(...candidates.map(({ costUsd }) => costUsd))
    const isTooLong = candidates.length === 0 && refused.some(({ cause }) => cause === 'context')
    const room = roomFor(tokens, length, question.answer.least)
    if (!isTooLong && input <= room && price <= money) {
      return { question, output: Math.floor(Math.min(question.answer.most, tokens - input)) }
    }
    if (length <= least) break
    const part = isTooLong ? 0.5 : Math.min(room / input, price > money ? money / price : 1)
    length = Math.max(least, Math.floor(length * Math.min(0.9, Math.max(0.2, part))))
  }
  return null
}

/** The most tokens that a question with data of a length may have in a budget. */
export function roomFor(tokens: number, length: number, leastAnswer: number): number {
  return tokens * (length > DATA_LENGTH.most / 2 ? REPAIR_ROOM : 1) - leastAnswer
}

async function tooDear(budget: Budget): Promise<ModelOutcome<never>> {
  const { left } = await budget.view()
  const amounts = [
    ...(left.tokens === null ? [] : [amountText('tokens', left.tokens)]),
    ...(left.nanoUsd === null ? [] : [amountText('nanoUsd', left.nanoUsd)]),
  ]
  const reason = `what is left of its budget (${amounts.join(', ')}) does not cover a call`
  return { value: null, reason, overBudget: true, refused: false, usage: noWork }
}

// What the provider says of the key, the grants, the account or the model it says of every call.
function isRefusal({ data }: TroupeError): boolean {
  const { attempts = [] } = (data ?? {}) as Partial<Pick<ModelCallResult, 'attempts'>>
  return attempts.length > 0 && attempts.every(({ category }) => category !== null && REFUSALS.has(category))
}

// Addresses of calls are nothing for a report, and differ from run to run.
function reasonOf(error: TroupeError): string {
  const { code, message, hint, data } = error
  if (code !== 'BUDGET_EXCEEDED') return isRefusal(error) && hint !== undefined ? `${message}; ${hint}` : message
  const { dimension, limit, spent, held, asked } = data as BudgetRefusal
  const left = amountText(dimension, Math.max(0, limit - spent - held))
  return `a call asks ${amountText(dimension, asked)}, and its budget has ${left} left`
}

function workOf(facts: Partial<Pick<ModelCallResult, 'usage' | 'costNanoUsd' | 'attempts'>> | undefined): WorkUsage {
  const { usage, costNanoUsd = 0, attempts = [] } = facts ?? {}
  const { inputTokens, outputTokens } = usage ?? {}
  return {
    inputTokens: inputTokens?.total ?? 0,
    outputTokens: outputTokens?.total ?? 0,
    costNanoUsd,
    calls: attempts.length,
    models: [...new Set(attempts.map(({ model }) => model))],
  }
}
