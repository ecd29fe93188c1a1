import type { MessagePart, ModelMessage } from '../../machines/model-request.ts'
import { failedCall } from './failed-call.ts'
import { quotedData } from './quoted-data.ts'

type ToolCall = Extract<MessagePart, { type: 'tool-call' }>
type ToolResult = Extract<MessagePart, { type: 'tool-result' }>

/** A message taken apart, its data quoted. */
export interface MessageParts {
  readonly role: 'user' | 'assistant'
  readonly results: readonly ToolResult[]
  readonly calls: readonly ToolCall[]
  /** Texts and images in their order. */
  readonly content: readonly (
    | { readonly type: 'text'; readonly text: string }
    | Extract<MessagePart, { type: 'image' }>
  )[]
}

/** The messages taken apart. Throws a failure of `validation` for what no model takes. */
export function messageParts(messages: readonly ModelMessage[], where: string): MessageParts[] {
  return messages.map((message, at) => {
    const parts: readonly MessagePart[] =
      typeof message.content === 'string' ? [{ type: 'text', text: message.content }] : message.content
    const role = message.role === 'assistant' ? 'assistant' : 'user'
    const results = parts.filter((part) => part.type === 'tool-result')
    const calls = parts.filter((part) => part.type === 'tool-call')
    const misplaced = role === 'user' ? calls[0] : (results[0] ?? parts.find(({ type }) => type === 'image'))
    if (misplaced) {
      throw failedCall(
        'validation',
        `messages.${at}: a ${misplaced.type} cannot come from the role '${message.role}'`,
        {
          where,
          hint: "tool calls come from 'assistant', tool results from 'tool', images from 'user'",
        },
      )
    }
    const content = parts.flatMap((part): MessageParts['content'][number][] => {
      if (part.type === 'image') return [part]
      const text = part.type === 'data' ? quotedData(part) : part.type === 'text' ? part.text : ''
      // Providers refuse empty texts.
      return text === '' ? [] : [{ type: 'text', text }]
    })
    return { role, results, calls, content }
  })
}

/** The texts of a message as one; null when there is none. */
export function joinedText({ content }: MessageParts): string | null {
  const texts = content.flatMap((part) => (part.type === 'text' ? [part.text] : []))
  return texts.length === 0 ? null : texts.join('\n\n')
}

/** The arguments of a tool call as JSON text. A text that is JSON already is taken as it is. */
export function argumentsText(call: ToolCall): string {
  const { input } = call
  return typeof input === 'string' && objectOf(input) !== null ? input : JSON.stringify(argumentsObject(call))
}

/** The arguments of a tool call as an object; what a model wrote that is none stands under `input`. */
export function argumentsObject({ input }: ToolCall): Readonly<Record<string, unknown>> {
  return objectOf(input) ?? { input }
}

/** What a tool gave, as text. */
export function outputText({ output, failed }: ToolResult): string {
  const text = typeof output === 'string' ? output : (JSON.stringify(output) ?? '')
  return failed ? `The tool failed: ${text}` : text
}

function objectOf(input: unknown): Readonly<Record<string, unknown>> | null {
  if (typeof input === 'object' && input !== null && !Array.isArray(input)) return input as Record<string, unknown>
  if (typeof input !== 'string') return null
  try {
    const value = JSON.parse(input) as unknown
    return typeof value === 'string' ? null : objectOf(value)
  } catch {
    return null
  }
}
