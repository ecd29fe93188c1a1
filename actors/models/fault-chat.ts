import { type FaultFrame, type FaultReply, piecesOf, sentEvent, tokensOfAnswer } from './fault-answer.ts'

const REASONS: Readonly<Record<string, string>> = {
  stop: 'stop',
  length: 'length',
  'tool-calls': 'tool_calls',
  'content-filter': 'content_filter',
}

/** An answer as Chat Completions streams it. */
export function chatFrames(reply: FaultReply, tellsUsage: boolean): FaultFrame[] {
  const { toolCalls = [], reasoning, refusal, finish } = reply
  const whole = { id: reply.id, object: 'chat.completion.chunk', created: 1, model: reply.model }
  const frame = (delta: object, reason: string | null = null, isChunk = true): FaultFrame => ({
    text: sentEvent({ ...whole, choices: [{ index: 0, delta, finish_reason: reason }] }),
    isChunk,
  })
  const tokens = tokensOfAnswer(reply)
  const usage = tokens && {
    prompt_tokens: tokens.input,
    completion_tokens: tokens.output,
    total_tokens: tokens.input + tokens.output,
    prompt_tokens_details: { cached_tokens: tokens.cacheRead, cache_write_tokens: tokens.cacheWrite },
    completion_tokens_details: { reasoning_tokens: tokens.reasoning },
  }
  const reason = finish ?? (toolCalls.length > 0 ? 'tool-calls' : 'stop')
  return [
    frame({ role: 'assistant', content: '' }, null, false),
    ...(reasoning === undefined ? [] : [frame({ reasoning_content: reasoning })]),
    ...piecesOf(reply).map((content) => frame({ content })),
    ...(refusal === undefined ? [] : [frame({ refusal })]),
    ...toolCalls.flatMap(({ tool, input, id }, index) =>
      callFrames(tool, input, id ?? `call_${index}`, index).map((call) => frame(call)),
    ),
    frame({}, REASONS[reason] ?? 'stop', false),
    ...(usage && tellsUsage ? [{ text: sentEvent({ ...whole, choices: [], usage }), isChunk: false }] : []),
    { text: 'data: [DONE]\n\n', isChunk: false },
  ]
}

// The arguments come in two halves, as they do in life.
function callFrames(tool: string, input: unknown, id: string, index: number): object[] {
  const written = typeof input === 'string' ? input : JSON.stringify(input)
  const half = Math.ceil(written.length / 2)
  return [
    { tool_calls: [{ index, id, type: 'function', function: { name: tool, arguments: written.slice(0, half) } }] },
    { tool_calls: [{ index, function: { arguments: written.slice(half) } }] },
  ]
}
