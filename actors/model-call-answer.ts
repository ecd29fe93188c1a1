import type { ModelCallResult } from '../machines/model-call.contract.ts'
import type { Address } from '../runtime/protocol/address.ts'
import { TroupeError } from '../runtime/protocol/errors.ts'
import type { StructuredOutput } from './models/structured-output.ts'

/** What a model answered, which one it was, what that used and cost, and every attempt that was made. */
export interface ModelCallAnswer<T> extends Omit<ModelCallResult, 'status' | 'object' | 'error' | 'payload'> {
  /** `degraded` when something was given up for it: `degradations` says what. */
  readonly status: 'succeeded' | 'degraded'
  /** The value of the schema that was asked for; null without one, and when the model wants tools called first. */
  readonly object: T
}

/** The answer of a call that has ended. Throws the error of one that failed or was cancelled, with all attempts in its `data`. */
export async function answerOfCall<T>(
  result: ModelCallResult,
  output: StructuredOutput<T> | null,
  where: Address,
): Promise<ModelCallAnswer<T>> {
  const { status, error, attempts, refused, reasons, usage, costNanoUsd, costUsd, unsettled } = result
  if (error || status === 'failed' || status === 'cancelled') {
    const { code = 'INTERNAL', message = 'the call ended without a reason', data, hint, lasting } = error ?? {}
    const known = typeof data === 'object' && data !== null ? data : {}
    throw new TroupeError(code, message, {
      where,
      data: { ...known, attempts, refused, reasons, usage, costNanoUsd, costUsd, unsettled },
      ...(hint === undefined ? {} : { hint }),
      ...(lasting ? { lasting } : {}),
    })
  }
  const { model, text, toolCalls, finish, requestId, degradations } = result
  const object = (output ? await valueOf(result, output) : null) as T
  return {
    status,
    model,
    text,
    object,
    toolCalls,
    finish,
    requestId,
    usage,
    costNanoUsd,
    costUsd,
    attempts,
    degradations,
    refused,
    reasons,
    unsettled,
  }
}

// What travels is JSON: the caller's schema makes its value of the text.
async function valueOf<T>(
  { text, toolCalls }: Pick<ModelCallResult, 'text' | 'toolCalls'>,
  output: StructuredOutput<T>,
): Promise<T | null> {
  if (toolCalls.length > 0) return null
  const checked = await output.check(text)
  if (checked.ok) return checked.value
  throw new TroupeError('MODEL_REFUSED', `the answer is not what was asked for: ${checked.problems.join('; ')}`, {
    hint: 'who calls under one key has to ask for one form of answer',
  })
}
