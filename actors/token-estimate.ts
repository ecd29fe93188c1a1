import type { MessagePart, ModelRequest } from '../machines/model-request.ts'

/** Guesses the tokens of a request before it is sent, and learns from what was really used. */
export interface TokenEstimator {
  /** Input tokens of the request for the model (`provider/model`). */
  estimate(model: string, request: ModelRequest): Promise<number>
  /** Tells what an estimate came to. */
  learn(model: string, estimated: number, actual: number): void
}

// What messages and tools cost beside their text, as providers wrap them.
const MESSAGE = 4
const TOOL = 12
// A picture of common size; providers differ from 85 to 1 600.
const IMAGE = 1_200
// The tokeniser is quadratic in what it cannot split: long runs without a space are cut.
const SLICE = 16_384
const WEIGHT = 0.3
// The request may quote what looks like a control token; it is text.
const PLAIN = { disallowedSpecial: new Set<string>() }
const MODELS = 1_000

/**
 * An estimate by a real tokeniser (o200k), which is loaded when first needed. Models count differently: what was really used
 * corrects the estimates of that model, by a moving average held within a third and three times.
 */
export function createTokenEstimator(): TokenEstimator {
  const corrections = new Map<string, number>()
  let tokeniser: typeof import('gpt-tokenizer/encoding/o200k_base') | undefined
  return {
    async estimate(model, request) {
      tokeniser ??= await import('gpt-tokenizer/encoding/o200k_base')
      const { countTokens } = tokeniser
      let count = 0
      for (const text of textsOf(request)) {
        for (let at = 0; at < text.length; at += SLICE) {
          count += countTokens(text.slice(at, at + SLICE), PLAIN)
        }
      }
      count += request.messages.length * MESSAGE + (request.tools?.length ?? 0) * TOOL + countImages(request) * IMAGE
      return Math.ceil(count * (corrections.get(model) ?? 1))
    },
    learn(model, estimated, actual) {
      if (!(estimated > 0) || !(actual > 0)) return
      const former = corrections.get(model) ?? 1
      // The estimate already has the former correction in it.
      const next = former * (1 - WEIGHT) + former * (actual / estimated) * WEIGHT
      if (corrections.size >= MODELS && !corrections.has(model)) return
      corrections.set(model, Math.min(3, Math.max(1 / 3, next)))
    },
  }
}

function* textsOf({ instructions, messages, tools, output }: ModelRequest): Generator<string> {
  if (instructions !== undefined) yield instructions
  for (const { content } of messages) {
    if (typeof content === 'string') yield content
    else for (const part of content) yield textOf(part)
  }
  for (const tool of tools ?? []) yield `${tool.name} ${tool.description} ${JSON.stringify(tool.input)}`
  if (output) yield JSON.stringify(output.schema)
}

function textOf(part: MessagePart): string {
  switch (part.type) {
    case 'text':
      return part.text
    case 'data':
      return `${part.source} ${part.text}`
    case 'image':
      return ''
    case 'tool-call':
      return `${part.tool} ${JSON.stringify(part.input)}`
    case 'tool-result':
      return typeof part.output === 'string' ? part.output : (JSON.stringify(part.output) ?? '')
  }
}

function countImages({ messages }: ModelRequest): number {
  let count = 0
  for (const { content } of messages) {
    if (typeof content === 'string') continue
    for (const part of content) if (part.type === 'image') count += 1
  }
  return count
}
