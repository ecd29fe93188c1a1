import type { CallChunk, CallDeadlines } from '../machines/model-call.contract.ts'
import type {
  AttemptOutcome,
  ModelAnswer,
  ModelCallContext,
  OpenAttempt,
  RepairRequest,
} from '../machines/model-call-context.ts'
import type { FinishReason, ModelChunk, RateLimits, WantedTool } from '../machines/model-chunk.ts'
import type { RankedModel } from '../machines/model-choice.ts'
import type { CallFailure, FailureCategory } from '../machines/model-failure.ts'
import type { ModelRequest } from '../machines/model-request.ts'
import { type ModelUsage, NO_USAGE } from '../machines/model-usage.ts'
import type { LentClock } from '../runtime/kernel/lent-clock.ts'
import { callFailure } from './classify-failure.ts'
import { costOf, plainUsage } from './model-call-choice.ts'
import { requestFor } from './model-call-request.ts'
import type { ModelCallParts } from './model-call-parts.ts'
import type { ModelProvider } from './models/model-provider.ts'
import type { StructuredOutput } from './models/structured-output.ts'
import { hearStream } from './models/heard-stream.ts'

/** What an attempt is streamed with. */
export interface StreamTools {
  readonly parts: ModelCallParts
  readonly clock: LentClock
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

// What a connection says that was never made.
const UNREACHED = /^(ECONNREFUSED|ENOTFOUND|EAI_\w+|EHOST\w+|ENET\w+|UND_ERR_CONNECT_TIMEOUT|CERT_\w+)$/

// Of a token, on the safe side.
const CHARACTERS = 3

const EMPTY: CallFailure = {
  ...failureOf('refusal', 'the model said nothing, and wanted no tool'),
  code: 'answer.empty',
  hint: 'raise maxOutputTokens, which reasoning takes from as well, or name a second model to fall back to',
}

/** An attempt that is under way. */
export interface StreamedAttempt {
  /** How it ended. Never rejects. */
  readonly outcome: Promise<AttemptOutcome>
  cancel(): void
}

/** Makes one attempt: streams it under its deadlines, checks the answer, and reckons what it used. */
export function streamAttempt(tools: StreamTools, context: ModelCallContext): StreamedAttempt {
  const { parts, clock, idempotencyKey } = tools
  const { candidate } = context.current as OpenAttempt
  const provider = parts.providers.get(candidate.provider) as ModelProvider
  const heard: Heard = { text: '', thought: 0, toolCalls: [], usage: null, finish: null }
  const startedAt = clock.now()
  const stream = hearStream(
    (signal) => provider.stream(candidate.name, requestFor(context, candidate), { signal, idempotencyKey }),
    { clock, deadlines: deadlinesOf(parts, context), where: candidate.model },
    (chunk) => note(tools, heard, chunk),
  )
  return { outcome: outcomeOf(tools, context, heard, { startedAt, end: stream.end }), cancel: stream.cancel }
}

function note(tools: StreamTools, heard: Heard, chunk: ModelChunk): void {
  switch (chunk.type) {
    case 'text':
      heard.text += chunk.text
      return tools.say(chunk)
    case 'reasoning':
      heard.thought += chunk.text.length
      return tools.say(chunk)
    case 'tool-call': {
      const { type: _, ...wanted } = chunk
      heard.toolCalls.push(wanted)
      return
    }
    case 'usage':
      heard.usage = chunk.usage
      return
    case 'limits':
      return tools.hearLimits(chunk.limits)
    case 'finish':
      heard.finish = { reason: chunk.reason, requestId: chunk.requestId }
  }
}

async function outcomeOf(
  tools: StreamTools,
  context: ModelCallContext,
  heard: Heard,
  { startedAt, end }: { readonly startedAt: number; readonly end: Promise<void> },
): Promise<AttemptOutcome> {
  const { parts, clock } = tools
  const { candidate } = context.current as OpenAttempt
  let failure: CallFailure | null
  try {
    await end
    failure = faultOf(heard)
  } catch (thrown) {
    failure = callFailure(thrown)
  }
  let answer = failure ? null : answerOf(heard)
  let repair: RepairRequest | null = null
  const form = context.input.request.output ? tools.output : null
  // A model that wants tools called first has not answered yet.
  if (answer && form && answer.toolCalls.length === 0) {
    const checked = await form.check(answer.text)
    if (checked.ok) answer = { ...answer, object: plainOf(checked.value) }
    else {
      failure = failureOf('validation', `the answer is not what was asked for: ${checked.problems.join('; ')}`)
      repair = { answer: answer.text, faults: checked.repair }
      answer = null
    }
  }
  const isEmpty = answer !== null && form === null && saysNothing(answer, context.input.request)
  if (isEmpty) {
    failure = EMPTY
    answer = null
  }
  // An answer that is no good is paid for as one that is.
  const cut = repair || isEmpty ? null : failure
  const spent = toldUsage(parts, candidate, heard, cut) ?? (await estimatedUsage(parts, candidate, heard, cut))
  const costNanoUsd =
    costOf(parts, { id: candidate.model, provider: candidate.provider }, spent.usage) ?? candidate.costNanoUsd
  return { answer, repair, failure, ...spent, costNanoUsd, startedAt, endedAt: clock.now() }
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

// Who has had its tools called may be done without a word. Anybody else was asked something.
function saysNothing({ text, toolCalls }: ModelAnswer, { messages }: ModelRequest): boolean {
  return toolCalls.length === 0 && text.trim() === '' && messages.at(-1)?.role !== 'tool'
}

function answerOf({ text, toolCalls, finish }: Heard): ModelAnswer {
  const { reason, requestId } = finish as NonNullable<Heard['finish']>
  return { text, object: null, toolCalls, finish: reason, requestId }
}

// The caller makes its own value of the text again: this one travels and rests as JSON.
function plainOf(value: unknown): unknown {
  try {
    return JSON.parse(JSON.stringify(value) ?? 'null')
  } catch {
    return null
  }
}

interface SpentUsage {
  readonly usage: ModelUsage
  readonly estimated: boolean
}

function toldUsage(
  { tokens }: ModelCallParts,
  { model, inputTokens }: RankedModel,
  { usage, finish }: Heard,
  failure: CallFailure | null,
): SpentUsage | null {
  if (!usage || (failure && !finish)) return null
  tokens.learn(model, inputTokens, usage.inputTokens.total)
  return { usage, estimated: false }
}

// What the provider did not tell is estimated. A request that it refused or that never reached it cost nothing; of one that
// was cut off or lost before the first word nobody knows, so what was sent is counted.
async function estimatedUsage(
  parts: ModelCallParts,
  candidate: RankedModel,
  { usage, text, thought, toolCalls }: Heard,
  failure: CallFailure | null,
): Promise<SpentUsage> {
  const isSilent = text === '' && thought === 0 && toolCalls.length === 0
  const { category, code } = failure ?? {}
  const wasLost = category === 'network' && !UNREACHED.test(code ?? '')
  const wasCutOff = category === 'timeout' || category === 'cancelled' || wasLost
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
