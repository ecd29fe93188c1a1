import { type FaultFrame, type FaultReply, piecesOf, sentEvent, tokensOfAnswer } from './fault-answer.ts'

/** An answer as the Responses API streams it. */
export function responsesFrames(reply: FaultReply): FaultFrame[] {
  const { toolCalls = [], reasoning, refusal, finish } = reply
  let sequence = 0
  const frame = (type: string, fields: object, isChunk: boolean): FaultFrame => ({
    text: sentEvent({ type, sequence_number: sequence++, ...fields }, type),
    isChunk,
  })
  const place = { item_id: 'msg_1', output_index: 0, content_index: 0 }
  const cut = finish === 'length' ? 'max_output_tokens' : finish === 'content-filter' ? 'content_filter' : null
  const response = { id: reply.id, object: 'response', created_at: 1, model: reply.model, output: [], error: null }
  const end = {
    ...response,
    status: cut ? 'incomplete' : 'completed',
    incomplete_details: cut && { reason: cut },
    usage: usageOf(reply),
  }
  return [
    frame('response.created', { response: { ...response, status: 'in_progress' } }, false),
    ...(reasoning === undefined ? [] : [frame('response.reasoning_text.delta', { ...place, delta: reasoning }, true)]),
    ...piecesOf(reply).map((delta) => frame('response.output_text.delta', { ...place, delta, logprobs: [] }, true)),
    ...(refusal === undefined ? [] : [frame('response.refusal.delta', { ...place, delta: refusal }, true)]),
    ...toolCalls.map(({ tool, input, id }, at) => {
      const written = typeof input === 'string' ? input : JSON.stringify(input)
      const item = {
        type: 'function_call',
        id: `fc_${at}`,
        call_id: id ?? `call_${at}`,
        name: tool,
        arguments: written,
      }
      return frame('response.output_item.done', { output_index: at + 1, item: { ...item, status: 'completed' } }, true)
    }),
    frame(cut ? 'response.incomplete' : 'response.completed', { response: end }, false),
  ]
}

function usageOf(reply: FaultReply): object | null {
  const tokens = tokensOfAnswer(reply)
  return (
    tokens && {
      input_tokens: tokens.input,
      input_tokens_details: { cached_tokens: tokens.cacheRead, cache_write_tokens: tokens.cacheWrite },
      output_tokens: tokens.output,
      output_tokens_details: { reasoning_tokens: tokens.reasoning },
      total_tokens: tokens.input + tokens.output,
    }
  )
}
