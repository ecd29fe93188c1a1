import { afterEach, expect, it, vi } from 'vitest'
import { anthropic } from '../../../actors/models/anthropic.ts'
import { compatible } from '../../../actors/models/compatible.ts'
import { openai } from '../../../actors/models/openai.ts'
import { openFaultServer } from '../../support/models/open-fault-server.ts'
import { callModel, PROVIDERS, SECRET } from '../../support/models/provider-matrix.ts'

afterEach(() => vi.unstubAllEnvs())

it.each([
  ['OPENAI_API_KEY', () => openai()],
  ['ANTHROPIC_API_KEY', () => anthropic()],
] as const)('without a key the failure names %s, and no request is made', async (variable, make) => {
  vi.stubEnv(variable, '')
  const provider = make()
  const { code, failure, error } = await callModel(provider)
  expect(code).toBe('FORBIDDEN')
  expect(failure?.category).toBe('authentication')
  expect(error?.message).toContain(variable)
  expect(error?.hint).toContain(variable)
  await expect(provider.models()).rejects.toThrow(variable)
  expect(await provider.health()).toMatchObject({ healthy: false, reason: expect.stringContaining(variable) })
})

it.each([
  ['OPENAI_API_KEY', () => openai({ apiKey: '' })],
  ['ANTHROPIC_API_KEY', () => anthropic({ apiKey: ' ' })],
] as const)('an empty key is said to be empty, whatever %s holds', async (variable, make) => {
  vi.stubEnv(variable, 'key-of-monday')
  const { error, failure } = await callModel(make())
  expect(failure).toMatchObject({ category: 'authentication', code: 'key.missing' })
  expect(error?.message).toContain('apiKey that was given is empty')
  expect(error?.hint).toContain(`leave apiKey out: then ${variable} is read`)
})

it('a key of the environment is used, and read with each call', async () => {
  const server = await openFaultServer({ answers: () => ({ text: 'x' }) })
  const provider = openai({ baseURL: server.baseURL })
  for (const key of ['key-of-monday', 'key-of-tuesday']) {
    vi.stubEnv('OPENAI_API_KEY', key)
    expect((await callModel(provider)).error).toBeNull()
    expect(server.requests.at(-1)?.headers.authorization).toBe(`Bearer ${key}`)
  }
})

for (const [name, make] of PROVIDERS) {
  it(`${name}: a key that the provider repeats is in no error`, async () => {
    const message = `Incorrect API key provided: ${SECRET} (and sk-proj-other_key-123456)`
    const server = await openFaultServer({ answers: [{ status: 401, error: { message, code: SECRET } }] })
    const { error, failure } = await callModel(make(server))
    expect(failure?.category).toBe('authentication')
    const shown = `${JSON.stringify(error)} ${error?.stack} ${String(error?.cause)}`
    expect(shown).not.toContain(SECRET)
    expect(shown).not.toContain('sk-proj-other')
  })
}

it('a server of your own sees nothing of what the environment holds for OpenAI', async () => {
  vi.stubEnv('OPENAI_API_KEY', 'sk-of-openai')
  vi.stubEnv('OPENAI_ADMIN_KEY', 'sk-of-admin')
  vi.stubEnv('OPENAI_ORG_ID', 'org-secret')
  vi.stubEnv('OPENAI_PROJECT_ID', 'proj-secret')
  vi.stubEnv('OPENAI_BASE_URL', 'http://127.0.0.1:9/v1')
  const server = await openFaultServer({ answers: () => ({ text: 'x' }) })
  const capabilities = { form: 'words', streamUsage: false, tools: false } as const
  expect((await callModel(compatible({ name: 'lab', baseURL: server.baseURL, capabilities }))).text).toBe('x')
  const shown = JSON.stringify(server.requests.map(({ headers }) => headers))
  for (const secret of ['sk-of-openai', 'sk-of-admin', 'org-secret', 'proj-secret']) expect(shown).not.toContain(secret)
})

it('nothing is written to the console, whatever the environment asks the SDKs for', async () => {
  vi.stubEnv('OPENAI_LOG', 'debug')
  vi.stubEnv('ANTHROPIC_LOG', 'debug')
  const spies = (['log', 'info', 'warn', 'error', 'debug'] as const).map((name) => vi.spyOn(console, name))
  for (const [, make] of PROVIDERS) {
    const server = await openFaultServer({ answers: [{ text: ['a', 'b'], garbageAfter: 1 }, { status: 500 }] })
    const provider = make(server)
    await callModel(provider)
    await callModel(provider)
  }
  for (const spy of spies) expect(spy).not.toHaveBeenCalled()
  vi.restoreAllMocks()
})
