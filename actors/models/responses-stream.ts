import type { ResponseStreamEvent, ResponseUsage } from 'openai/resources/responses/responses'
import type { ModelChunk } from '../../machines/model-chunk.ts'
import { failedCall } from './failed-call.ts'
import { usageOfCounts } from './token-counts.ts'

/** The chunks of a Responses stream. A refusal or a filtered answer is thrown, after the usage was told. */
export async function* responsesStream(
  stream: AsyncIterable<ResponseStreamEvent>,
  requestId: string | null,
  where: string,
): AsyncGenerator<ModelChunk> {
  let refusal = ''
  let wantsTools = false
  for await (const event of stream) {
    switch (event.type) {
      case 'response.output_text.delta':
        if (event.delta !== '') yield { type: 'text', text: event.delta }
        break
      case 'response.reasoning_summary_text.delta':
      case 'response.reasoning_text.delta':
        if (event.delta !== '') yield { type: 'reasoning', text: event.delta }
        break
      case 'response.refusal.delta':
        refusal += event.delta
        break
      case 'response.output_item.done':
        if (event.item.type !== 'function_call') break
        wantsTools = true
        yield { type: 'tool-call', id: event.item.call_id, tool: event.item.name, input: event.item.arguments || '{}' }
        break
      case 'response.completed':
      case 'response.incomplete': {
        const { usage, model, incomplete_details: cut } = event.response
        if (usage) yield { type: 'usage', usage: responsesUsage(usage) }
        if (refusal !== '') throw failedCall('refusal', `${where}: the model refused: ${refusal}`, { where, requestId })
        const why = cut?.reason ?? null
        if (why === 'content_filter') {
          throw failedCall('content_filter', `${where}: the provider withheld the answer`, {
            where,
            requestId,
            code: why,
          })
        }
        const ended = wantsTools ? 'tool-calls' : 'stop'
        const isWhole = event.type === 'response.completed'
        yield {
          type: 'finish',
          reason: isWhole ? ended : why === 'max_output_tokens' ? 'length' : 'other',
          model,
          requestId,
        }
        break
      }
      case 'response.failed':
        if (event.response.usage) yield { type: 'usage', usage: responsesUsage(event.response.usage) }
        throw Object.assign(new Error(event.response.error?.message ?? 'the answer failed'), {
          error: event.response.error ?? { message: 'the answer failed' },
          requestID: requestId,
        })
      default:
    }
  }
}

function responsesUsage(usage: ResponseUsage): ReturnType<typeof usageOfCounts> {
  return usageOfCounts({
    input: usage.input_tokens,
    cacheRead: usage.input_tokens_details?.cached_tokens,
    cacheWrite: usage.input_tokens_details?.cache_write_tokens,
    output: usage.output_tokens,
    reasoning: usage.output_tokens_details?.reasoning_tokens,
  })
}
