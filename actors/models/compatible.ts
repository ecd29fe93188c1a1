import { z } from 'zod'
import type { ModelChunk } from '../../machines/model-chunk.ts'
import type { ModelRequest } from '../../machines/model-request.ts'
import { attemptStream } from './attempt-stream.ts'
import { chatRequest } from './chat-request.ts'
import { chatStream } from './chat-stream.ts'
import { failedCall } from './failed-call.ts'
import type { ModelProvider } from './model-provider.ts'
import { openaiClient } from './openai-client.ts'
import { type FailureScope, providerFailure } from './provider-failure.ts'
import { healthOf } from './provider-health.ts'
import { keyVariable } from './provider-key.ts'
import { providerOptions } from './provider-options.ts'
import { rateLimits } from './rate-limit-headers.ts'
import { probeForms, probeTools, type ServerCapabilities } from './server-capabilities.ts'
import { type ServerKind, serverModels, serverName } from './server-listing.ts'
import { sharedProbe } from './shared-probe.ts'

/** What makes the provider of a server that is compatible with OpenAI. */
export interface CompatibleOptions {
  /** The first part of `provider/model`. */
  readonly name: string
  /** With its `/v1`. */
  readonly baseURL: string
  readonly apiKey?: string
  /** What the server is, where it is one that tells more than OpenAI does. */
  readonly server?: ServerKind
  /** What it can do. What is left out is found out with the first call to each model. */
  readonly capabilities?: Partial<ServerCapabilities>
  /** Default true: tokens cost nothing, unless `prices` says what they cost. */
  readonly free?: boolean
  readonly fetch?: typeof fetch
}

/** The SDK demands a key; servers without one take any. */
const NO_KEY = 'none'

const OPTIONS = z.strictObject({
  name: z.string().min(1),
  baseURL: z.url(),
  apiKey: z.string().min(1).optional(),
  server: z.enum(['lmstudio', 'ollama', 'vllm']).optional(),
  capabilities: z
    .strictObject({
      form: z.enum(['json_schema', 'json_object', 'words']).optional(),
      streamUsage: z.boolean().optional(),
      tools: z.boolean().optional(),
      effort: z.boolean().optional(),
    })
    .optional(),
  free: z.boolean().optional(),
  fetch: z.custom<typeof fetch>((given) => typeof given === 'function', 'give a function').optional(),
})

/**
 * The models of a server that speaks Chat Completions. What it can do with a model is asked once, with small questions,
 * unless it is said here.
 *
 * @example
 * const models = defineModels({ providers: [compatible({ name: 'lab', baseURL: 'http://lab:8080/v1' })] })
 */
export function compatible(options: CompatibleOptions): ModelProvider {
  const maker = options?.server ?? 'compatible'
  providerOptions(maker, OPTIONS, options)
  const { name, baseURL, apiKey, server, capabilities: told = {}, free = true, fetch: ask = fetch } = options
  const key = apiKey ?? null
  const setup = {
    baseURL,
    keyName: `apiKey of ${maker}()${server ? '' : `, or ${keyVariable(name)} for a command line`}`,
  }
  const root = baseURL.replace(/\/v1\/?$/, '')
  const forms = sharedProbe<Pick<ServerCapabilities, 'form' | 'streamUsage'>>()
  const tools = sharedProbe<boolean>()
  let made: ReturnType<typeof openaiClient> | null = null

  function client(): ReturnType<typeof openaiClient> {
    made ??= openaiClient({ apiKey: key ?? NO_KEY, baseURL, fetch: options.fetch })
    return made
  }

  async function capabilitiesOf(
    model: string,
    request: ModelRequest,
    scope: FailureScope & { readonly signal: AbortSignal },
  ): Promise<ServerCapabilities> {
    const { form, streamUsage, effort = false } = told
    const found =
      form !== undefined && streamUsage !== undefined
        ? { form, streamUsage }
        : await forms(model, scope, async () => probeForms(await client(), model, scope))
    const needsTools = (request.tools ?? []).length > 0
    const takesTools =
      told.tools ?? (!needsTools || (await tools(model, scope, async () => probeTools(await client(), model, scope))))
    return { form: form ?? found.form, streamUsage: streamUsage ?? found.streamUsage, tools: takesTools, effort }
  }

  async function* answer(
    model: string,
    request: ModelRequest,
    scope: FailureScope & { readonly signal: AbortSignal },
  ): AsyncGenerator<ModelChunk> {
    const { where, signal } = scope
    const capable = await capabilitiesOf(model, request, scope)
    if (!capable.tools && (request.tools ?? []).length > 0) {
      throw failedCall('validation', `${where}: the server takes no tools for this model`, {
        where,
        code: 'tools.unknown',
        hint: 'take a model that calls tools, or ask without them',
      })
    }
    const body = chatRequest(model, request, { ...capable, sampling: true, bound: 'max_tokens' }, where)
    const sdk = await client()
    const { data, response, request_id } = await sdk.chat.completions.create(body, { signal }).withResponse()
    const limits = rateLimits(response.headers)
    if (limits) yield { type: 'limits', limits }
    yield* chatStream(data, model, request_id, where)
  }

  async function read(path: string, signal?: AbortSignal): Promise<unknown> {
    const address = path.startsWith('/v1/') ? `${baseURL.replace(/\/$/, '')}${path.slice(3)}` : `${root}${path}`
    try {
      const headers = key === null ? {} : { authorization: `Bearer ${key}` }
      const response = await ask(address, { headers, ...(signal ? { signal } : {}) })
      const text = await response.text()
      if (response.ok) return text === '' ? null : (JSON.parse(text) as unknown)
      throw Object.assign(new Error(`${address} answered ${response.status}: ${text.slice(0, 200)}`), {
        status: response.status,
        headers: response.headers,
      })
    } catch (thrown) {
      throw providerFailure(thrown, { where: name, key, signal, setup })
    }
  }

  return {
    name,
    free,
    async *stream(model, request, { signal }) {
      const scope = { where: `${name}/${model}`, signal, key, setup }
      yield* attemptStream(scope, request, () => answer(model, request, scope))
    },
    async models(signal) {
      try {
        return await serverModels(server, (path) => read(path, signal))
      } catch (thrown) {
        throw providerFailure(thrown, { where: name, key, signal, setup })
      }
    },
    async health(signal) {
      let found: string | null = null
      const health = await healthOf(name, async () => {
        found = await serverName(server, (path) => read(path, signal))
      })
      return { ...health, server: found }
    },
  }
}
