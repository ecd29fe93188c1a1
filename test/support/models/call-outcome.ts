import type { FinishReason, ModelChunk, RateLimits, WantedTool } from '../../../machines/model-chunk.ts'
import type { CallFailure } from '../../../machines/model-failure.ts'
import type { ModelUsage } from '../../../machines/model-usage.ts'
import { isTroupeError, type TroupeError } from '../../../runtime/protocol/errors.ts'

/** What a stream came to. */
export interface CallOutcome {
  readonly text: string
  readonly reasoning: string
  readonly tools: readonly WantedTool[]
  readonly usage: ModelUsage | null
  readonly limits: RateLimits | null
  readonly finish: { readonly reason: FinishReason; readonly model: string; readonly requestId: string | null } | null
  readonly error: TroupeError | null
  readonly code: string | null
  readonly failure: CallFailure | null
}

/** Reads a stream to its end, good or bad. What is thrown must be a `TroupeError`. */
export async function outcomeOf(chunks: AsyncIterable<ModelChunk>): Promise<CallOutcome> {
  let text = ''
  let reasoning = ''
  const tools: WantedTool[] = []
  let usage: ModelUsage | null = null
  let limits: RateLimits | null = null
  let finish: CallOutcome['finish'] = null
  let error: TroupeError | null = null
  try {
    for await (const chunk of chunks) {
      if (finish) throw new Error(`a chunk came after the finish: ${JSON.stringify(chunk)}`)
      switch (chunk.type) {
        case 'text':
          text += chunk.text
          break
        case 'reasoning':
          reasoning += chunk.text
          break
        case 'tool-call':
          tools.push({ id: chunk.id, tool: chunk.tool, input: chunk.input })
          break
        case 'usage':
          usage = chunk.usage
          break
        case 'limits':
          limits = chunk.limits
          break
        case 'finish':
          finish = { reason: chunk.reason, model: chunk.model, requestId: chunk.requestId }
      }
    }
  } catch (thrown) {
    if (!isTroupeError(thrown)) throw thrown
    error = thrown
  }
  const failure = (error?.data ?? null) as CallFailure | null
  return { text, reasoning, tools, usage, limits, finish, error, code: error?.code ?? null, failure }
}
