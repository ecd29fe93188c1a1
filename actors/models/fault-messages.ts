import { type FaultFrame, type FaultReply, piecesOf, sentEvent, tokensOfAnswer } from './fault-answer.ts'

const REASONS: Readonly<Record<string, string>> = {
  stop: 'end_turn',
  length: 'max_tokens',
  'tool-calls': 'tool_use',
  'content-filter': 'refusal',
  other: 'pause_turn',
}

/** An answer as the Messages API streams it. It tells the input without what is cached. */
export function messagesFrames(reply: FaultReply): FaultFrame[] {
  const { toolCalls = [], reasoning, refusal, finish } = reply
  const frame = (data: { readonly type: string }, isChunk: boolean): FaultFrame => ({
    text: sentEvent(data, data.type),
    isChunk,
  })
  const blocks: (readonly [start: object, deltas: readonly object[]])[] = []
  if (reasoning !== undefined) {
    const deltas = [{ type: 'thinking_delta', thinking: reasoning }]
    blocks.push([{ type: 'thinking', thinking: '', signature: '' }, deltas])
  }
  const pieces = piecesOf(reply)
  const texts = pieces.map((text) => ({ type: 'text_delta', text }))
  if (pieces.length > 0) blocks.push([{ type: 'text', text: '' }, texts])
  for (const [at, { tool, input, id }] of toolCalls.entries()) {
    const written = typeof input === 'string' ? input : JSON.stringify(input)
    const half = Math.ceil(written.length / 2)
    const deltas = [written.slice(0, half), written.slice(half)].map((part) => ({
      type: 'input_json_delta',
      partial_json: part,
    }))
    blocks.push([{ type: 'tool_use', id: id ?? `call_${at}`, name: tool, input: {} }, deltas])
  }
  const tokens = tokensOfAnswer(reply) ?? { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, reasoning: 0 }
  const input = {
    input_tokens: tokens.input - tokens.cacheRead - tokens.cacheWrite,
    cache_read_input_tokens: tokens.cacheRead,
    cache_creation_input_tokens: tokens.cacheWrite,
  }
  const refused =
    refusal === undefined ? {} : { stop_details: { type: 'refusal', category: null, explanation: refusal } }
  const reason = refusal === undefined ? (finish ?? (toolCalls.length > 0 ? 'tool-calls' : 'stop')) : 'content-filter'
  const message = {
    id: reply.id,
    type: 'message',
    role: 'assistant',
    model: reply.model,
    content: [],
    stop_reason: null,
  }
  const started = { type: 'message_start', message: { ...message, usage: { ...input, output_tokens: 1 } } }
  const ended = {
    type: 'message_delta',
    delta: { stop_reason: REASONS[reason] ?? 'end_turn', stop_sequence: null, ...refused },
    usage: { output_tokens: tokens.output, output_tokens_details: { thinking_tokens: tokens.reasoning } },
  }
  return [
    frame(started, false),
    frame({ type: 'ping' }, false),
    ...blocks.flatMap(([content_block, deltas], index) => [
      frame({ type: 'content_block_start', ...{ index, content_block } }, false),
      ...deltas.map((delta) => frame({ type: 'content_block_delta', ...{ index, delta } }, true)),
      frame({ type: 'content_block_stop', ...{ index } }, false),
    ]),
    frame(ended, false),
    frame({ type: 'message_stop' }, false),
  ]
}
