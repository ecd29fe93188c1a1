import type OpenAI from 'openai'
import type { ChatCompletionCreateParamsStreaming } from 'openai/resources/chat/completions'
import { answerJson } from './answer-json.ts'
import { type FailureScope, providerFailure } from './provider-failure.ts'

/** What a compatible server can do with a model. */
export interface ServerCapabilities {
  /** How it takes the form of an answer: a JSON schema, any JSON, or words in the prompt. */
  readonly form: 'json_schema' | 'json_object' | 'words'
  /** It tells usage at the end of a stream. */
  readonly streamUsage: boolean
  readonly tools: boolean
  /** It takes an effort of reasoning. */
  readonly effort: boolean
}

type Body = ChatCompletionCreateParamsStreaming

interface Probe {
  readonly form: ServerCapabilities['form']
  readonly streamUsage: boolean
}

interface Answer {
  readonly text: string
  readonly isCut: boolean
  readonly hasUsage: boolean
}

/** From what is best to what every server takes. */
const PROBES: readonly Probe[] = [
  { form: 'json_schema', streamUsage: true },
  { form: 'json_object', streamUsage: true },
  { form: 'words', streamUsage: true },
  { form: 'words', streamUsage: false },
]

const FORMATS = {
  json_schema: {
    type: 'json_schema',
    json_schema: {
      name: 'probe',
      strict: true,
      schema: {
        type: 'object',
        properties: { ready: { type: 'boolean' } },
        required: ['ready'],
        additionalProperties: false,
      },
    },
  },
  json_object: { type: 'json_object' },
} as const

const QUESTION = 'Answer with this JSON and nothing else: {"ready": true}'
const PROBE_TOKENS = 512

/** Asks a server small questions until one is taken, and so finds out what it can do. What is no refusal of the form is thrown. */
export async function probeForms(client: OpenAI, model: string, scope: FailureScope): Promise<Probe> {
  for (const { form, streamUsage } of PROBES) {
    const answer = await ask(client, scope, {
      model,
      stream: true,
      max_tokens: PROBE_TOKENS,
      messages: [{ role: 'user', content: QUESTION }],
      ...(streamUsage ? { stream_options: { include_usage: true } } : {}),
      ...(form === 'words' ? {} : { response_format: FORMATS[form] }),
    })
    // A server can take a form and not keep to it. Of an answer that was cut nobody can tell.
    const keeps = form === 'words' || answer?.isCut || isReady(answer?.text ?? '')
    if (answer && keeps) return { form, streamUsage: answer.hasUsage }
  }
  return { form: 'words', streamUsage: false }
}

/** Whether a server takes tools for a model. */
export async function probeTools(client: OpenAI, model: string, scope: FailureScope): Promise<boolean> {
  const answer = await ask(client, scope, {
    model,
    stream: true,
    max_tokens: 1,
    messages: [{ role: 'user', content: 'Say ready.' }],
    tools: [
      {
        type: 'function',
        function: { name: 'ready', description: 'Says ready.', parameters: { type: 'object', properties: {} } },
      },
    ],
  })
  return answer !== null
}

// Null when the server refuses what it is asked, in whatever way it does.
async function ask(client: OpenAI, scope: FailureScope, body: Body): Promise<Answer | null> {
  try {
    let text = ''
    let isCut = false
    let hasUsage = false
    for await (const { choices, usage } of await client.chat.completions.create(body, {
      signal: scope.signal ?? null,
    })) {
      text += choices?.[0]?.delta?.content ?? ''
      isCut ||= choices?.[0]?.finish_reason === 'length'
      hasUsage ||= Boolean(usage)
    }
    scope.signal?.throwIfAborted()
    return { text, isCut, hasUsage }
  } catch (thrown) {
    const error = providerFailure(thrown, scope)
    const { category, status } = error.data as { readonly category: string; readonly status: number | null }
    if (category === 'validation' || status === 500 || status === 501) return null
    throw error
  }
}

function isReady(text: string): boolean {
  const found = answerJson(text)
  return found.ok && typeof found.value === 'object' && found.value !== null && 'ready' in found.value
}
