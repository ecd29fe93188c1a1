import type { InputOf, MessageEvent } from '../runtime/protocol/contract.ts'
import type { ErrorValue } from '../runtime/protocol/errors.ts'
import { type CallFailure, FAILURE_RULES } from './model-failure.ts'
import { nextDelay, type RetryPolicy } from './retry-policy.ts'
import type { ToolAttempt, toolCallContract, ToolCallOutput, ToolChoice } from './tool-call.contract.ts'

/** What can happen to a tool call, as pure changes of its memory. What it has to say of it stands in `news`. */

/** What the chart needs to know of the tool that an attempt is made with. */
export interface FoundTool {
  /** `id@version`. */
  readonly key: string
  readonly idempotent: boolean
  readonly retry: RetryPolicy
  /** A number by chance, for the delays. */
  readonly seed: number
}

/** The memory of a tool call, as JSON. */
export interface ToolCallContext {
  readonly request: InputOf<typeof toolCallContract>
  /** Which of the choices it is at. */
  readonly index: number
  /** Known from the first attempt with it on. */
  readonly found: FoundTool | null
  readonly attempts: readonly ToolAttempt[]
  /** Which attempt at this tool it is at, from 1, and whether it has been told that this is under way. */
  readonly attempt: number
  readonly isTold: boolean
  /** Milliseconds before it, and before all attempts at this tool. */
  readonly delay: number
  readonly waited: number
  /** What comes after a failure. */
  readonly next: 'retry' | 'replace' | 'fail'
  readonly error: ErrorValue | null
  readonly news: readonly MessageEvent[]
}

/** The most attempts one call makes, all tools together. */
const MOST_ATTEMPTS = 10
// A step that never comes back to where it was: delays drawn with it spread like chance.
const GOLDEN = 0.618_033_988_749_895
const NO_FAILURE = { status: null, code: null, retryAfter: null, requestId: null } as const

/** The memory of a call that has not begun. */
export function initialToolCall(request: InputOf<typeof toolCallContract>): ToolCallContext {
  return {
    request,
    index: 0,
    found: null,
    attempts: [],
    attempt: 1,
    isTold: false,
    delay: 0,
    waited: 0,
    next: 'fail',
    error: null,
    news: [],
  }
}

/** An attempt takes its time. */
export function begin(context: ToolCallContext, found: FoundTool): ToolCallContext {
  return { ...context, found, isTold: true, news: startOf(context, found) }
}

/** The tool says how far it is. */
export function note(context: ToolCallContext, text: string): ToolCallContext {
  return { ...context, news: [{ type: 'tool.progressed', ...traceOf(context), note: text }] }
}

/** What is told of an attempt that came to what the tool promised. */
export function successNews(context: ToolCallContext, found: FoundTool): readonly MessageEvent[] {
  const done = { type: 'tool.done', ...traceOf(context, found), attempts: context.attempts.length + 1 }
  return [...startOf(context, found), done]
}

/** What the call has come to when the tool gave what it promised. */
export function successOutput(context: ToolCallContext, found: FoundTool, value: unknown): ToolCallOutput {
  const attempts = [...context.attempts, attemptOf(context, found, null)]
  return { status: 'done', tool: found.key, value, error: null, attempts, ...payloadOf(context) }
}

/** An attempt came to what the tool did not promise. */
export function disown(context: ToolCallContext, found: FoundTool, message: string): ToolCallContext {
  const attempts = [...context.attempts, attemptOf(context, found, null)]
  const held = { ...context, found, attempts }
  const failed = fail(held, errorOfTool(held, { ...NO_FAILURE, category: 'validation', message }))
  return { ...failed, news: [...startOf(context, found), ...failed.news] }
}

/** An attempt failed: it is made again, another tool is tried, or that is all. */
export function judge(context: ToolCallContext, found: FoundTool, failure: CallFailure): ToolCallContext {
  const attempts = [...context.attempts, attemptOf(context, found, failure)]
  const error = errorOfTool({ ...context, found, attempts }, failure)
  const judged = { ...context, found, attempts, isTold: false, error }
  const { category } = failure
  const mayGoOn = FAILURE_RULES[category].retry && attempts.length < MOST_ATTEMPTS
  const delay = mayGoOn ? delayAfter(context, found, failure) : null
  const trace = traceOf(context, found)
  const start = startOf(context, found)
  if (delay !== null) {
    const news = [...start, { type: 'tool.retried', ...trace, category, delay }]
    return { ...judged, next: 'retry', attempt: context.attempt + 1, delay, waited: context.waited + delay, news }
  }
  const other = mayGoOn ? context.request.choices[context.index + 1] : undefined
  if (!other) return { ...judged, next: 'fail', news: start }
  const news = [...start, { type: 'tool.replaced', ...trace, by: other.tool, category }]
  const fresh = { found: null, attempt: 1, delay: 0, waited: 0 }
  return { ...judged, ...fresh, next: 'replace', index: context.index + 1, news }
}

/** It is over, and came to nothing. */
export function fail(context: ToolCallContext, error: ErrorValue): ToolCallContext {
  const news = [{ type: 'tool.failed', ...traceOf(context), code: error.code, reason: error.message }]
  return { ...context, error, news }
}

/** The time of the call is over, whatever it is at; the tool is there when it was being executed. */
export function expire(context: ToolCallContext, found: FoundTool | null): ToolCallContext {
  const failure = lateFailure('the call', context.request.timeout)
  if (!found) return fail(context, errorOfTool(context, failure))
  const held = { ...context, found, attempts: [...context.attempts, attemptOf(context, found, failure)] }
  const failed = fail(held, errorOfTool(held, failure))
  return { ...failed, news: [...startOf(context, found), ...failed.news] }
}

/** What an attempt that took too long failed of. */
export function lateFailure(what: string, ms: number): CallFailure {
  return { ...NO_FAILURE, category: 'timeout', message: `${what} took longer than ${ms} ms` }
}

/** What an attempt failed of that is no failure of the tool. */
export function cutOff({ code, message }: ErrorValue): CallFailure {
  return { ...NO_FAILURE, category: 'unknown', message, code }
}

/** The tool and the options that the call is at. */
export function choiceOf({ request, index }: ToolCallContext): ToolChoice {
  return request.choices[index] as ToolChoice
}

/** What the call has come to when it failed. */
export function failedOutput(context: ToolCallContext): ToolCallOutput {
  const error = { ...(context.error as ErrorValue) }
  return {
    status: 'failed',
    tool: toolOf(context),
    value: null,
    error,
    attempts: [...context.attempts],
    ...payloadOf(context),
  }
}

function payloadOf({ request: { payload } }: ToolCallContext): Pick<ToolCallOutput, 'payload'> {
  return payload === undefined ? {} : { payload }
}

// The error of a tool that failed, with everything that was tried.
function errorOfTool(context: ToolCallContext, failure: CallFailure): ErrorValue {
  const tool = toolOf(context)
  const retryable = FAILURE_RULES[failure.category].retry
  const hint = retryable ? 'the same call may do later' : 'what it was called with, or the tool, must change'
  const data = { ...failure, tool, retryable, attempts: context.attempts }
  const message = `'${tool}' failed: ${failure.message}`
  return { name: 'TroupeError', code: 'TOOL_FAILED', message, hint, where: tool, data }
}

// What is not idempotent may have done its work before it failed.
function delayAfter({ attempt, waited }: ToolCallContext, found: FoundTool, failure: CallFailure): number | null {
  if (!found.idempotent) return null
  return nextDelay(found.retry, { attempt, waited }, failure, (found.seed + attempt * GOLDEN) % 1)
}

// One that came to something at once is told of with that.
function startOf(context: ToolCallContext, found: FoundTool): readonly MessageEvent[] {
  return context.isTold ? [] : [{ type: 'tool.started', ...traceOf(context, found), attempt: context.attempt }]
}

function attemptOf({ attempt, delay }: ToolCallContext, found: FoundTool, failure: CallFailure | null): ToolAttempt {
  return { tool: found.key, attempt, category: failure?.category ?? null, message: failure?.message ?? null, delay }
}

interface Trace {
  readonly tool: string
  readonly traceId: string
  readonly requestId: string
}

function traceOf(context: ToolCallContext, found: FoundTool | null = context.found): Trace {
  const { traceId, requestId } = context.request
  return { tool: found?.key ?? choiceOf(context).tool, traceId, requestId }
}

function toolOf(context: ToolCallContext): string {
  return context.found?.key ?? choiceOf(context).tool
}
