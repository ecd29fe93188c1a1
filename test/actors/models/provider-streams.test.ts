import { expect, it } from 'vitest'
import type { ModelRequest } from '../../../machines/model-request.ts'
import { openFaultServer } from '../../support/models/open-fault-server.ts'
import { callModel, PLAIN, PROVIDERS } from '../../support/models/provider-matrix.ts'

const WEATHER = {
  name: 'weather',
  description: 'The weather of a town.',
  input: { type: 'object', properties: { town: { type: 'string' } }, required: ['town'] },
}

for (const [provider, make] of PROVIDERS) {
  it(`${provider}: an answer comes as it was given, with what was thought, and how it ended`, async () => {
    const server = await openFaultServer({ answers: [{ text: ['Good ', 'morning', '.'], reasoning: 'be polite' }] })
    const outcome = await callModel(make(server))
    expect(outcome).toMatchObject({ text: 'Good morning.', reasoning: 'be polite', tools: [], error: null })
    expect(outcome.finish).toEqual({ reason: 'stop', model: 'test-model', requestId: 'req_fault' })
  })

  it(`${provider}: usage is exact, cached and reasoning tokens included in the totals`, async () => {
    const usage = { input: 1_000, output: 300, cacheRead: 600, cacheWrite: 100, reasoning: 250 }
    const server = await openFaultServer({ answers: [{ text: 'x', usage }] })
    expect((await callModel(make(server))).usage).toEqual({
      inputTokens: { total: 1_000, cacheRead: 600, cacheWrite: 100 },
      outputTokens: { total: 300, reasoning: 250 },
    })
  })

  it(`${provider}: an empty answer is an end, not a failure`, async () => {
    const server = await openFaultServer({ answers: [{}] })
    expect(await callModel(make(server))).toMatchObject({ text: '', error: null, finish: { reason: 'stop' } })
  })

  it(`${provider}: an answer that was cut says so`, async () => {
    const server = await openFaultServer({ answers: [{ text: 'and so', finish: 'length' }] })
    expect(await callModel(make(server))).toMatchObject({ text: 'and so', finish: { reason: 'length' } })
  })

  it(`${provider}: a refusal is told after what it cost`, async () => {
    const server = await openFaultServer({ answers: [{ refusal: 'I will not', usage: { input: 9, output: 3 } }] })
    const { failure, usage, error } = await callModel(make(server))
    expect(failure?.category).toBe('refusal')
    expect(error?.message).toContain('I will not')
    expect(usage?.inputTokens.total).toBe(9)
    expect(usage?.outputTokens.total).toBe(3)
  })

  it(`${provider}: tools go out, calls come back whole, results go out again`, async () => {
    const toolCalls = [
      { tool: 'weather', input: { town: 'Bern' }, id: 'call_a' },
      { tool: 'weather', input: { town: 'Genève "sud"' }, id: 'call_b' },
    ]
    const server = await openFaultServer({ answers: [{ text: 'Let me see.', toolCalls }, { text: 'Rain.' }] })
    const model = make(server)
    const request: ModelRequest = { ...PLAIN, tools: [WEATHER], toolChoice: 'auto' }
    const first = await callModel(model, request)
    expect(first.finish?.reason).toBe('tool-calls')
    expect(first.tools.map(({ id, tool, input }) => [id, tool, JSON.parse(input)])).toEqual([
      ['call_a', 'weather', { town: 'Bern' }],
      ['call_b', 'weather', { town: 'Genève "sud"' }],
    ])
    const second = await callModel(model, {
      ...request,
      messages: [
        ...request.messages,
        {
          role: 'assistant',
          content: [
            { type: 'text', text: first.text },
            ...first.tools.map(({ id, tool, input }) => ({ type: 'tool-call' as const, id, tool, input })),
          ],
        },
        {
          role: 'tool',
          content: first.tools.map(({ id, tool }, at) => ({
            type: 'tool-result' as const,
            id,
            tool,
            output: at === 0 ? { sky: 'grey' } : 'no such town',
            failed: at === 1,
          })),
        },
      ],
    })
    expect(second.text).toBe('Rain.')
    const sent = JSON.stringify(server.requests[1]?.body)
    for (const part of ['call_a', 'call_b', 'Bern', 'sky', 'no such town']) expect(sent).toContain(part)
  })

  it(`${provider}: the limits that headers tell come first`, async () => {
    const headers = {
      'x-ratelimit-limit-requests': '60',
      'x-ratelimit-remaining-requests': '59',
      'x-ratelimit-reset-requests': '1s',
      'x-ratelimit-remaining-tokens': '149984',
      'x-ratelimit-reset-tokens': '6m0s',
    }
    const server = await openFaultServer({ answers: [{ text: 'x', headers }] })
    expect((await callModel(make(server))).limits).toEqual({
      requests: { limit: 60, remaining: 59, resetIn: 1_000 },
      tokens: { remaining: 149_984, resetIn: 360_000 },
    })
  })

  it(`${provider}: a call that is cancelled closes its socket`, async () => {
    const server = await openFaultServer({ answers: [{ text: ['a', 'b'], stallAfter: 1 }] })
    const caller = new AbortController()
    const chunks = make(server).stream('test-model', PLAIN, { signal: caller.signal, idempotencyKey: 'k' })
    const read = async () => {
      for await (const chunk of chunks) if (chunk.type === 'text') caller.abort()
    }
    await expect(read()).rejects.toMatchObject({ code: 'CANCELLED', data: { category: 'cancelled' } })
    expect(await server.requests[0]?.ended).toBe(true)
  })

  it(`${provider}: a reader who stops early closes the socket`, async () => {
    const server = await openFaultServer({ answers: [{ text: ['a', 'b'], stallAfter: 1 }] })
    const signal = new AbortController().signal
    for await (const chunk of make(server).stream('test-model', PLAIN, { signal, idempotencyKey: 'k' })) {
      if (chunk.type === 'text') break
    }
    expect(await server.requests[0]?.ended).toBe(true)
  })

  it(`${provider}: a call that was cancelled before it began asks nobody`, async () => {
    const server = await openFaultServer({ answers: [{ text: 'a' }] })
    expect((await callModel(make(server), PLAIN, AbortSignal.abort())).code).toBe('CANCELLED')
    expect(server.requests).toHaveLength(0)
  })
}

it.each(PROVIDERS)('%s: a socket serves one call after the other', async (_name, make) => {
  const server = await openFaultServer({ answers: () => ({ text: ['a', 'b'] }) })
  const provider = make(server)
  for (let call = 0; call < 5; call++) expect((await callModel(provider)).text).toBe('ab')
  expect(server.requests.map(({ closedByClient }) => closedByClient)).toEqual([false, false, false, false, false])
  expect(server.sockets).toBeLessThan(5)
})

it.each(PROVIDERS)('%s: a tool keeps its own name, whatever names the provider takes', async (_name, make) => {
  const own = 'sheet.total@1.2'
  const server = await openFaultServer({ answers: [{ toolCalls: [{ tool: 'sheet_total_1_2', input: {} }] }, {}] })
  const provider = make(server)
  const request: ModelRequest = { ...PLAIN, tools: [{ ...WEATHER, name: own }] }
  const { tools, error } = await callModel(provider, request)
  expect(error).toBeNull()
  expect(tools.map(({ tool }) => tool)).toEqual([own])
  const twins = { ...PLAIN, tools: [WEATHER, { ...WEATHER, name: 'a.b' }, { ...WEATHER, name: 'a_b' }] }
  expect((await callModel(provider, twins)).error?.message).toContain("'a.b' and 'a_b'")
  expect(server.requests).toHaveLength(1)
})
