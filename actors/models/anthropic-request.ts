import type {
  ContentBlockParam,
  MessageCreateParamsStreaming,
  MessageParam,
} from '@anthropic-ai/sdk/resources/messages/messages'
import type { ModelRequest } from '../../machines/model-request.ts'
import { argumentsObject, type MessageParts, messageParts, outputText } from './message-parts.ts'
import { instructionsOf } from './quoted-data.ts'
import { strictSchema } from './strict-schema.ts'
import { wireName } from './wire-names.ts'

/** What is known of a model of Anthropic. */
export interface AnthropicTraits {
  readonly maxOutput: number
  readonly effort: boolean
  readonly structuredOutput: boolean
}

/** The parts of a request that say how much it reads: what is counted before a call. */
export type AnthropicContent = Pick<
  MessageCreateParamsStreaming,
  'model' | 'messages' | 'system' | 'tools' | 'tool_choice' | 'output_config'
>

const CHOICES = { auto: { type: 'auto' }, required: { type: 'any' }, none: { type: 'none' } } as const

/** A request as the Messages API takes it. It knows no temperature: models of today refuse one. */
export function anthropicRequest(
  model: string,
  request: ModelRequest,
  traits: AnthropicTraits,
  where: string,
): MessageCreateParamsStreaming {
  return {
    ...anthropicContent(model, request, traits, where),
    stream: true,
    max_tokens: request.maxOutputTokens ?? traits.maxOutput,
  }
}

/** What a request has the model read. */
export function anthropicContent(
  model: string,
  request: ModelRequest,
  traits: AnthropicTraits,
  where: string,
): AnthropicContent {
  const { tools, toolChoice, output, effort } = request
  const schema = output && traits.structuredOutput ? strictSchema(output.schema, 'optional') : null
  const system = instructionsOf(request, schema === null)
  const config = {
    ...(schema === null ? {} : { format: { type: 'json_schema' as const, schema: { ...schema } } }),
    ...(effort === undefined || !traits.effort ? {} : { effort }),
  }
  return {
    model,
    messages: merged(messageParts(request.messages, where)),
    ...(system === undefined ? {} : { system }),
    ...(tools && tools.length > 0
      ? {
          tools: tools.map(({ name, description, input }) => ({
            name: wireName(name),
            description,
            input_schema: { type: 'object' as const, ...input },
          })),
          ...(toolChoice === undefined ? {} : { tool_choice: CHOICES[toolChoice] }),
        }
      : {}),
    ...(Object.keys(config).length === 0 ? {} : { output_config: config }),
  }
}

// Results must stand first in the message after the calls, and all of them in one: neighbours of one role become one.
function merged(messages: readonly MessageParts[]): MessageParam[] {
  const made: { role: MessageParts['role']; results: ContentBlockParam[]; others: ContentBlockParam[] }[] = []
  for (const message of messages) {
    const results: ContentBlockParam[] = message.results.map((result) => ({
      type: 'tool_result',
      tool_use_id: wireName(result.id),
      content: outputText(result),
      ...(result.failed ? { is_error: true } : {}),
    }))
    const others = [
      ...message.content.map(contentBlock),
      ...message.calls.map(
        (call): ContentBlockParam => ({
          type: 'tool_use',
          id: call.id,
          name: wireName(call.tool),
          input: argumentsObject(call),
        }),
      ),
    ]
    const last = made.at(-1)
    if (last?.role === message.role) {
      last.results.push(...results)
      last.others.push(...others)
    } else if (results.length + others.length > 0) made.push({ role: message.role, results, others })
  }
  return made.map(({ role, results, others }) => ({ role, content: [...results, ...others] }))
}

function contentBlock(part: MessageParts['content'][number]): ContentBlockParam {
  if (part.type === 'text') return { type: 'text', text: part.text }
  const media_type = part.mediaType as 'image/png'
  return { type: 'image', source: { type: 'base64', media_type, data: part.base64 } }
}
