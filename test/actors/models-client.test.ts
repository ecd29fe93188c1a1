import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineModels } from '../../actors/define-models.ts'
import { scripted } from '../../actors/models/scripted.ts'
import { createModels } from '../../actors/models-client.ts'
import { priceBook } from '../../actors/price-book.ts'
import { router } from '../../actors/router.ts'
import { isTroupeError, type TroupeError } from '../../runtime/index.ts'
import { openRuntime } from '../support/runtime/open-runtime.ts'
import { modelBench, perCharacter } from './model-bench.ts'
import { thrownBy } from './thrown-by.ts'

const prompt = 'how much?'
const failure = (outcome: Promise<unknown>): Promise<TroupeError> =>
  outcome.then(
    () => Promise.reject(new Error('it did not fail')),
    (error: unknown) => (isTroupeError(error) ? error : Promise.reject(error as Error)),
  )

describe('models as a client calls them', () => {
  it('estimates what a call costs with each model: 0.00375 and 0.11 dollars for 5 000 tokens in and 2 000 out', async () => {
    const bench = await modelBench(
      {},
      {
        models: [
          { id: 'a/small', tier: 'small' },
          { id: 'b/large', tier: 'large' },
        ],
        prices: priceBook({
          'a/small': { inputPerMillionUsd: 0.25, outputPerMillionUsd: 1.25 },
          'b/large': { inputPerMillionUsd: 10, outputPerMillionUsd: 30 },
        }),
      },
    )
    const estimate = await bench.client.estimate({
      task: 'extraction',
      prompt: 'x'.repeat(5_000),
      maxOutputTokens: 2_000,
    })
    expect(estimate.candidates.map(({ model, costUsd }) => [model, costUsd])).toEqual([
      ['a/small', 0.00375],
      ['b/large', 0.11],
    ])
    expect([...bench.a.calls, ...bench.b.calls]).toEqual([])
  })

  it('without any model says that waiting does not help, so that who calls does without', async () => {
    const { runtime } = await openRuntime()
    const client = createModels(runtime, defineModels({ providers: [] }))
    const error = await failure(client.call({ prompt }))
    expect([error.code, error.lasting, error.retryable]).toEqual(['UNAVAILABLE', true, false])
  })

  it('refuses a model whose price is unknown, and says how to set one; under a ceiling it is charged at that', async () => {
    const { client, a } = await modelBench({}, { prices: priceBook({}) })
    const error = await failure(client.call({ model: 'a/small', prompt }))
    expect(error.hint).toContain('prices')
    expect(error.data).toMatchObject({ refused: [{ model: 'a/small', cause: 'price' }] })
    expect(a.calls).toHaveLength(0)
    const priceCeiling = { inputPerMillionUsd: 3, outputPerMillionUsd: 6 }
    const capped = await modelBench(
      { a: [{ text: 'x', usage: { input: 10, output: 1 } }] },
      { prices: priceBook({}), priceCeiling },
    )
    expect((await capped.client.call({ model: 'a/small', prompt })).costNanoUsd).toBe(36_000)
  })

  it('says which providers there are, when the one that is named is none of them', async () => {
    const { client } = await modelBench({})
    const error = await failure(client.call({ model: 'c/other', prompt }))
    expect([error.code, error.hint]).toEqual(['NOT_FOUND', expect.stringContaining('a, b')])
  })

  it('takes silence for a failure that is paid, and falls back; after the results of tools it is an end', async () => {
    const silent = { text: [' ', ''], usage: { input: 10, output: 1 } }
    const { client } = await modelBench({ a: [silent, silent, silent], b: ['thirty'] })
    const answer = await client.call({ model: ['a/small', 'b/large'], prompt })
    expect(answer.text).toBe('thirty')
    expect(answer.attempts[0]).toMatchObject({ category: 'refusal', costNanoUsd: 12_000_000, estimated: false })
    const error = await failure(client.call({ model: 'a/small', prompt }))
    expect([error.code, (error.data as { code: string }).code]).toEqual(['MODEL_REFUSED', 'answer.empty'])
    const result = { type: 'tool-result', id: 'c-1', tool: 'close', output: 'closed', failed: false } as const
    const messages = [{ role: 'tool', content: [result] }] as const
    expect((await client.call({ model: 'a/small', messages })).text.trim()).toBe('')
  })

  it('passes on what a provider says is to be done', async () => {
    const hint = 'set LAB_API_KEY'
    const { client } = await modelBench({ a: [{ fail: { category: 'authentication', hint } }] })
    expect((await failure(client.call({ model: 'a/small', prompt }))).hint).toBe(hint)
  })

  it.each([
    ['limits alone', { costUsd: 0 }],
    ['null', null],
    ['a number', 5],
    ['a place without its path', { place: { keeper: 'a:b/c' } }],
  ])('is paid by no budget that is %s', async (_, budget) => {
    const { client, runtime, a } = await modelBench({ a: ['thirty'] })
    const where = 'call.budget'
    const refusal = { code: 'INVALID_MESSAGE', where, hint: expect.stringContaining('createBudget') as string }
    await expect(client.call({ prompt, budget: budget as never })).rejects.toMatchObject(refusal)
    const wrong = await thrownBy(() =>
      createModels(runtime, defineModels({ providers: [] }), { budget: budget as never }),
    )
    expect(wrong).toMatchObject({ code: 'INVALID_MESSAGE', where: 'createModels.budget' })
    expect(a.calls).toHaveLength(0)
  })

  it.each([
    ['prompt', { prompt: '' }],
    ['messages', { messages: [] }],
  ])('asks nothing with an empty %s', async (name, options) => {
    const { client } = await modelBench({})
    const error = await failure(client.call(options))
    expect([error.code, error.where]).toEqual(['INVALID_MESSAGE', `call.${name}`])
  })

  it('streams the pieces as they come, and begins anew with another attempt', async () => {
    const { client, clock } = await modelBench({
      a: [
        { text: ['thir', 'ty'], gap: '1s', fail: 'network', failAfter: 1 },
        { text: ['for', 'ty'], gap: '1s' },
      ],
    })
    const stream = client.stream({ model: 'a/small', prompt })
    const pieces: string[] = []
    const reading = (async () => {
      for await (const { type, text } of stream) pieces.push(type === 'text' ? text : type)
    })()
    await clock.advance('10s')
    await reading
    expect(pieces).toEqual(['thir', 'restarted', 'for', 'ty'])
    expect((await stream.result).text).toBe('forty')
  })

  it('cancels a call whose stream nobody reads on', async () => {
    const { client, clock, runtime } = await modelBench({ a: [{ text: ['a', 'b', 'c'], gap: '1s' }] })
    const stream = client.stream({ model: 'a/small', prompt })
    const reading = (async () => {
      for await (const piece of stream) return piece.text
      return null
    })()
    await clock.advance('1ms')
    expect(await reading).toBe('a')
    expect((await failure(stream.result)).code).toBe('CANCELLED')
    await runtime.idle()
    expect(runtime.actors().filter((address) => address.includes('/model-call/'))).toEqual([])
  })

  it('rejects a stream as its call fails', async () => {
    const { client } = await modelBench({ a: [{ fail: 'authentication' }] })
    const stream = client.stream({ model: 'a/small', prompt })
    const reading = (async () => {
      for await (const piece of stream) throw new Error(`it said ${piece.text}`)
    })()
    expect((await failure(reading)).code).toBe('FORBIDDEN')
  })

  it('gives the value that the schema makes, with its transforms', async () => {
    const { client } = await modelBench({ a: [{ json: { day: '2026-11-21' } }] })
    const output = z.object({ day: z.string().transform((text) => new Date(text)) })
    const { object } = await client.call({ model: 'a/small', prompt, output })
    expect(object.day).toEqual(new Date('2026-11-21'))
  })

  it('pays for one repair, and gives up after it', async () => {
    const { client, a } = await modelBench({ a: [{ json: { n: 'x' } }, { json: { n: 'y' } }] })
    const error = await failure(client.call({ model: 'a/small', prompt, output: z.object({ n: z.number() }) }))
    expect(error.data).toMatchObject({ category: 'validation', attempts: [{ category: 'validation' }, {}] })
    expect(a.calls).toHaveLength(2)
    expect(a.calls[1]?.request.messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'user'])
  })

  it('hands on the tools that a model wants called', async () => {
    const tools = [{ name: 'add', description: 'adds', input: { type: 'object' } }]
    const { client } = await modelBench({ a: [{ toolCalls: [{ tool: 'add', input: { a: 1 }, id: 't1' }] }] })
    const answer = await client.call({ model: 'a/small', prompt, tools, output: z.object({ n: z.number() }) })
    expect(answer).toMatchObject({ finish: 'tool-calls', object: null })
    expect(answer.toolCalls).toEqual([{ id: 't1', tool: 'add', input: '{"a":1}' }])
  })

  it('joins calls of one key: one request, one answer', async () => {
    const { client, clock, a } = await modelBench({ a: [{ text: 'once', delay: '1s' }] })
    const both = Promise.all([
      client.call({ model: 'a/small', prompt, key: 'k' }),
      client.call({ model: 'a/small', prompt, key: 'k' }),
    ])
    await clock.advance('2s')
    expect((await both).map(({ text }) => text)).toEqual(['once', 'once'])
    expect(a.calls).toHaveLength(1)
  })

  it('falls back when a filter cut the answer, and pays for both', async () => {
    const { client } = await modelBench({
      a: [{ text: 'x', finish: 'content-filter', usage: { input: 9, output: 1 } }],
      b: [{ text: 'y', usage: { input: 9, output: 1 } }],
    })
    const answer = await client.call({ model: ['a/small', 'b/large'], prompt })
    expect(answer.attempts.map(({ category }) => category)).toEqual(['content_filter', null])
    expect(answer.costNanoUsd).toBe(11_000_000 + 110_000_000)
  })

  it.each([
    [{}, 'call.prompt'],
    [{ prompt, messages: [] }, 'call.prompt'],
    [{ prompt, modle: 'a/small' }, 'call.modle'],
    [{ prompt, deadlines: { first: '1s' } }, 'call.deadlines.first'],
    [{ prompt, deadlines: { gap: 'soon' } }, 'call.deadlines.gap'],
  ])('refuses %j, and names what is wrong', async (options, where) => {
    const { client } = await modelBench({})
    const error = await failure(client.call(options as never))
    expect([error.code, error.where]).toEqual(['INVALID_MESSAGE', where])
  })
})

describe('the router', () => {
  it('says which models would be tried and why, and asks none of them', async () => {
    const provider = scripted({ name: 'a', answers: [] })
    const models = defineModels({
      providers: [provider],
      models: [
        { id: 'a/big', tier: 'large' },
        { id: 'a/little', tier: 'small', contextWindow: 100 },
      ],
      tokens: perCharacter,
      outputTokens: 50,
    })
    const { runtime } = await openRuntime()
    const ref = await runtime.spawn(router(models), { key: 'router' })
    const ask = (text: string) =>
      ref.ask({ type: 'router.choose', task: 'extraction', request: { messages: [{ role: 'user', content: text }] } })
    expect((await ask('short')).candidates.map(({ model }) => model)).toEqual(['a/little', 'a/big'])
    const { candidates, refused } = await ask('x'.repeat(200))
    expect(candidates.map(({ model }) => model)).toEqual(['a/big'])
    expect(refused).toMatchObject([{ model: 'a/little', cause: 'context' }])
    expect(provider.calls).toEqual([])
  })
})
