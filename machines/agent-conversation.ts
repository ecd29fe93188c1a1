import type { AgentPrompt } from './agent.contract.ts'
import type { MessagePart, ModelMessage } from './model-request.ts'

/** A message that is kept, with what it weighs. */
export interface KeptMessage {
  readonly message: ModelMessage
  /** An estimate, on the safe side. */
  readonly tokens: number
}

/** What is kept of a conversation. */
export interface Conversation {
  readonly messages: readonly KeptMessage[]
  /** Messages that were let go. */
  readonly dropped: number
}

type ToolResult = Extract<MessagePart, { readonly type: 'tool-result' }>

// Numbers and markup have about three characters for a token, prose more.
const CHARACTERS = 3
const LET_GO = '(this result was let go to keep the conversation short)'

/** Adds messages at the end. */
export function addMessages({ messages, dropped }: Conversation, added: readonly ModelMessage[]): Conversation {
  return { messages: [...messages, ...added.map(keep)], dropped }
}

/** A prompt as messages. */
export function promptMessages(prompt: AgentPrompt): readonly ModelMessage[] {
  return typeof prompt === 'string' ? [{ role: 'user', content: prompt }] : prompt
}

/**
 * The conversation, within a number of tokens. First the oldest exchanges go, each from what a user said to before a user
 * speaks again, never the one under way. If that is too long by itself, the results of its tools go, oldest first, except
 * those of the last turn: the calls stay, so that the model sees what it has done. What is then still too long stays.
 */
export function withinWindow(conversation: Conversation, window: number): Conversation {
  let { messages, dropped } = conversation
  let total = weight(messages)
  while (total > window) {
    const next = messages.findIndex(({ message }, at) => at > 0 && message.role === 'user')
    if (next < 0) break
    total -= weight(messages.slice(0, next))
    dropped += next
    messages = messages.slice(next)
  }
  const last = messages.findLastIndex(({ message }) => message.role === 'tool')
  for (let at = 0; at < last && total > window; at++) {
    const kept = messages[at] as KeptMessage
    if (kept.message.role !== 'tool') continue
    const bare = keep(withoutOutputs(kept.message))
    if (bare.tokens >= kept.tokens) continue
    total += bare.tokens - kept.tokens
    messages = messages.with(at, bare)
  }
  return messages === conversation.messages ? conversation : { messages, dropped }
}

/** A value of a tool as the model gets it: as it is, or the beginning of its JSON when it is too long. */
export function boundedValue(value: unknown, longest: number): unknown {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
  return text.length <= longest ? (value ?? null) : boundedText(text, longest)
}

/** The beginning of a text, saying how much of it there is. */
export function boundedText(text: string, longest: number): string {
  if (text.length <= longest) return text
  // Half of a surrogate pair is no character.
  const end = /[\uD800-\uDBFF]/.test(text.charAt(longest - 1)) ? longest - 1 : longest
  return `${text.slice(0, end)}... (the first ${end} of ${text.length} characters)`
}

function keep(message: ModelMessage): KeptMessage {
  const { content } = message
  const length = typeof content === 'string' ? content.length : JSON.stringify(content).length
  return { message, tokens: Math.ceil(length / CHARACTERS) + 4 }
}

function withoutOutputs(message: ModelMessage): ModelMessage {
  const parts = message.content as readonly MessagePart[]
  return {
    ...message,
    content: parts.map((part) => (part.type === 'tool-result' ? ({ ...part, output: LET_GO } as ToolResult) : part)),
  }
}

function weight(messages: readonly KeptMessage[]): number {
  return messages.reduce((sum, { tokens }) => sum + tokens, 0)
}
