import { LLMock } from '@copilotkit/aimock'
import { afterEach, expect, it } from 'vitest'
import { z } from 'zod'
import { endOf } from '../../../support/models/call-end.ts'
import { openHttpBench } from '../../../support/models/http-bench.ts'
import { PROVIDERS } from '../../../support/models/provider-matrix.ts'

// The fault server is ours, and so could have our misunderstandings: this one is somebody else's.
const open: LLMock[] = []

afterEach(async () => {
  for (const mock of open.splice(0)) await mock.stop()
})

async function openMock(teach: (mock: LLMock) => void): Promise<LLMock> {
  const mock = new LLMock({ port: 0, logLevel: 'silent' })
  teach(mock)
  await mock.start()
  open.push(mock)
  return mock
}

const usage = { prompt_tokens: 20, completion_tokens: 4 }
const LIMITED = { error: { message: 'slow down', type: 'rate_limit_error' }, status: 429, retryAfter: 3 }
const CROWDED = { error: { message: 'Overloaded', type: 'overloaded_error' }, status: 529 }

for (const [name, make] of PROVIDERS) {
  it(`${name}: a mock that limits, then is overloaded, then answers: each delay, each category, and the cost`, async () => {
    const mock = await openMock((llm) => {
      llm.on({ userMessage: 'hello', sequenceIndex: 0 }, LIMITED)
      llm.on({ userMessage: 'hello', sequenceIndex: 1 }, CROWDED)
      llm.on({ userMessage: 'hello', sequenceIndex: 2 }, { content: 'Hello to you.', usage })
    })
    const through = () => make({ url: mock.url, baseURL: `${mock.url}/v1` })
    const { client, drive, model, budget, provider, breakerOf } = await openHttpBench(through)
    const end = await drive(endOf(client.call({ model, prompt: 'hello' })))
    expect(end.text).toBe('Hello to you.')
    expect(end.attempts.map(({ category, delay }) => [category, delay])).toEqual([
      ['rate_limit', 0],
      ['server_error', 3_000],
      [null, 1_000],
    ])
    expect((await breakerOf(provider)).failures).toBe(1)
    const { settled, held } = await budget.view()
    expect([settled.nanoUsd, held.tokens]).toEqual([end.costNanoUsd, 0])
    expect(end.costNanoUsd > 0).toBe(provider !== 'lab')
    expect(mock.getRequests()).toHaveLength(3)
  })

  it(`${name}: a mock that answers in the wrong form is asked to repair it`, async () => {
    const mock = await openMock((llm) => {
      llm.on({ sequenceIndex: 0 }, { content: '{"fair":"perhaps"}', usage })
      llm.on({ sequenceIndex: 1 }, { content: '{"fair":true}', usage })
    })
    const { client, drive, model } = await openHttpBench(() => make({ url: mock.url, baseURL: `${mock.url}/v1` }))
    const answer = await drive(client.call({ model, prompt: 'judge', output: z.object({ fair: z.boolean() }) }))
    expect(answer.object).toEqual({ fair: true })
    expect(answer.attempts.map(({ category }) => category)).toEqual(['validation', null])
  })

  it(`${name}: a mock that refuses the key ends the call at once`, async () => {
    const mock = await openMock((llm) => {
      llm.onMessage('hello', { error: { message: 'bad key', type: 'authentication_error' }, status: 401 })
    })
    const { client, drive, model, backup, budget } = await openHttpBench(() =>
      make({ url: mock.url, baseURL: `${mock.url}/v1` }),
    )
    const end = await drive(endOf(client.call({ model: [model, 'backup/test-model'], prompt: 'hello' })))
    expect(end).toMatchObject({ code: 'FORBIDDEN', attempts: [{ category: 'authentication' }], costNanoUsd: 0 })
    expect(end.hint).toContain('key')
    expect(backup.requests).toHaveLength(0)
    expect((await budget.view()).held.tokens).toBe(0)
  })
}
