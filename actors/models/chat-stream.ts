import type { ChatCompletionChunk } from 'openai/resources/chat/completions'
import type { FinishReason, ModelChunk, WantedTool } from '../../machines/model-chunk.ts'
import { failedCall } from './failed-call.ts'
import { usageOfCounts } from './token-counts.ts'

/** A delta with what some servers add: the thoughts of a model. */
interface ChatDelta extends ChatCompletionChunk.Choice.Delta {
  readonly reasoning_content?: string | null
  readonly reasoning?: string | null
}

const REASONS: Readonly<Record<string, FinishReason>> = {
  stop: 'stop',
  length: 'length',
  tool_calls: 'tool-calls',
  function_call: 'tool-calls',
}

/** The chunks of a Chat Completions stream. A refusal or a filtered answer is thrown, after the usage was told. */
export async function* chatStream(
  stream: AsyncIterable<ChatCompletionChunk>,
  asked: string,
  requestId: string | null,
  where: string,
): AsyncGenerator<ModelChunk> {
  const wanted = new Map<number, { id: string; tool: string; input: string }>()
  let refusal = ''
  let ended: string | null = null
  let model = asked
  let id = ''
  for await (const { choices, usage, ...chunk } of stream) {
    model = chunk.model || model
    id = chunk.id || id
    const [choice] = choices ?? []
    const delta: ChatDelta = choice?.delta ?? {}
    const thought = delta.reasoning_content ?? delta.reasoning
    if (thought) yield { type: 'reasoning', text: thought }
    if (delta.content) yield { type: 'text', text: delta.content }
    if (delta.refusal) refusal += delta.refusal
    for (const part of delta.tool_calls ?? []) collect(wanted, part)
    ended = choice?.finish_reason ?? ended
    if (usage) yield { type: 'usage', usage: chatUsage(usage) }
  }
  // Without a reason it did not end: it broke off.
  if (ended === null) return
  if (refusal !== '') throw failedCall('refusal', `${where}: the model refused: ${refusal}`, { where, requestId })
  if (ended === 'content_filter') {
    throw failedCall('content_filter', `${where}: the provider withheld the answer`, { where, requestId, code: ended })
  }
  for (const [at, { id: call, tool, input }] of [...wanted].sort(([one], [other]) => one - other)) {
    const tell: WantedTool = { id: call || `${id || 'call'}-${at}`, tool, input: input || '{}' }
    yield { type: 'tool-call', ...tell }
  }
  const reason = wanted.size > 0 && ended === 'stop' ? 'tool-calls' : (REASONS[ended] ?? 'other')
  yield { type: 'finish', reason, model, requestId }
}

function collect(
  wanted: Map<number, { id: string; tool: string; input: string }>,
  part: ChatCompletionChunk.Choice.Delta.ToolCall,
): void {
  // Some servers give every call the number 0, or none: an id that is new begins a new call.
  const last = Math.max(-1, ...wanted.keys())
  const given: number | undefined = part.index
  const known = wanted.get(given ?? last)
  const isNew = Boolean(part.id) && known?.id !== part.id
  const at = isNew && (known || given === undefined) ? last + 1 : (given ?? Math.max(0, last))
  const call = wanted.get(at) ?? { id: part.id ?? '', tool: '', input: '' }
  if (part.function?.name && call.tool === '') call.tool = part.function.name
  call.input += part.function?.arguments ?? ''
  wanted.set(at, call)
}

function chatUsage(usage: NonNullable<ChatCompletionChunk['usage']>): ReturnType<typeof usageOfCounts> {
  return usageOfCounts({
    input: usage.prompt_tokens,
    cacheRead: usage.prompt_tokens_details?.cached_tokens,
    cacheWrite: usage.prompt_tokens_details?.cache_write_tokens,
    output: usage.completion_tokens,
    reasoning: usage.completion_tokens_details?.reasoning_tokens,
  })
}
