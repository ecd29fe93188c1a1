import type { FinishReason } from '../../machines/model-chunk.ts'

/** An error as a provider words it. What is left out is as is usual for the status. */
export interface FaultError {
  readonly code?: string
  readonly type?: string
  readonly message?: string
}

/** What a fault server answers to one request for an answer of a model, whichever API it came by. */
export interface FaultAnswer {
  /** An error of this status instead of an answer. */
  readonly status?: number
  readonly error?: FaultError
  /** A body to send as it is, with the status or 200. */
  readonly body?: string
  readonly headers?: Readonly<Record<string, string>>
  /** The header `retry-after`: seconds, or a date. */
  readonly retryAfter?: number | Date
  /** The text, one chunk for each piece. None at all is an empty answer. */
  readonly text?: string | readonly string[]
  readonly reasoning?: string
  readonly toolCalls?: readonly { readonly tool: string; readonly input: unknown; readonly id?: string }[]
  /** The model refuses with these words. */
  readonly refusal?: string
  readonly finish?: FinishReason
  /** As the provider counts: the input is all of it, cached tokens included. Null tells no usage. Default: 10 and 5. */
  readonly usage?: FaultUsage | null
  /** The socket is lost before any header. */
  readonly hangUp?: boolean
  /** Milliseconds before the headers. */
  readonly headerDelay?: number
  /** Milliseconds between the headers and the first chunk. */
  readonly firstDelay?: number
  /** Milliseconds between two chunks. */
  readonly gap?: number
  /** Nothing comes after so many chunks, and the socket stays open. */
  readonly stallAfter?: number
  /** The socket is lost after so many chunks. */
  readonly lostAfter?: number
  /** The stream ends in good order after so many chunks, without its end. */
  readonly cutAfter?: number
  /** What is no JSON comes after so many chunks. */
  readonly garbageAfter?: number
  /** The error is told in the middle of the stream, after so many chunks. */
  readonly errorAfter?: number
}

/** Tokens as a fault server tells them. */
export interface FaultUsage {
  readonly input: number
  readonly output: number
  readonly cacheRead?: number
  readonly cacheWrite?: number
  readonly reasoning?: number
}

/** A piece of a stream as it goes over the wire. Faults count the pieces that are chunks. */
export interface FaultFrame {
  readonly text: string
  readonly isChunk: boolean
}

/** What every API needs to make the frames of an answer. */
export interface FaultReply extends FaultAnswer {
  readonly id: string
  readonly model: string
}

/** The pieces of the text. */
export function piecesOf({ text = [] }: FaultAnswer): readonly string[] {
  return typeof text === 'string' ? [text] : text
}

/** The tokens an answer tells of; null when it tells none. */
export function tokensOfAnswer({ usage }: FaultAnswer): Required<FaultUsage> | null {
  if (usage === null) return null
  return { input: 10, output: 5, cacheRead: 0, cacheWrite: 0, reasoning: 0, ...usage }
}

/** One server-sent event. */
export function sentEvent(data: unknown, event?: string): string {
  return `${event === undefined ? '' : `event: ${event}\n`}data: ${JSON.stringify(data)}\n\n`
}
