import { expect, it } from 'vitest'
import { scripted } from '../../../actors/models/scripted.ts'
import { FAILURE_RULES, failureCategory } from '../../../machines/model-failure.ts'
import { callModel, PLAIN } from '../../support/models/provider-matrix.ts'
import { openRuntime } from '../../support/runtime/open-runtime.ts'
import { thrownBy } from '../thrown-by.ts'

it('answers in its order, and refuses a call beyond the script', async () => {
  const provider = scripted({ answers: ['one', { text: ['t', 'wo'] }] })
  expect((await callModel(provider)).text).toBe('one')
  expect(provider.left).toBe(1)
  expect((await callModel(provider)).text).toBe('two')
  const { failure, error } = await callModel(provider)
  expect(failure).toMatchObject({ category: 'unknown', code: 'script.over' })
  expect(error?.message).toContain('2 answers')
  expect(provider.left).toBe(0)
})

it('makes answers of requests, and keeps what it was asked', async () => {
  const provider = scripted({ answers: ({ index, request }) => `${index}: ${request.messages.length}` })
  expect((await callModel(provider)).text).toBe('0: 1')
  expect((await callModel(provider)).text).toBe('1: 1')
  expect(provider.calls.map(({ model, idempotencyKey }) => [model, idempotencyKey])).toEqual([
    ['test-model', 'k-1'],
    ['test-model', 'k-1'],
  ])
  expect(provider.calls[0]?.request).toBe(PLAIN)
})

it('tells values, tools, thoughts and usage', async () => {
  const provider = scripted({
    answers: [
      { json: { fair: true }, usage: { input: 10, output: 4 } },
      { reasoning: 'hm', toolCalls: [{ tool: 'weather', input: { town: 'Bern' } }] },
    ],
  })
  const first = await callModel(provider)
  expect(JSON.parse(first.text)).toEqual({ fair: true })
  expect(first.usage?.inputTokens.total).toBe(10)
  expect(await callModel(provider)).toMatchObject({
    reasoning: 'hm',
    tools: [{ tool: 'weather', input: '{"town":"Bern"}' }],
    finish: { reason: 'tool-calls' },
  })
})

it.each(failureCategory.options)('fails by the category %s, with its code', async (category) => {
  const { code, failure } = await callModel(scripted({ answers: [{ fail: category }] }))
  expect(code).toBe(FAILURE_RULES[category].code)
  expect(failure?.category).toBe(category)
})

it('fails after some chunks, with what the failure is to carry', async () => {
  const fail = { category: 'rate_limit', retryAfter: 2_000, status: 429 } as const
  const provider = scripted({
    answers: [
      { text: ['a', 'b'], fail, failAfter: 1 },
      { text: 'a', fail, failAfter: 99 },
    ],
  })
  expect(await callModel(provider)).toMatchObject({ text: 'a', failure: fail })
  expect(await callModel(provider)).toMatchObject({ text: 'a', finish: null, failure: fail })
})

it('takes its time by the clock it was given', async () => {
  const { runtime, clock } = await openRuntime()
  const provider = scripted({ answers: [{ text: ['a', 'b'], delay: '10s', gap: '5s' }], clock: runtime.clock })
  const seen: string[] = []
  const read = (async () => {
    const call = { signal: new AbortController().signal, idempotencyKey: 'k' }
    for await (const chunk of provider.stream('m', PLAIN, call)) if (chunk.type === 'text') seen.push(chunk.text)
  })()
  await clock.advance('9s')
  expect(seen).toEqual([])
  await clock.advance('1s')
  expect(seen).toEqual(['a'])
  await clock.advance('5s')
  expect(seen).toEqual(['a', 'b'])
  await clock.advance('1m')
  await read
})

it('an abort ends a stall', async () => {
  const provider = scripted({ answers: [{ text: 'a', stallAfter: 1 }] })
  const caller = new AbortController()
  const outcome = callModel(provider, PLAIN, caller.signal)
  await new Promise((resolve) => setImmediate(resolve))
  caller.abort()
  expect(await outcome).toMatchObject({ text: 'a', code: 'CANCELLED' })
})

it('a stall after more chunks than there are comes before the end', async () => {
  const caller = new AbortController()
  const outcome = callModel(scripted({ answers: [{ text: 'a', stallAfter: 9 }] }), PLAIN, caller.signal)
  await new Promise((resolve) => setImmediate(resolve))
  caller.abort()
  expect(await outcome).toMatchObject({ text: 'a', finish: null, code: 'CANCELLED' })
})

it('refuses options that it does not know', () => {
  expect(() => scripted({ answer: ['x'] } as never)).toThrow('answer')
  expect(() => scripted({ answers: 'x' } as never)).toThrow('give a list of answers')
})

it.each([
  ['a field that it does not know', { txt: 'one' }, 'scripted.answers.1'],
  ['a failure that there is not', { fail: 'rate_limits' }, 'scripted.answers.1'],
  ['a failure without its category', { fail: { status: 429 } }, 'scripted.answers.1'],
  ['a tool call that is misspelt', { toolCalls: [{ name: 'sum', input: {} }] }, 'scripted.answers.1'],
  ['a number', 5, 'scripted.answers.1'],
])('refuses an answer with %s, where the script is given or made', async (_, answer, where) => {
  const given = await thrownBy(() => scripted({ answers: ['one', answer as never] }))
  expect(given).toMatchObject({ code: 'INVALID_MESSAGE', where, hint: expect.stringContaining('failAfter') as string })
  const { failure, error } = await callModel(scripted({ answers: () => answer as never }))
  expect([error?.code, error?.where]).toEqual(['INVALID_MESSAGE', 'scripted.answers(0)'])
  expect(failure).toBe(null)
})
