import type {
  MessageDeltaUsage,
  RawMessageStreamEvent,
  StopReason,
  Usage,
} from '@anthropic-ai/sdk/resources/messages/messages'
import type { FinishReason, ModelChunk } from '../../machines/model-chunk.ts'
import type { ModelUsage } from '../../machines/model-usage.ts'
import { failedCall } from './failed-call.ts'
import { usageOfCounts } from './token-counts.ts'

const REASONS: Readonly<Record<StopReason, FinishReason>> = {
  end_turn: 'stop',
  stop_sequence: 'stop',
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  tool_use: 'tool-calls',
  pause_turn: 'other',
  refusal: 'content-filter',
}

/** The chunks of a Messages stream. A refusal is thrown, after the usage was told. */
export async function* anthropicStream(
  stream: AsyncIterable<RawMessageStreamEvent>,
  asked: string,
  requestId: string | null,
  where: string,
): AsyncGenerator<ModelChunk> {
  const wanted = new Map<number, { readonly id: string; readonly tool: string; input: string }>()
  let started: Usage | null = null
  let model = asked
  let reason: StopReason | null = null
  let explanation: string | null = null
  for await (const event of stream) {
    switch (event.type) {
      case 'message_start':
        model = event.message.model || model
        started = event.message.usage ?? null
        if (started) yield { type: 'usage', usage: usageOf(started, null) }
        break
      case 'content_block_start':
        if (event.content_block.type === 'tool_use') {
          const { id, name, input } = event.content_block
          const given = input && Object.keys(input).length > 0 ? JSON.stringify(input) : ''
          wanted.set(event.index, { id, tool: name, input: given })
        } else if (event.content_block.type === 'text' && event.content_block.text) {
          yield { type: 'text', text: event.content_block.text }
        }
        break
      case 'content_block_delta': {
        const { delta } = event
        if (delta.type === 'text_delta' && delta.text !== '') yield { type: 'text', text: delta.text }
        else if (delta.type === 'thinking_delta' && delta.thinking) yield { type: 'reasoning', text: delta.thinking }
        else if (delta.type === 'input_json_delta') {
          const call = wanted.get(event.index)
          if (call) call.input += delta.partial_json
        }
        break
      }
      case 'content_block_stop': {
        const call = wanted.get(event.index)
        if (call) yield { type: 'tool-call', id: call.id, tool: call.tool, input: call.input || '{}' }
        break
      }
      case 'message_delta':
        reason = event.delta.stop_reason ?? reason
        explanation = event.delta.stop_details?.explanation ?? explanation
        if (event.usage) yield { type: 'usage', usage: usageOf(event.usage, started) }
        break
      case 'message_stop':
        if (reason === 'refusal') {
          const why = explanation === null ? '' : `: ${explanation}`
          throw failedCall('refusal', `${where}: the model refused${why}`, { where, requestId })
        }
        yield { type: 'finish', reason: (reason && REASONS[reason]) ?? 'other', model, requestId }
        break
      default:
    }
  }
}

// The API counts what is read from a cache, and written to one, beside the input: here they are parts of it. What the end
// of a stream does not say again is as it was at its start.
function usageOf(usage: Usage | MessageDeltaUsage, started: Usage | null): ModelUsage {
  const cacheRead = usage.cache_read_input_tokens ?? started?.cache_read_input_tokens ?? 0
  const cacheWrite = usage.cache_creation_input_tokens ?? started?.cache_creation_input_tokens ?? 0
  return usageOfCounts({
    input: (usage.input_tokens ?? started?.input_tokens ?? 0) + cacheRead + cacheWrite,
    cacheRead,
    cacheWrite,
    output: usage.output_tokens,
    reasoning: usage.output_tokens_details?.thinking_tokens,
  })
}
