import type { ErrorValue } from '../runtime/protocol/errors.ts'
import type { BudgetAmount } from './budget-amount.ts'
import type { CallDegradation, ModelAttempt, ModelCallInput, ModelCallResult } from './model-call.contract.ts'
import type { RankedModel, RefusedModel } from './model-choice.ts'
import type { FinishReason, WantedTool } from './model-chunk.ts'
import type { CallFailure } from './model-failure.ts'
import { addModelUsage, type ModelUsage, NO_USAGE } from './model-usage.ts'
import { usdOf } from './nano-usd.ts'

/** What a model answered. */
export interface ModelAnswer {
  readonly text: string
  readonly object: unknown
  readonly toolCalls: readonly WantedTool[]
  readonly finish: FinishReason
  readonly requestId: string | null
}

/** An answer that is not what was asked for, and what to say about it to the model. */
export interface RepairRequest {
  readonly answer: string
  readonly faults: string
}

/** How an attempt ended, as the runner tells it. */
export interface AttemptOutcome {
  readonly answer: ModelAnswer | null
  /** Set for a structured answer that its schema refuses. */
  readonly repair: RepairRequest | null
  /** Set unless there is an answer. */
  readonly failure: CallFailure | null
  readonly usage: ModelUsage
  readonly estimated: boolean
  readonly costNanoUsd: number
  readonly startedAt: number
  readonly endedAt: number
}

/** An attempt between its reservation and its settlement. */
export interface OpenAttempt {
  /** Counts the attempts of the call, from 1. */
  readonly number: number
  readonly candidate: RankedModel
  /** What the budget holds for it; null without a budget. */
  readonly held: BudgetAmount | null
  /** True once the request may have left. */
  readonly sent: boolean
  /** How it ended, while that is being settled. */
  readonly outcome: AttemptOutcome | null
}

/** What becomes of a call after an attempt. */
export type CallVerdict = 'succeed' | 'retry' | 'repair' | 'fall_back' | 'fail'

/** The memory of a model call, as JSON. */
export interface ModelCallContext {
  readonly input: ModelCallInput
  /** In the order in which they are tried; empty until they are chosen. */
  readonly candidates: readonly RankedModel[]
  /** Which of them it is at. */
  readonly at: number
  /** Attempts at this candidate. */
  readonly tries: number
  /** Attempts at all of them, those that were barred included. */
  readonly number: number
  /** Milliseconds waited between attempts, in all. */
  readonly waited: number
  /** Milliseconds to wait before the next attempt. */
  readonly delay: number
  readonly current: OpenAttempt | null
  readonly attempts: readonly ModelAttempt[]
  readonly refused: readonly RefusedModel[]
  readonly reasons: readonly string[]
  readonly degradations: readonly CallDegradation[]
  /** Set once the one repair was asked for. */
  readonly repair: RepairRequest | null
  readonly verdict: CallVerdict | null
  readonly answer: ModelAnswer | null
  readonly failure: ErrorValue | null
  readonly unsettled: string | null
  /** The asks of those who follow it. */
  readonly followers: readonly string[]
}

/** The memory of a call that has just begun. */
export function initialCall(input: ModelCallInput): ModelCallContext {
  return {
    input,
    candidates: [],
    at: 0,
    tries: 0,
    number: 0,
    waited: 0,
    delay: 0,
    current: null,
    attempts: [],
    refused: [],
    reasons: [],
    degradations: [],
    repair: null,
    verdict: null,
    answer: null,
    failure: null,
    unsettled: null,
    followers: [],
  }
}

/** What a call came to. */
export function resultOf(context: ModelCallContext): ModelCallResult {
  const { answer, failure, attempts, degradations, candidates, at } = context
  const costNanoUsd = attempts.reduce((sum, attempt) => sum + attempt.costNanoUsd, 0)
  const usage = attempts.reduce((sum, attempt) => addModelUsage(sum, attempt.usage), NO_USAGE)
  const good = degradations.length > 0 ? 'degraded' : 'succeeded'
  return {
    status: answer ? good : failure?.code === 'CANCELLED' ? 'cancelled' : 'failed',
    model: answer ? (candidates[at]?.model ?? null) : null,
    text: answer?.text ?? '',
    object: answer?.object ?? null,
    toolCalls: answer?.toolCalls ?? [],
    finish: answer?.finish ?? null,
    requestId: answer?.requestId ?? null,
    usage,
    costNanoUsd,
    costUsd: usdOf(costNanoUsd),
    attempts,
    degradations,
    refused: context.refused,
    reasons: context.reasons,
    unsettled: context.unsettled,
    payload: context.input.payload,
    error: failure,
  }
}
