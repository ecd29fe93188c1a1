import { z } from 'zod'
import type { ModelChunk } from '../../machines/model-chunk.ts'
import type { ModelRequest } from '../../machines/model-request.ts'
import { attemptStream } from './attempt-stream.ts'
import { chatRequest } from './chat-request.ts'
import { chatStream } from './chat-stream.ts'
import type { ModelProvider, ProviderCall } from './model-provider.ts'
import { openaiClient } from './openai-client.ts'
import { openaiTraits } from './openai-traits.ts'
import { type FailureScope, providerFailure } from './provider-failure.ts'
import { healthOf } from './provider-health.ts'
import { providerKey } from './provider-key.ts'
import { providerOptions } from './provider-options.ts'
import { rateLimits } from './rate-limit-headers.ts'
import { responsesContent, responsesRequest } from './responses-request.ts'
import { responsesStream } from './responses-stream.ts'

/** What makes the provider of OpenAI. */
export interface OpenaiOptions {
  /** The first part of `provider/model`. Default `openai`. */
  readonly name?: string
  /** Default: `OPENAI_API_KEY` of the environment, read with each call. */
  readonly apiKey?: string
  readonly baseURL?: string
  /** Default `responses`. */
  readonly api?: 'responses' | 'chat'
  readonly organization?: string
  readonly fetch?: typeof fetch
  /** What single models take, where the family that their name speaks of does not tell. */
  readonly traits?: Readonly<Record<string, { readonly sampling?: boolean; readonly effort?: boolean }>>
}

const BASE_URL = 'https://api.openai.com/v1'

const OPTIONS = z.strictObject({
  name: z.string().min(1).optional(),
  apiKey: z.string().optional(),
  baseURL: z.url().optional(),
  api: z.enum(['responses', 'chat']).optional(),
  organization: z.string().optional(),
  fetch: z.custom<typeof fetch>((given) => typeof given === 'function', 'give a function').optional(),
  traits: z
    .record(z.string(), z.strictObject({ sampling: z.boolean().optional(), effort: z.boolean().optional() }))
    .optional(),
})

/**
 * The models of OpenAI, by the Responses API or, on request, by Chat Completions. The SDK is loaded with the first call.
 *
 * @example
 * const models = defineModels({ providers: [openai()] })
 */
export function openai(options: OpenaiOptions = {}): ModelProvider {
  providerOptions('openai', OPTIONS, options)
  const { name = 'openai', api = 'responses', baseURL = BASE_URL, organization, fetch } = options
  let made: { readonly key: string; readonly client: ReturnType<typeof openaiClient> } | null = null

  const setup = { baseURL, keyName: options.apiKey === undefined ? 'OPENAI_API_KEY' : 'apiKey of openai()' }
  const keyOf = (): string => providerKey(options.apiKey, 'OPENAI_API_KEY', name)
  const traitsOf = (model: string) => ({ ...openaiTraits(model), ...options.traits?.[model] })

  function clientOf(key: string): ReturnType<typeof openaiClient> {
    if (made?.key !== key) made = { key, client: openaiClient({ apiKey: key, baseURL, organization, fetch }) }
    return made.client
  }

  async function* answer(
    model: string,
    request: ModelRequest,
    { where, signal, key }: FailureScope & { readonly key: string },
  ): AsyncGenerator<ModelChunk> {
    const traits = traitsOf(model)
    const client = await clientOf(key)
    const settings = signal ? { signal } : {}
    if (api === 'responses') {
      const body = responsesRequest(model, request, traits, where)
      const { data, response, request_id } = await client.responses.create(body, settings).withResponse()
      yield* limitsOf(response.headers)
      yield* responsesStream(data, request_id, where)
      return
    }
    const body = chatRequest(
      model,
      request,
      { ...traits, form: 'json_schema', streamUsage: true, bound: 'max_completion_tokens' },
      where,
    )
    const { data, response, request_id } = await client.chat.completions.create(body, settings).withResponse()
    yield* limitsOf(response.headers)
    yield* chatStream(data, model, request_id, where)
  }

  async function listed(signal?: AbortSignal): Promise<string[]> {
    const key = keyOf()
    try {
      const names: string[] = []
      const client = await clientOf(key)
      for await (const { id } of client.models.list(signal ? { signal } : {})) names.push(id)
      return names
    } catch (thrown) {
      throw providerFailure(thrown, { where: name, key, signal, setup })
    }
  }

  return {
    name,
    free: false,
    async *stream(model, request, { signal }: ProviderCall) {
      const scope = { where: `${name}/${model}`, signal, key: keyOf(), setup }
      yield* attemptStream(scope, request, () => answer(model, request, scope))
    },
    async models(signal) {
      return (await listed(signal)).map((id) => ({ name: id }))
    },
    health: (signal) => healthOf('OpenAI', () => listed(signal)),
    async countTokens(model, request, signal) {
      const scope = { where: `${name}/${model}`, signal, key: keyOf(), setup }
      try {
        const client = await clientOf(scope.key)
        const body = responsesContent(model, request, traitsOf(model), scope.where)
        const { input_tokens: count } = await client.responses.inputTokens.count(
          { ...body, input: body.input ?? null } as Parameters<typeof client.responses.inputTokens.count>[0],
          { signal },
        )
        return count
      } catch (thrown) {
        throw providerFailure(thrown, scope)
      }
    },
  }
}

function* limitsOf(headers: Headers): Generator<ModelChunk> {
  const limits = rateLimits(headers)
  if (limits) yield { type: 'limits', limits }
}
