import { z } from 'zod'
import type { Address } from '../runtime/protocol/address.ts'
import { defineContract } from '../runtime/protocol/contract.ts'
import type { ErrorValue } from '../runtime/protocol/errors.ts'
import { modelTask, refusedModel, taskComplexity } from './model-choice.ts'
import type { FinishReason } from './model-chunk.ts'
import { failureCategory } from './model-failure.ts'
import { modelTier } from './model-info.ts'
import { modelRequest } from './model-request.ts'
import { modelUsage } from './model-usage.ts'

const count = z.number().int().nonnegative()
const ms = z.number().positive()

/** What a call may give up when its budget does not cover it: the rungs of the ladder that are its own. */
export const callRung = z.object({ do: z.literal('cap_output'), least: count.positive() })

/** How long each stream may be silent, and how long it may last, in milliseconds. */
export const callDeadlines = z.object({ firstChunk: ms, gap: ms, total: ms })

/** One logical call of a model, as plain data. */
export const modelCallInput = z.object({
  request: modelRequest,
  /** The models to try, in this order, as `provider/model`; null leaves the choice to the router. */
  models: z.array(z.string()).readonly().nullable().default(null),
  task: modelTask.nullable().default(null),
  complexity: taskComplexity.nullable().default(null),
  deadlines: callDeadlines.partial().default({}),
  ladder: z.array(callRung).readonly().default([]),
  /** Where its budget is kept; null when nothing bounds it. */
  budget: z
    .object({ keeper: z.custom<Address>((given) => typeof given === 'string'), path: z.string() })
    .nullable()
    .default(null),
  /** The name that its provider's code is given, the same for every attempt; null for a name of its own. */
  idempotencyKey: z.string().min(1).nullable().default(null),
  /** The hash of what its key stands for; null where whoever has the key may join it. */
  payload: z.string().nullable().default(null),
})

/** One attempt that was made, as it ended. */
export const modelAttempt = z.object({
  model: z.string(),
  /** What ended it; null when it succeeded. */
  category: failureCategory.nullable(),
  message: z.string().nullable(),
  /** Milliseconds that were waited before it. */
  delay: z.number().nonnegative(),
  usage: modelUsage,
  /** True when the provider did not say what was used: then it is an estimate. */
  estimated: z.boolean(),
  costNanoUsd: count,
  startedAt: z.number(),
  endedAt: z.number(),
})

/** What a call gave up, with the numbers. */
export const callDegradation = z.object({
  rung: z.enum(['cap_output', 'cheaper_tier']),
  before: z.union([count, modelTier]),
  after: z.union([count, modelTier]),
  detail: z.string(),
})

const wantedTool = z.object({ id: z.string(), tool: z.string(), input: z.string() })

/** What one logical call came to, however it ended. */
export const modelCallResult = z.object({
  status: z.enum(['succeeded', 'degraded', 'failed', 'cancelled']),
  /** The model that answered, as `provider/model`; null when none did. */
  model: z.string().nullable(),
  text: z.string(),
  /** The answer as the asked schema makes it; null when none was asked. */
  object: z.unknown(),
  toolCalls: z.array(wantedTool).readonly(),
  finish: z.custom<FinishReason>().nullable(),
  requestId: z.string().nullable(),
  /** Of all attempts together. */
  usage: modelUsage,
  costNanoUsd: count,
  costUsd: z.number(),
  attempts: z.array(modelAttempt).readonly(),
  degradations: z.array(callDegradation).readonly(),
  refused: z.array(refusedModel).readonly(),
  /** Why it was this model. */
  reasons: z.array(z.string()).readonly(),
  /** Why the budget could not be told what was used; null when it was. */
  unsettled: z.string().nullable(),
  /** The hash of what its key stands for; null where whoever has the key may join it. */
  payload: z.string().nullable().default(null),
  /** Why it failed; null when it did not. */
  error: z.custom<ErrorValue>().nullable(),
})

/** A piece of an answer as it reaches who follows the call. */
export const callChunk = z.object({
  type: z.enum(['text', 'reasoning', 'restarted']),
  /** What was said since the last piece; with `restarted`, why all that came before it does not hold. */
  text: z.string(),
})

/** The contract of a model call. */
export const modelCallContract = defineContract({
  input: modelCallInput,
  output: modelCallResult,
  messages: {
    /** Streams the answer as it comes; the reply is the result. */
    'call.follow': { reply: modelCallResult, chunk: callChunk },
    'call.cancel': { fields: z.object({ reason: z.string().default('the call was cancelled') }) },
    /** What has come of it so far. */
    'call.status': { reply: modelCallResult.omit({ status: true }) },
  },
  emits: {
    'attempt.started': z.object({ model: z.string(), attempt: count }),
    'attempt.ended': z.object({ model: z.string(), attempt: count, category: failureCategory.nullable() }),
  },
})

/** What a call may give up. */
export type CallRung = z.infer<typeof callRung>
/** How long each stream may be silent, and how long it may last. */
export type CallDeadlines = z.infer<typeof callDeadlines>
/** One logical call of a model, as plain data. */
export type ModelCallInput = z.output<typeof modelCallInput>
/** One attempt that was made. */
export type ModelAttempt = z.infer<typeof modelAttempt>
/** What a call gave up. */
export type CallDegradation = z.infer<typeof callDegradation>
/** What one logical call came to. */
export type ModelCallResult = z.infer<typeof modelCallResult>
/** A piece of an answer. */
export type CallChunk = z.infer<typeof callChunk>
