import { z } from 'zod'
import type { FinishReason, ModelChunk } from '../../machines/model-chunk.ts'
import type { CallFailure, FailureCategory } from '../../machines/model-failure.ts'
import type { ModelRequest } from '../../machines/model-request.ts'
import type { ModelUsage } from '../../machines/model-usage.ts'
import type { LentClock } from '../../runtime/kernel/lent-clock.ts'
import { type Duration, milliseconds } from '../../runtime/protocol/duration.ts'
import { isTroupeError } from '../../runtime/protocol/errors.ts'
import { failedCall } from './failed-call.ts'
import type { ListedModel, ModelProvider } from './model-provider.ts'
import { providerOptions } from './provider-options.ts'
import { assertScriptedAnswer } from './script-answer.ts'

/** One answer of a script: a text alone, or what else there is to it. */
export type ScriptedAnswer =
  | string
  | {
      /** The text, in as many chunks as there are pieces. */
      readonly text?: string | readonly string[]
      /** The answer is this value as JSON. */
      readonly json?: unknown
      readonly reasoning?: string
      readonly toolCalls?: readonly { readonly tool: string; readonly input: unknown; readonly id?: string }[]
      /** Default: a token for four characters, at least one. */
      readonly usage?: { readonly input: number; readonly output: number } | ModelUsage
      readonly finish?: FinishReason
      /** Time before the first chunk. */
      readonly delay?: Duration
      /** Time between two chunks. */
      readonly gap?: Duration
      /** After so many chunks nothing comes any more, until the call is aborted. */
      readonly stallAfter?: number
      /** The attempt fails so. */
      readonly fail?: FailureCategory | (Partial<CallFailure> & Pick<CallFailure, 'category'>)
      /** It fails after so many chunks. Default: before the first. */
      readonly failAfter?: number
    }

/** A call that a scripted provider was asked for. */
export interface ScriptedCall {
  /** Its number, from 0. */
  readonly index: number
  readonly model: string
  readonly request: ModelRequest
  readonly idempotencyKey: string
}

/** What makes a scripted provider. */
export interface ScriptedOptions {
  /** Default `scripted`. */
  readonly name?: string
  /** The answers, one for each call in their order, or what makes the answer to a call. */
  readonly answers: readonly ScriptedAnswer[] | ((call: ScriptedCall) => ScriptedAnswer | Promise<ScriptedAnswer>)
  readonly models?: readonly ListedModel[]
  /** Default true: tokens cost nothing, unless `prices` says what they cost. */
  readonly free?: boolean
  /** Whose time delays take. Default: that of this machine. */
  readonly clock?: Pick<LentClock, 'after'>
}

/** A provider that answers by a script, and never by a network. */
export interface ScriptedProvider extends ModelProvider {
  /** The newest calls it was asked for, at most a thousand. */
  readonly calls: readonly ScriptedCall[]
  /** Answers that were not called for; null where a function makes them. */
  readonly left: number | null
}

const MAX_CALLS = 1_000

const OPTIONS = z.strictObject({
  name: z.string().min(1).optional(),
  answers: z.union(
    [z.array(z.unknown()), z.custom<(call: ScriptedCall) => never>((given) => typeof given === 'function')],
    {
      error: 'give a list of answers, or a function that makes them',
    },
  ),
  models: z.array(z.looseObject({ name: z.string() })).optional(),
  free: z.boolean().optional(),
  clock: z
    .custom<Pick<LentClock, 'after'>>(
      (given) => typeof Reflect.get(Object(given), 'after') === 'function',
      'give a clock with `after`',
    )
    .optional(),
})

const HOST_CLOCK: Pick<LentClock, 'after'> = {
  after(delay, callback) {
    const timer = setTimeout(callback, delay)
    return () => clearTimeout(timer)
  },
}

/**
 * A provider for tests and for examples without a key: it says what it was told to say, in as many chunks, after as much
 * time, or fails as it was told to. A call beyond the script is an error, and so is an answer with a field it does not know.
 *
 * @example
 * const provider = scripted({ answers: ['Good morning.', { fail: 'rate_limit' }, { json: { fair: true } }] })
 */
export function scripted(options: ScriptedOptions): ScriptedProvider {
  providerOptions('scripted', OPTIONS, options)
  const { name = 'scripted', answers, models = [{ name: 'model' }], free = true, clock = HOST_CLOCK } = options
  if (typeof answers !== 'function') {
    for (const [at, answer] of answers.entries()) assertScriptedAnswer(answer, `scripted.answers.${at}`)
  }
  const calls: ScriptedCall[] = []
  let count = 0

  function answerTo(call: ScriptedCall): ScriptedAnswer | Promise<ScriptedAnswer> {
    if (typeof answers === 'function') return answers(call)
    const answer = answers[call.index]
    if (answer !== undefined) return answer
    const script = answers.length === 1 ? 'one answer' : `${answers.length} answers`
    throw failedCall('unknown', `the script of '${name}' has ${script}, and this is call ${call.index + 1}`, {
      where: `${name}/${call.model}`,
      code: 'script.over',
      hint: 'add an answer, or give a function that answers every call',
    })
  }

  async function* stream(
    model: string,
    request: ModelRequest,
    { signal, idempotencyKey }: Parameters<ModelProvider['stream']>[2],
  ): AsyncGenerator<ModelChunk> {
    const where = `${name}/${model}`
    const call = { index: count++, model, request, idempotencyKey }
    calls.push(call)
    if (calls.length > MAX_CALLS) calls.shift()
    stopIfAborted(signal, where)
    const given = await answerTo(call)
    if (typeof answers === 'function') assertScriptedAnswer(given, `scripted.answers(${call.index})`)
    const answer = typeof given === 'string' ? { text: given } : given
    const { delay, gap, stallAfter, fail, failAfter = 0 } = answer
    if (delay !== undefined) await pause(clock, milliseconds(delay), signal, where)
    let sent = 0
    for (const chunk of chunksOf(answer, call)) {
      // What was to happen after more chunks than there are happens before the end.
      const isLast = chunk.type === 'finish'
      if (stallAfter !== undefined && (sent === stallAfter || isLast)) await pause(clock, null, signal, where)
      if (fail !== undefined && (sent === failAfter || isLast)) throw failure(fail, where)
      if (sent > 0 && gap !== undefined) await pause(clock, milliseconds(gap), signal, where)
      stopIfAborted(signal, where)
      yield chunk
      sent++
    }
  }

  return {
    name,
    free,
    stream,
    models: () => Promise.resolve(models),
    health: () => Promise.resolve({ healthy: true, server: 'script', reason: null }),
    get calls() {
      return calls
    },
    get left() {
      return typeof answers === 'function' ? null : Math.max(0, answers.length - count)
    },
  }
}

function* chunksOf(answer: Exclude<ScriptedAnswer, string>, call: ScriptedCall): Generator<ModelChunk> {
  const { reasoning, toolCalls = [], finish } = answer
  const pieces = answer.json === undefined ? (answer.text ?? []) : JSON.stringify(answer.json)
  const texts = typeof pieces === 'string' ? [pieces] : pieces
  if (reasoning !== undefined) yield { type: 'reasoning', text: reasoning }
  for (const text of texts) yield { type: 'text', text }
  for (const [at, { tool, input, id }] of toolCalls.entries()) {
    const written = typeof input === 'string' ? input : JSON.stringify(input)
    yield { type: 'tool-call', id: id ?? `call-${call.index}-${at}`, tool, input: written }
  }
  yield { type: 'usage', usage: usageOf(answer, call.request, texts) }
  const reason = finish ?? (toolCalls.length > 0 ? 'tool-calls' : 'stop')
  yield { type: 'finish', reason, model: call.model, requestId: `script-${call.index}` }
}

function usageOf(
  { usage }: Exclude<ScriptedAnswer, string>,
  request: ModelRequest,
  texts: readonly string[],
): ModelUsage {
  if (usage && 'inputTokens' in usage) return usage
  const input = usage ? usage.input : tokensIn(JSON.stringify(request.messages).length)
  const output = usage ? usage.output : tokensIn(texts.reduce((sum, text) => sum + text.length, 0))
  return {
    inputTokens: { total: input, cacheRead: 0, cacheWrite: 0 },
    outputTokens: { total: output, reasoning: 0 },
  }
}

function tokensIn(characters: number): number {
  return Math.max(1, Math.ceil(characters / 4))
}

function failure(fail: NonNullable<Exclude<ScriptedAnswer, string>['fail']>, where: string): Error {
  const { category, message, ...rest } = typeof fail === 'string' ? { category: fail } : fail
  return failedCall(category, message ?? `${where}: the script has a failure here (${category})`, { where, ...rest })
}

function stopIfAborted(signal: AbortSignal, where: string): void {
  if (!signal.aborted) return
  throw isTroupeError(signal.reason) ? signal.reason : failedCall('cancelled', `${where}: cancelled`, { where })
}

// Waits so long, or without an end when there is no time given; an abort ends either.
async function pause(
  clock: Pick<LentClock, 'after'>,
  time: number | null,
  signal: AbortSignal,
  where: string,
): Promise<void> {
  await new Promise<void>((resolve) => {
    const cancel = time === null ? () => {} : clock.after(time, done)
    function done(): void {
      signal.removeEventListener('abort', done)
      cancel()
      resolve()
    }
    if (signal.aborted) done()
    else signal.addEventListener('abort', done)
  })
  stopIfAborted(signal, where)
}
