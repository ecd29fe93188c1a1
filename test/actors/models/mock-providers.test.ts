import { LLMock } from '@copilotkit/aimock'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { z } from 'zod'
import { structuredOutput } from '../../../actors/models/structured-output.ts'
import { callModel, PROVIDERS } from '../../support/models/provider-matrix.ts'

// The fault server is ours, and so could have our misunderstandings: this one is somebody else's.
const mock = new LLMock({ port: 0, logLevel: 'silent' })
const VERDICT = structuredOutput(z.object({ fair: z.boolean(), note: z.string().optional() }), 'verdict')

beforeAll(async () => {
  mock.onMessage('hello', {
    content: 'Hello to you, whoever you are.',
    usage: { prompt_tokens: 11, completion_tokens: 7 },
  })
  mock.onMessage('judge', { content: '{"fair":true,"note":null}' })
  mock.onMessage('limited', { error: { message: 'slow down', type: 'rate_limit_error' }, status: 429, retryAfter: 3 })
  mock.onMessage('crowded', { error: { message: 'Overloaded', type: 'overloaded_error' }, status: 529 })
  mock.onToolResult('call_1', { content: 'It rains.' })
  mock.onMessage('weather', { toolCalls: [{ name: 'weather', arguments: '{"town":"Bern"}', id: 'call_1' }] })
  await mock.start()
})

afterAll(() => mock.stop())

const TOOLS = [
  { name: 'weather', description: 'The weather.', input: { type: 'object', properties: { town: { type: 'string' } } } },
]
const says = (content: string) => ({ messages: [{ role: 'user' as const, content }] })

for (const [name, make] of PROVIDERS) {
  const model = () => make({ url: mock.url, baseURL: `${mock.url}/v1` })

  it(`${name}: a mock of somebody else is understood`, async () => {
    const { text, finish, error, usage } = await callModel(model(), says('hello'))
    expect(error).toBeNull()
    expect(text).toBe('Hello to you, whoever you are.')
    expect(finish?.reason).toBe('stop')
    expect(usage?.outputTokens.total).toBeGreaterThan(0)
  })

  it(`${name}: a mocked answer with a form is read`, async () => {
    const { text } = await callModel(model(), { ...says('judge'), output: VERDICT })
    expect(await VERDICT.check(text)).toEqual({ ok: true, value: { fair: true } })
  })

  it(`${name}: a mocked limit says how long to wait, a mocked overload is the server's`, async () => {
    expect((await callModel(model(), says('limited'))).failure).toMatchObject({
      category: 'rate_limit',
      retryAfter: 3_000,
    })
    expect((await callModel(model(), says('crowded'))).failure?.category).toBe('server_error')
  })

  it(`${name}: a mocked tool is called and its result read`, async () => {
    const asked = { ...says('weather'), tools: TOOLS }
    const first = await callModel(model(), asked)
    expect(first.tools).toEqual([{ id: 'call_1', tool: 'weather', input: '{"town":"Bern"}' }])
    expect(first.finish?.reason).toBe('tool-calls')
    const call = { type: 'tool-call', id: 'call_1', tool: 'weather', input: { town: 'Bern' } } as const
    const result = { type: 'tool-result', id: 'call_1', tool: 'weather', output: 'rain', failed: false } as const
    const second = await callModel(model(), {
      ...asked,
      messages: [...asked.messages, { role: 'assistant', content: [call] }, { role: 'tool', content: [result] }],
    })
    expect(second.text).toBe('It rains.')
  })
}
