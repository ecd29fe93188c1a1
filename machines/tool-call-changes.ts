import type { InputOf, MessageEvent } from '../runtime/protocol/contract.ts'
import type { ErrorValue } from '../runtime/protocol/errors.ts'
import { type CallFailure, FAILURE_RULES } from './model-failure.ts'
import { nextDelay, type RetryPolicy } from './retry-policy.ts'
import type { ToolAttempt, toolCallContract, ToolCallOutput, ToolChoice } from './tool-call.contract.ts'

/** What can happen to a tool call, as pure changes of its memory. What it has to say of it stands in `news`. */

/** What the chart needs to know of a tool, once it is found. */
export interface FoundTool {
  /** `id@version`. */
  readonly key: string
  readonly idempotent: boolean
  /** Milliseconds for one attempt; null for as long as the call may take. */
  readonly timeout: number | null
  readonly retry: RetryPolicy
  /** The input as the tool's schema makes it. */
  readonly input: unknown
  /** A number by chance, for the delays. */
  readonly seed: number
}

/** The memory of a tool call, as JSON. */
export interface ToolCallContext {
  readonly request: InputOf<typeof toolCallContract>
  /** Which of the choices it is at. */
  readonly index: number
  readonly found: FoundTool | null
  readonly attempts: readonly ToolAttempt[]
  /** Which attempt at this tool it is at, from 1, and whether that is under way. */
  readonly attempt: number
  readonly busy: boolean
  /** Milliseconds before it, and before all attempts at this tool. */
  readonly delay: number
  readonly waited: number
  /** What comes after a failure. */
  readonly next: 'retry' | 'replace' | 'fail'
  readonly value: unknown
  readonly error: ErrorValue | null
  readonly news: readonly MessageEvent[]
}

/** The most attempts one call makes, all tools together. */
const MOST_ATTEMPTS = 10
// A step that never comes back to where it was: delays drawn with it spread like chance.
const GOLDEN = 0.618_033_988_749_895

/** The memory of a call that has not begun. */
export function initialToolCall(request: InputOf<typeof toolCallContract>): ToolCallContext {
  const nothing = { found: null, attempts: [], value: null, error: null, news: [] }
  return { ...nothing, request, index: 0, attempt: 1, busy: false, delay: 0, waited: 0, next: 'fail' }
}

/** The tool is there, and takes the input. */
export function take(context: ToolCallContext, found: FoundTool): ToolCallContext {
  return { ...context, found, attempt: 1, delay: 0, waited: 0, news: [] }
}

/** An attempt begins. */
export function begin(context: ToolCallContext): ToolCallContext {
  return { ...context, busy: true, news: [{ type: 'tool.started', ...traceOf(context), attempt: context.attempt }] }
}

/** The tool says how far it is. */
export function note(context: ToolCallContext, text: string): ToolCallContext {
  return { ...context, news: [{ type: 'tool.progressed', ...traceOf(context), note: text }] }
}

/** An attempt came to something. */
export function succeed(context: ToolCallContext, value: unknown): ToolCallContext {
  return {
    ...context,
    attempts: [...context.attempts, attemptOf(context, null)],
    busy: false,
    value,
    error: null,
    news: [],
  }
}

/** What the tool gave is what it promised. */
export function finish(context: ToolCallContext, value: unknown): ToolCallContext {
  const news = [{ type: 'tool.done', ...traceOf(context), attempts: context.attempts.length }]
  return { ...context, value, news }
}

/** An attempt failed: it is made again, another tool is tried, or that is all. */
export function judge(context: ToolCallContext, failure: CallFailure): ToolCallContext {
  const attempts = [...context.attempts, attemptOf(context, failure)]
  const judged: ToolCallContext = {
    ...context,
    attempts,
    busy: false,
    value: null,
    error: errorOfTool(context, failure, attempts),
  }
  const { category } = failure
  const mayGoOn = FAILURE_RULES[category].retry && attempts.length < MOST_ATTEMPTS
  const delay = mayGoOn ? delayAfter(context, failure) : null
  const trace = traceOf(context)
  if (delay !== null) {
    const news = [{ type: 'tool.retried', ...trace, category, delay }]
    return { ...judged, next: 'retry', attempt: context.attempt + 1, delay, waited: context.waited + delay, news }
  }
  const other = mayGoOn ? context.request.choices[context.index + 1] : undefined
  if (!other) return { ...judged, next: 'fail', news: [] }
  const news = [{ type: 'tool.replaced', ...trace, by: other.tool, category }]
  return { ...judged, next: 'replace', index: context.index + 1, found: null, news }
}

/** It is over, and came to nothing. */
export function fail(context: ToolCallContext, error: ErrorValue): ToolCallContext {
  const news = [{ type: 'tool.failed', ...traceOf(context), code: error.code, reason: error.message }]
  return { ...context, value: null, error, news }
}

/** The time of the call is over, whatever it is at. */
export function expire(context: ToolCallContext): ToolCallContext {
  const failure = lateFailure('the call', context.request.timeout)
  const attempts = context.busy ? [...context.attempts, attemptOf(context, failure)] : context.attempts
  return fail({ ...context, attempts, busy: false }, errorOfTool(context, failure, attempts))
}

/** What an attempt that took too long failed of. */
export function lateFailure(what: string, ms: number): CallFailure {
  const message = `${what} took longer than ${ms} ms`
  return { category: 'timeout', message, status: null, code: null, retryAfter: null, requestId: null }
}

/** The error of a tool that failed, with everything that was tried. */
export function errorOfTool(
  context: ToolCallContext,
  failure: CallFailure,
  attempts: readonly ToolAttempt[] = context.attempts,
): ErrorValue {
  const tool = toolOf(context)
  const retryable = FAILURE_RULES[failure.category].retry
  const hint = retryable ? 'the same call may do later' : 'what it was called with, or the tool, must change'
  const data = { ...failure, tool, retryable, attempts }
  return {
    name: 'TroupeError',
    code: 'TOOL_FAILED',
    message: `'${tool}' failed: ${failure.message}`,
    hint,
    where: tool,
    data,
  }
}

/** The tool and the options that the call is at. */
export function choiceOf({ request, index }: ToolCallContext): ToolChoice {
  return request.choices[index] as ToolChoice
}

/** What the call has come to. */
export function toolCallOutputOf(context: ToolCallContext): ToolCallOutput {
  const { error, value, attempts } = context
  const tried = [...attempts]
  if (error) return { status: 'failed', tool: toolOf(context), value: null, error: { ...error }, attempts: tried }
  return { status: 'done', tool: toolOf(context), value, error: null, attempts: tried }
}

// What is not idempotent may have done its work before it failed.
function delayAfter({ found, attempt, waited }: ToolCallContext, failure: CallFailure): number | null {
  if (!found?.idempotent) return null
  return nextDelay(found.retry, { attempt, waited }, failure, (found.seed + attempt * GOLDEN) % 1)
}

function attemptOf(context: ToolCallContext, failure: CallFailure | null): ToolAttempt {
  const { attempt, delay } = context
  const { category = null, message = null } = failure ?? {}
  return { tool: toolOf(context), attempt, category, message, delay }
}

function traceOf(context: ToolCallContext): {
  readonly tool: string
  readonly traceId: string
  readonly requestId: string
} {
  const { traceId, requestId } = context.request
  return { tool: toolOf(context), traceId, requestId }
}

function toolOf(context: ToolCallContext): string {
  return context.found?.key ?? choiceOf(context).tool
}
