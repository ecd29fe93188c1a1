import { expect, it } from 'vitest'
import { compatible } from '../../../actors/models/compatible.ts'
import type { FaultAnswer } from '../../../actors/models/fault-answer.ts'
import type { FaultRequest } from '../../../actors/models/fault-request.ts'
import { lmstudio, ollama, vllm } from '../../../actors/models/local-servers.ts'
import type { ModelRequest } from '../../../machines/model-request.ts'
import { openFaultServer } from '../../support/models/open-fault-server.ts'
import { callModel, PLAIN } from '../../support/models/provider-matrix.ts'

const FORM = { type: 'object', properties: { n: { type: 'number' } }, required: ['n'] }
const WITH_FORM: ModelRequest = { ...PLAIN, output: { name: 'count', schema: FORM } }
const TOOL = { name: 'now', description: 'The time.', input: { type: 'object', properties: {} } }

/** A server that takes only some forms, and answers its probes as a good one does. */
function limited(takes: readonly string[], takesUsage = true, takesTools = true) {
  return ({ body }: FaultRequest): FaultAnswer => {
    const form = (body?.response_format as { type: string } | undefined)?.type ?? 'words'
    if (!takes.includes(form)) return { status: 400, error: { message: `response_format ${form} is unknown` } }
    if (!takesUsage && body?.stream_options) return { status: 400, error: { message: 'unknown field stream_options' } }
    if (!takesTools && body?.tools) return { status: 400, error: { message: 'does not support tools' } }
    return { text: '{"ready": true, "n": 1}' }
  }
}

it.each([
  ['json_schema', ['json_schema', 'json_object', 'words']],
  ['json_object', ['json_object', 'words']],
  [undefined, ['words']],
] as const)('what a server takes of forms is found out once: %s', async (expected, takes) => {
  const server = await openFaultServer({ answers: limited(takes) })
  const provider = compatible({ name: 'lab', baseURL: server.baseURL })
  expect((await callModel(provider, WITH_FORM)).error).toBeNull()
  const probes = server.requests.length - 1
  const body = server.requests.at(-1)?.body
  expect((body?.response_format as { type: string } | undefined)?.type).toBe(expected)
  expect(JSON.stringify(body).includes('JSON schema')).toBe(expected !== 'json_schema')
  await Promise.all([callModel(provider, WITH_FORM), callModel(provider)])
  expect(server.requests).toHaveLength(probes + 3)
})

it('a server that takes a form and does not keep to it is asked in words', async () => {
  const server = await openFaultServer({ answers: () => ({ text: 'I am ready.' }) })
  const provider = compatible({ name: 'lab', baseURL: server.baseURL })
  await callModel(provider, WITH_FORM)
  expect(server.requests.at(-1)?.body?.response_format).toBeUndefined()
})

it('a thinker whose probe was cut is taken at its word', async () => {
  const server = await openFaultServer({ answers: () => ({ reasoning: 'hm', finish: 'length' }) })
  await callModel(compatible({ name: 'lab', baseURL: server.baseURL }), WITH_FORM)
  expect(server.requests).toHaveLength(2)
})

it('callers at the same time share one probe, and one that is cancelled does not spoil it', async () => {
  const server = await openFaultServer({ answers: limited(['json_schema', 'words']) })
  const provider = compatible({ name: 'lab', baseURL: server.baseURL })
  const caller = new AbortController()
  const calls = [callModel(provider, PLAIN, caller.signal), callModel(provider), callModel(provider)]
  caller.abort()
  const [first, ...others] = await Promise.all(calls)
  expect(first?.code).toBe('CANCELLED')
  expect(others.map(({ error }) => error)).toEqual([null, null])
  expect(others.map(({ text }) => text)).toEqual(['{"ready": true, "n": 1}', '{"ready": true, "n": 1}'])
})

it('a server that refuses to tell usage is not asked for it', async () => {
  const server = await openFaultServer({ answers: limited(['words'], false) })
  const outcome = await callModel(compatible({ name: 'lab', baseURL: server.baseURL }))
  expect(outcome).toMatchObject({ error: null, usage: null })
  expect(server.requests.at(-1)?.body?.stream_options).toBeUndefined()
})

it('a server without tools is told from one that fails', async () => {
  const server = await openFaultServer({ answers: limited(['json_schema', 'words'], true, false) })
  const { failure } = await callModel(compatible({ name: 'lab', baseURL: server.baseURL }), { ...PLAIN, tools: [TOOL] })
  expect(failure).toMatchObject({ category: 'validation', code: 'tools.unknown' })
})

it('a probe that fails is not taken for an answer', async () => {
  const answers: FaultAnswer[] = [{ status: 503 }, { text: '{"ready": true}' }, { text: 'hello' }]
  const server = await openFaultServer({ answers })
  const provider = compatible({ name: 'lab', baseURL: server.baseURL })
  expect((await callModel(provider)).failure?.category).toBe('server_error')
  expect((await callModel(provider)).text).toBe('hello')
})

it('what is said of a server is not asked', async () => {
  const server = await openFaultServer({ answers: [{ text: 'hello' }] })
  const provider = lmstudio({ baseURL: server.baseURL })
  expect(provider).toMatchObject({ name: 'lmstudio', free: true })
  expect((await callModel(provider, { ...WITH_FORM, tools: [TOOL] })).text).toBe('hello')
  expect(server.requests).toHaveLength(1)
})

it('LM Studio lists models with the window they were loaded with', async () => {
  const studio = {
    models: [
      {
        key: 'qwen/qwen3-4b',
        type: 'llm',
        max_context_length: 262_144,
        loaded_instances: [{ id: 'a', config: { context_length: 8_192 } }],
        capabilities: { vision: false, trained_for_tool_use: true },
      },
      { key: 'gemma', type: 'llm', max_context_length: 131_072, loaded_instances: [] },
      { key: 'embedder', type: 'embedding', max_context_length: 2_048, loaded_instances: [] },
    ],
  }
  const server = await openFaultServer({ paths: { '/api/v1/models': studio } })
  const provider = lmstudio({ baseURL: server.baseURL })
  expect(await provider.models()).toEqual([
    {
      name: 'qwen/qwen3-4b',
      contextWindow: 8_192,
      capabilities: { tools: true, structuredOutput: true, vision: false, sampling: true },
    },
    { name: 'gemma', contextWindow: 131_072 },
  ])
  expect(await provider.health()).toEqual({ healthy: true, server: 'LM Studio', reason: null })
})

it('Ollama lists its models, and the windows of those that run', async () => {
  const server = await openFaultServer({
    paths: {
      '/api/tags': { models: [{ name: 'llama3:8b' }, { name: 'phi' }] },
      '/api/ps': { models: [{ name: 'llama3:8b', context_length: 4_096 }] },
      '/api/version': { version: '0.14.1' },
    },
  })
  const provider = ollama({ baseURL: server.baseURL })
  expect(await provider.models()).toEqual([{ name: 'llama3:8b', contextWindow: 4_096 }, { name: 'phi' }])
  expect(await provider.health()).toEqual({ healthy: true, server: 'Ollama 0.14.1', reason: null })
})

it('vLLM is well when it says so, and not when it does not', async () => {
  const list = { object: 'list', data: [{ id: 'big', owned_by: 'vllm', max_model_len: 32_768 }] }
  const server = await openFaultServer({ paths: { '/health': {}, '/v1/models': list } })
  const provider = vllm({ baseURL: server.baseURL })
  expect(await provider.models()).toEqual([{ name: 'big', contextWindow: 32_768 }])
  expect((await provider.health()).server).toBe('vLLM')
  expect((await compatible({ name: 'lab', baseURL: server.baseURL }).health()).server).toBe('vLLM')
  const ill = await openFaultServer({ paths: { '/health': 503 } })
  const health = await vllm({ baseURL: ill.baseURL }).health()
  expect(health).toMatchObject({ healthy: false, server: null, reason: expect.stringContaining('503') })
})

it('an address that is something else says so', async () => {
  const server = await openFaultServer({ paths: { '/v1/models': { hello: 'world' } } })
  const provider = compatible({ name: 'lab', baseURL: server.baseURL })
  await expect(provider.models()).rejects.toThrow('not as such a server does')
})
