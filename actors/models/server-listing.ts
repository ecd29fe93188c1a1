import { z } from 'zod'
import type { ListedModel } from './model-provider.ts'

/** A kind of server that is compatible with OpenAI, and has an address of its own for more than that. */
export type ServerKind = 'lmstudio' | 'ollama' | 'vllm'

/** Reads JSON from a path of the server. Throws what the request failed with. */
export type ReadJson = (path: string) => Promise<unknown>

const size = z.number().int().positive().nullish().catch(null)

const STUDIO = z.looseObject({
  models: z.array(
    z.looseObject({
      key: z.string(),
      type: z.string().catch('llm'),
      max_context_length: size,
      loaded_instances: z.array(z.looseObject({ config: z.looseObject({ context_length: size }).nullish() })).catch([]),
      capabilities: z
        .looseObject({ vision: z.boolean().catch(false), trained_for_tool_use: z.boolean().catch(false) })
        .nullish()
        .catch(null),
    }),
  ),
})

const OLLAMA = z.looseObject({ models: z.array(z.looseObject({ name: z.string(), context_length: size })) })

const LIST = z.looseObject({
  data: z.array(
    z.looseObject({
      id: z.string(),
      owned_by: z.string().nullish().catch(null),
      max_model_len: size,
      context_length: size,
      context_window: size,
    }),
  ),
})

const VERSION = z.looseObject({ version: z.string().catch('') })

/** Who owns a model says which server lists it. */
const OWNERS: Readonly<Record<string, string>> = {
  vllm: 'vLLM',
  library: 'Ollama',
  organization_owner: 'LM Studio',
  llamacpp: 'llama.cpp',
  sglang: 'SGLang',
}

/** The models of a server, with as much as its kind tells of them. */
export async function serverModels(kind: ServerKind | undefined, read: ReadJson): Promise<ListedModel[]> {
  if (kind === 'lmstudio') return studioModels(await read('/api/v1/models'))
  if (kind === 'ollama') return ollamaModels(await read('/api/tags'), await read('/api/ps'))
  return told(LIST, await read('/v1/models')).data.map(({ id, max_model_len, context_length, context_window }) => {
    const told = max_model_len ?? context_length ?? context_window ?? null
    return { name: id, ...(told === null ? {} : { contextWindow: told }) }
  })
}

/** Asks a server whether it is well; which one it is, where it tells. */
export async function serverName(kind: ServerKind | undefined, read: ReadJson): Promise<string | null> {
  if (kind === 'ollama') {
    const { version } = told(VERSION, await read('/api/version'))
    return `Ollama ${version}`.trim()
  }
  if (kind === 'lmstudio') {
    await read('/api/v1/models')
    return 'LM Studio'
  }
  if (kind === 'vllm') {
    await read('/health')
    return 'vLLM'
  }
  const { data } = told(LIST, await read('/v1/models'))
  return data.flatMap(({ owned_by }) => OWNERS[owned_by ?? ''] ?? [])[0] ?? null
}

// What is loaded has the window it was loaded with, which can be smaller than what the model could have.
function studioModels(answer: unknown): ListedModel[] {
  return told(STUDIO, answer)
    .models.filter(({ type }) => type !== 'embedding')
    .map(({ key, max_context_length: most, loaded_instances, capabilities }) => {
      const loaded = loaded_instances.flatMap(({ config }) => config?.context_length ?? [])
      const contextWindow = loaded.length > 0 ? Math.min(...loaded) : (most ?? null)
      return {
        name: key,
        contextWindow,
        ...(capabilities
          ? {
              capabilities: {
                tools: capabilities.trained_for_tool_use,
                structuredOutput: true,
                vision: capabilities.vision,
                sampling: true,
              },
            }
          : {}),
      }
    })
}

function ollamaModels(tags: unknown, running: unknown): ListedModel[] {
  const windows = new Map(
    told(OLLAMA, running).models.map(({ name, context_length }) => [name, context_length ?? null]),
  )
  return told(OLLAMA, tags).models.map(({ name }) => {
    const contextWindow = windows.get(name) ?? null
    return { name, ...(contextWindow === null ? {} : { contextWindow }) }
  })
}

function told<T>(schema: z.ZodType<T>, answer: unknown): T {
  const result = schema.safeParse(answer)
  if (result.success) return result.data
  throw new Error('the address answers, but not as such a server does: see that it is the right one')
}
