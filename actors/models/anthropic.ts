import type { Anthropic } from '@anthropic-ai/sdk'
import { z } from 'zod'
import type { ModelChunk } from '../../machines/model-chunk.ts'
import type { CallFailure } from '../../machines/model-failure.ts'
import type { ModelRequest } from '../../machines/model-request.ts'
import { type AnthropicTraits, anthropicContent, anthropicRequest } from './anthropic-request.ts'
import { anthropicStream } from './anthropic-stream.ts'
import { attemptStream } from './attempt-stream.ts'
import type { ListedModel, ModelProvider } from './model-provider.ts'
import { type FailureScope, providerFailure } from './provider-failure.ts'
import { healthOf } from './provider-health.ts'
import { providerKey } from './provider-key.ts'
import { providerOptions } from './provider-options.ts'
import { rateLimits } from './rate-limit-headers.ts'

/** What makes the provider of Anthropic. */
export interface AnthropicOptions {
  /** The first part of `provider/model`. Default `anthropic`. */
  readonly name?: string
  /** Default: `ANTHROPIC_API_KEY` of the environment, read with each call. */
  readonly apiKey?: string
  readonly baseURL?: string
  readonly fetch?: typeof fetch
}

const BASE_URL = 'https://api.anthropic.com'

/** As long as a timer can be: deadlines are the caller's. */
const NO_TIMEOUT = 2_147_483_647

/** What is taken for true of a model as long as `models()` has not told. The API demands a bound of the output. */
const UNTOLD: AnthropicTraits = { maxOutput: 8_192, effort: true, structuredOutput: true }

const OPTIONS = z.strictObject({
  name: z.string().min(1).optional(),
  apiKey: z.string().optional(),
  baseURL: z.url().optional(),
  fetch: z.custom<typeof fetch>((given) => typeof given === 'function', 'give a function').optional(),
})

type ListedInfo = Anthropic.ModelInfo

/**
 * The models of Anthropic, by the Messages API. The SDK is loaded with the first call.
 *
 * @example
 * const models = defineModels({ providers: [anthropic()] })
 */
export function anthropic(options: AnthropicOptions = {}): ModelProvider {
  providerOptions('anthropic', OPTIONS, options)
  const { name = 'anthropic', baseURL = BASE_URL, fetch } = options
  const traits = new Map<string, AnthropicTraits>()
  let made: { readonly key: string; readonly client: Promise<Anthropic> } | null = null

  const setup = { baseURL, keyName: options.apiKey === undefined ? 'ANTHROPIC_API_KEY' : 'apiKey of anthropic()' }
  const keyOf = (): string => providerKey(options.apiKey, 'ANTHROPIC_API_KEY', name)
  const traitsOf = (model: string): AnthropicTraits => traits.get(model) ?? UNTOLD

  function clientOf(key: string): Promise<Anthropic> {
    if (made?.key !== key) made = { key, client: anthropicClient(key, baseURL, fetch) }
    return made.client
  }

  async function* answer(
    model: string,
    request: ModelRequest,
    { where, signal, key }: FailureScope & { readonly key: string },
  ): AsyncGenerator<ModelChunk> {
    const client = await clientOf(key)
    // Not every model takes an effort, and one that does not refuses the request.
    if (request.effort !== undefined && !traits.has(model)) await learn(client, model, signal)
    const body = anthropicRequest(model, request, traitsOf(model), where)
    const { data, response, request_id } = await client.messages.create(body, signal ? { signal } : {}).withResponse()
    const limits = rateLimits(response.headers)
    if (limits) yield { type: 'limits', limits }
    yield* anthropicStream(data, model, request_id ?? null, where)
  }

  // A gateway may have no such path: then the model is taken to be as most are.
  async function learn(client: Anthropic, model: string, signal: AbortSignal | undefined): Promise<void> {
    try {
      traits.set(model, traitsTold(await client.models.retrieve(model, {}, signal ? { signal } : {})))
    } catch (thrown) {
      const { status } = providerFailure(thrown, { where: name, key: null, signal }).data as CallFailure
      if (status === null) throw thrown
      traits.set(model, UNTOLD)
    }
  }

  async function listed(signal?: AbortSignal): Promise<ListedModel[]> {
    const key = keyOf()
    try {
      const client = await clientOf(key)
      const found: ListedModel[] = []
      for await (const model of client.models.list({}, signal ? { signal } : {})) {
        if (model.lifecycle === 'retired') continue
        traits.set(model.id, traitsTold(model))
        found.push(listedModel(model))
      }
      return found
    } catch (thrown) {
      throw providerFailure(thrown, { where: name, key, signal, setup })
    }
  }

  return {
    name,
    free: false,
    async *stream(model, request, { signal }) {
      const scope = { where: `${name}/${model}`, signal, key: keyOf(), setup }
      yield* attemptStream(scope, request, () => answer(model, request, scope))
    },
    models: listed,
    health: (signal) => healthOf('Anthropic', () => listed(signal)),
    async countTokens(model, request, signal) {
      const scope = { where: `${name}/${model}`, signal, key: keyOf(), setup }
      try {
        const client = await clientOf(scope.key)
        const body = anthropicContent(model, request, traitsOf(model), scope.where)
        const { input_tokens: count } = await client.messages.countTokens(body, { signal })
        return count
      } catch (thrown) {
        throw providerFailure(thrown, scope)
      }
    },
  }
}

// All that the SDK would otherwise find in the environment or a profile is given; it tries once and logs nothing.
async function anthropicClient(apiKey: string, baseURL: string, fetch: AnthropicOptions['fetch']): Promise<Anthropic> {
  const { Anthropic: Client } = await import('@anthropic-ai/sdk')
  return new Client({
    apiKey,
    authToken: null,
    webhookKey: null,
    baseURL,
    maxRetries: 0,
    timeout: NO_TIMEOUT,
    logLevel: 'off',
    openTelemetry: false,
    ...(fetch ? { fetch } : {}),
  })
}

function traitsTold({ max_tokens, capabilities }: ListedInfo): AnthropicTraits {
  return {
    maxOutput: max_tokens ?? UNTOLD.maxOutput,
    effort: capabilities?.effort?.supported ?? UNTOLD.effort,
    structuredOutput: capabilities?.structured_outputs?.supported ?? UNTOLD.structuredOutput,
  }
}

function listedModel({ id, max_input_tokens, max_tokens, capabilities }: ListedInfo): ListedModel {
  return {
    name: id,
    contextWindow: max_input_tokens,
    maxOutput: max_tokens,
    ...(capabilities
      ? {
          capabilities: {
            tools: true,
            structuredOutput: capabilities.structured_outputs.supported,
            vision: capabilities.image_input.supported,
            sampling: false,
          },
        }
      : {}),
  }
}
