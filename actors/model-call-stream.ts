import type { CallChunk, CallDeadlines } from '../machines/model-call.contract.ts'
import type { AttemptOutcome, ModelAnswer, ModelCallContext, OpenAttempt } from '../machines/model-call-context.ts'
import type { FinishReason, RateLimits, WantedTool } from '../machines/model-chunk.ts'
import type { CallFailure, FailureCategory } from '../machines/model-failure.ts'
import { type ModelUsage, NO_USAGE } from '../machines/model-usage.ts'
import type { LentClock } from '../runtime/kernel/lent-clock.ts'
import { callFailure } from './classify-failure.ts'
import { costOf, plainUsage } from './model-call-choice.ts'
import { requestFor } from './model-call-request.ts'
import type { ModelCallParts } from './model-call-parts.ts'
import type { ModelProvider } from './models/model-provider.ts'
import type { StructuredOutput } from './models/structured-output.ts'
import { watchStream } from './models/watched-stream.ts'

/** What an attempt is streamed with. */
export interface StreamTools {
  readonly parts: ModelCallParts
  readonly clock: LentClock
  readonly signal: AbortSignal
  /** The same for every attempt at the call. */
  readonly idempotencyKey: string
  /** The caller's schema; null where there is none, or none in this process. */
  readonly output: StructuredOutput<unknown> | null
  /** Hears what the model says, as it says it. */
  say(chunk: CallChunk): void
  /** Hears what the provider says that it still takes. */
  hearLimits(limits: RateLimits): void
}

// What the provider said, as far as it came.
interface Heard {
  text: string
  thought: number
  toolCalls: WantedTool[]
  usage: ModelUsage | null
  finish: { readonly reason: FinishReason; readonly requestId: string | null } | null
}

// Of a token, on the safe side.
const CHARACTERS = 3

/** Makes one attempt: streams it under its deadlines, checks the answer, and reckons what it used. Never rejects. */
export async function streamAttempt(tools: StreamTools, context: ModelCallContext): Promise<AttemptOutcome> {
  const { parts, clock, signal } = tools
  const { candidate } = context.current as OpenAttempt
  const provider = parts.providers.get(candidate.provider) as ModelProvider
  const heard: Heard = { text: '', thought: 0, toolCalls: [], usage: null, finish: null }
  const startedAt = clock.now()
  let failure: CallFailure | null = null
  try {
    const request = requestFor(context, candidate)
    const { idempotencyKey } = tools
    const stream = watchStream((inner) => provider.stream(candidate.name, request, { signal: inner, idempotencyKey }), {
      clock,
      deadlines: deadlinesOf(parts, context),
      signal,
      where: candidate.model,
    })
    for await (const chunk of stream) {
      switch (chunk.type) {
        case 'text':
          heard.text += chunk.text
          tools.say(chunk)
          break
        case 'reasoning':
          heard.thought += chunk.text.length
          tools.say(chunk)
          break
        case 'tool-call': {
          const { type: _, ...wanted } = chunk
          heard.toolCalls.push(wanted)
          break
        }
        case 'usage':
          heard.usage = chunk.usage
          break
        case 'limits':
          tools.hearLimits(chunk.limits)
          break
        case 'finish':
          heard.finish = { reason: chunk.reason, requestId: chunk.requestId }
      }
    }
    failure = faultOf(heard)
  } catch (thrown) {
    failure = callFailure(thrown)
  }
  const answer = failure ? null : answerOf(heard)
  const checked = answer ? await checkAnswer(tools, context, answer) : { answer, repair: null }
  const problems =
    checked.repair && failureOf('validation', `the answer is not what was asked for: ${checked.problems}`)
  const spent = await usageOf(parts, context, heard, failure)
  return {
    answer: checked.answer,
    repair: checked.repair,
    failure: failure ?? problems,
    ...spent,
    costNanoUsd:
      costOf(parts, { id: candidate.model, provider: candidate.provider }, spent.usage) ?? candidate.costNanoUsd,
    startedAt,
    endedAt: clock.now(),
  }
}

/** What is reckoned for an attempt of which nobody knows whether it was made: all that it may have used. */
export function doubtedAttempt({ current }: ModelCallContext, at: number): AttemptOutcome {
  const { inputTokens = 0, outputTokens = 0, costNanoUsd = 0 } = current?.candidate ?? {}
  const failure = failureOf('network', 'the process ended during the attempt: what it may have used is counted as used')
  const usage = plainUsage(inputTokens, outputTokens)
  return { answer: null, repair: null, failure, usage, estimated: true, costNanoUsd, startedAt: at, endedAt: at }
}

function deadlinesOf({ deadlines }: ModelCallParts, { input }: ModelCallContext): CallDeadlines {
  const { firstChunk, gap, total } = input.deadlines
  return {
    firstChunk: firstChunk ?? deadlines.firstChunk,
    gap: gap ?? deadlines.gap,
    total: total ?? deadlines.total,
  }
}

function faultOf({ finish }: Heard): CallFailure | null {
  if (!finish) return failureOf('network', 'the stream ended before the answer did')
  const { reason, requestId } = finish
  if (reason === 'content-filter') return { ...failureOf('content_filter', 'the answer was filtered'), requestId }
  if (reason === 'error') return { ...failureOf('server_error', 'the provider broke the answer off'), requestId }
  return null
}

function answerOf({ text, toolCalls, finish }: Heard): ModelAnswer {
  const { reason, requestId } = finish as NonNullable<Heard['finish']>
  return { text, object: null, toolCalls, finish: reason, requestId }
}

// A model that wants tools called first has not answered yet.
async function checkAnswer(
  { output }: StreamTools,
  { input }: ModelCallContext,
  answer: ModelAnswer,
): Promise<Pick<AttemptOutcome, 'answer' | 'repair'> & { readonly problems?: string }> {
  if (!input.request.output || !output || answer.toolCalls.length > 0) return { answer, repair: null }
  const checked = await output.check(answer.text)
  if (checked.ok) return { answer: { ...answer, object: plainOf(checked.value) }, repair: null }
  const repair = { answer: answer.text, faults: checked.repair }
  return { answer: null, repair, problems: checked.problems.join('; ') }
}

// The caller makes its own value of the text again: this one travels and rests as JSON.
function plainOf(value: unknown): unknown {
  try {
    return JSON.parse(JSON.stringify(value) ?? 'null')
  } catch {
    return null
  }
}

// What the provider did not tell is estimated. A request that it refused cost nothing; of one that was cut off before the
// first word nobody knows, so what was sent is counted.
async function usageOf(
  parts: ModelCallParts,
  { current }: ModelCallContext,
  heard: Heard,
  failure: CallFailure | null,
): Promise<{ readonly usage: ModelUsage; readonly estimated: boolean }> {
  const { candidate } = current as OpenAttempt
  const { usage, text, thought, toolCalls } = heard
  if (usage && (!failure || heard.finish)) {
    parts.tokens.learn(candidate.model, candidate.inputTokens, usage.inputTokens.total)
    return { usage, estimated: false }
  }
  const isSilent = text === '' && thought === 0 && toolCalls.length === 0
  const wasCutOff = failure?.category === 'timeout' || failure?.category === 'cancelled'
  if (failure && isSilent && !wasCutOff && !usage) return { usage: NO_USAGE, estimated: false }
  const content = [text, ...toolCalls.map(({ input }) => input)].join('')
  const said = await tokensIn(parts, candidate.model, content)
  const output = isSilent ? 0 : said + Math.ceil(thought / CHARACTERS)
  const least = plainUsage(candidate.inputTokens, Math.min(output, candidate.outputTokens))
  return { usage: usage ? larger(usage, least) : least, estimated: true }
}

async function tokensIn(parts: ModelCallParts, model: string, content: string): Promise<number> {
  try {
    return await parts.tokens.estimate(model, { messages: [{ role: 'assistant', content }] })
  } catch {
    // A guess is better than an attempt whose end nobody hears of.
    return Math.ceil(content.length / CHARACTERS)
  }
}

// A usage that came at the beginning of a stream says less than the stream did.
function larger(told: ModelUsage, estimated: ModelUsage): ModelUsage {
  const { inputTokens, outputTokens } = told
  const total = Math.max(outputTokens.total, estimated.outputTokens.total)
  return { inputTokens, outputTokens: { ...outputTokens, total } }
}

function failureOf(category: FailureCategory, message: string): CallFailure {
  return { category, message, status: null, code: null, retryAfter: null, requestId: null }
}
