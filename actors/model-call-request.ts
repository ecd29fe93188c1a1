import type { ModelCallContext } from '../machines/model-call-context.ts'
import type { RankedModel } from '../machines/model-choice.ts'
import type { ModelRequest } from '../machines/model-request.ts'

/** What is sent to a model: the request with its cap and, for a repair, what was wrong with the last answer. */
export function requestFor({ input, repair }: ModelCallContext, { outputTokens }: RankedModel): ModelRequest {
  const { request } = input
  if (!repair) return { ...request, maxOutputTokens: outputTokens }
  const messages = [
    ...request.messages,
    // A model does not take an empty turn.
    { role: 'assistant', content: repair.answer === '' ? '(no answer)' : repair.answer } as const,
    { role: 'user', content: repair.faults } as const,
  ]
  return { ...request, messages, maxOutputTokens: outputTokens }
}
