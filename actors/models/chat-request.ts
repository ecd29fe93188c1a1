import type {
  ChatCompletionContentPart,
  ChatCompletionCreateParamsStreaming,
  ChatCompletionMessageParam,
} from 'openai/resources/chat/completions'
import type { ModelRequest } from '../../machines/model-request.ts'
import { argumentsText, joinedText, type MessageParts, messageParts, outputText } from './message-parts.ts'
import { instructionsOf } from './quoted-data.ts'
import { strictSchema } from './strict-schema.ts'
import { wireName } from './wire-names.ts'

/** What a model or server takes in a chat request. */
export interface ChatTraits {
  readonly sampling: boolean
  readonly effort: boolean
  /** How an answer with a form is asked for: by its schema, as any JSON with the schema in words, or in words alone. */
  readonly form: 'json_schema' | 'json_object' | 'words'
  /** Tells usage at the end of a stream when asked to. */
  readonly streamUsage: boolean
  /** How the bound of the output is named. */
  readonly bound: 'max_completion_tokens' | 'max_tokens'
}

/** A request as the Chat Completions API takes it. */
export function chatRequest(
  model: string,
  request: ModelRequest,
  traits: ChatTraits,
  where: string,
): ChatCompletionCreateParamsStreaming {
  const { tools, toolChoice, maxOutputTokens, temperature, effort } = request
  const format = formatOf(request, traits)
  const instructions = instructionsOf(request, format?.type !== 'json_schema')
  const messages = messageParts(request.messages, where).flatMap(chatMessages)
  return {
    model,
    stream: true,
    messages: instructions === undefined ? messages : [{ role: 'system', content: instructions }, ...messages],
    ...(traits.streamUsage ? { stream_options: { include_usage: true } } : {}),
    ...(tools && tools.length > 0
      ? {
          tools: tools.map(({ name, description, input }) => ({
            type: 'function' as const,
            function: { name: wireName(name), description, parameters: { ...input } },
          })),
          ...(toolChoice === undefined ? {} : { tool_choice: toolChoice }),
        }
      : {}),
    ...(format === null ? {} : { response_format: format }),
    ...(maxOutputTokens === undefined ? {} : { [traits.bound]: maxOutputTokens }),
    ...(temperature === undefined || !traits.sampling ? {} : { temperature }),
    ...(effort === undefined || !traits.effort ? {} : { reasoning_effort: effort }),
  }
}

function formatOf(
  { output }: ModelRequest,
  { form }: ChatTraits,
): NonNullable<ChatCompletionCreateParamsStreaming['response_format']> | null {
  if (!output || form === 'words') return null
  // Other values than objects can only be asked for in words.
  if (output.schema.type !== 'object') return null
  if (form === 'json_object') return { type: 'json_object' }
  const strict = strictSchema(output.schema, 'nullable')
  const schema = { ...(strict ?? output.schema) }
  return { type: 'json_schema', json_schema: { name: wireName(output.name), schema, strict: strict !== null } }
}

function chatMessages(message: MessageParts): ChatCompletionMessageParam[] {
  const { role, results, calls, content } = message
  if (role === 'assistant') {
    const tool_calls = calls.map((call) => ({
      id: call.id,
      type: 'function' as const,
      function: { name: wireName(call.tool), arguments: argumentsText(call) },
    }))
    const text = joinedText(message)
    if (text === null && calls.length === 0) return []
    return [{ role, content: text, ...(calls.length === 0 ? {} : { tool_calls }) }]
  }
  const answers = results.map((result) => ({
    role: 'tool' as const,
    tool_call_id: result.id,
    content: outputText(result),
  }))
  if (content.length === 0) return answers
  const hasImages = content.some(({ type }) => type === 'image')
  // Servers that are compatible only nearly take a plain text for certain.
  const said = hasImages ? content.map(contentPart) : (joinedText(message) ?? '')
  return [...answers, { role, content: said }]
}

function contentPart(part: MessageParts['content'][number]): ChatCompletionContentPart {
  if (part.type === 'text') return part
  return { type: 'image_url', image_url: { url: `data:${part.mediaType};base64,${part.base64}` } }
}
