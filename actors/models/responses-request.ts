import type {
  ResponseCreateParamsStreaming,
  ResponseFormatTextConfig,
  ResponseInputContent,
  ResponseInputItem,
} from 'openai/resources/responses/responses'
import type { ModelRequest } from '../../machines/model-request.ts'
import { argumentsText, joinedText, type MessageParts, messageParts, outputText } from './message-parts.ts'
import { instructionsOf } from './quoted-data.ts'
import { strictSchema } from './strict-schema.ts'
import { wireName } from './wire-names.ts'

/** The parts of a request that say how much it reads: what is counted before a call. */
export type ResponsesContent = Pick<
  ResponseCreateParamsStreaming,
  'model' | 'instructions' | 'input' | 'tools' | 'tool_choice' | 'text' | 'reasoning'
>

/** The least that the API takes. */
const LEAST_OUTPUT = 16

/** A request as the Responses API takes it. Nothing is kept at the provider. */
export function responsesRequest(
  model: string,
  request: ModelRequest,
  traits: { readonly sampling: boolean; readonly effort: boolean },
  where: string,
): ResponseCreateParamsStreaming {
  const { maxOutputTokens, temperature } = request
  return {
    ...responsesContent(model, request, traits, where),
    stream: true,
    store: false,
    ...(maxOutputTokens === undefined ? {} : { max_output_tokens: Math.max(LEAST_OUTPUT, maxOutputTokens) }),
    ...(temperature === undefined || !traits.sampling ? {} : { temperature }),
  }
}

/** What a request has the model read. */
export function responsesContent(
  model: string,
  request: ModelRequest,
  { effort: takesEffort }: { readonly effort: boolean },
  where: string,
): ResponsesContent {
  const { tools, toolChoice, effort } = request
  const format = formatOf(request)
  const instructions = instructionsOf(request, format === null)
  return {
    model,
    input: messageParts(request.messages, where).flatMap(inputItems),
    ...(instructions === undefined ? {} : { instructions }),
    ...(tools && tools.length > 0
      ? {
          tools: tools.map(({ name, description, input }) => ({
            type: 'function' as const,
            name: wireName(name),
            description,
            parameters: { ...input },
            strict: false,
          })),
          ...(toolChoice === undefined ? {} : { tool_choice: toolChoice }),
        }
      : {}),
    ...(format === null ? {} : { text: { format } }),
    ...(effort === undefined || !takesEffort ? {} : { reasoning: { effort } }),
  }
}

function formatOf({ output }: ModelRequest): ResponseFormatTextConfig | null {
  if (!output || output.schema.type !== 'object') return null
  const strict = strictSchema(output.schema, 'nullable')
  const schema = { ...(strict ?? output.schema) }
  return { type: 'json_schema', name: wireName(output.name), schema, strict: strict !== null }
}

function inputItems(message: MessageParts): ResponseInputItem[] {
  const { role, results, calls, content } = message
  const outputs = results.map((result) => ({
    type: 'function_call_output' as const,
    call_id: result.id,
    output: outputText(result),
  }))
  const text = joinedText(message)
  const said: ResponseInputItem[] = []
  if (role === 'assistant' && text !== null) said.push({ role, content: text })
  else if (role === 'user' && content.length > 0) said.push({ role, content: content.map(inputContent) })
  const wanted = calls.map((call) => ({
    type: 'function_call' as const,
    call_id: call.id,
    name: wireName(call.tool),
    arguments: argumentsText(call),
  }))
  return [...outputs, ...said, ...wanted]
}

function inputContent(part: MessageParts['content'][number]): ResponseInputContent {
  if (part.type === 'text') return { type: 'input_text', text: part.text }
  return { type: 'input_image', detail: 'auto', image_url: `data:${part.mediaType};base64,${part.base64}` }
}
