import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineModels } from '../../actors/define-models.ts'
import { defineModelCall } from '../../actors/model-call.ts'
import { scripted } from '../../actors/models/scripted.ts'
import { createModels } from '../../actors/models-client.ts'
import { gatedJournal } from '../support/runtime/gated-journal.ts'
import { openRuntime } from '../support/runtime/open-runtime.ts'
import { modelBench, perCharacter, prices } from './model-bench.ts'

const key = 'receipt-7'
const first = { model: 'a/small', prompt: 'how much?' }
const conflict = { code: 'CONFLICT', message: expect.stringContaining(key) as string }

describe('the key of a model call', () => {
  it.each([
    ['another prompt', { model: 'a/small', prompt: 'how many?' }],
    ['another model', { model: 'b/large', prompt: 'how much?' }],
    ['another form of answer', { ...first, output: z.object({ total: z.number() }) }],
    ['other instructions', { ...first, instructions: 'Count.' }],
    ['another payload', { ...first, payload: 7 }],
  ])('is not lent to a call with %s, which neither hears nor cancels the first', async (_, other) => {
    const { client, clock, a, b } = await modelBench({ a: [{ text: 'thirty', delay: '1s' }], b: ['fifty'] })
    const call = client.call({ ...first, key })
    await expect(client.call({ ...other, key, signal: AbortSignal.timeout(60_000) })).rejects.toMatchObject(conflict)
    const pieces: string[] = []
    const stream = client.stream({ ...other, key })
    await expect(
      (async () => {
        for await (const { text } of stream) pieces.push(text)
      })(),
    ).rejects.toMatchObject(conflict)
    await clock.advance('1s')
    expect((await call).text).toBe('thirty')
    expect([a.calls.length, b.calls.length, pieces.length]).toEqual([1, 0, 0])
  })

  it('is shared by those who ask the same, however they limit it', async () => {
    const { client, clock, a } = await modelBench({ a: [{ text: 'thirty', delay: '1s' }] })
    const calls = [client.call({ ...first, key }), client.call({ ...first, key, deadlines: { total: '5m' } })]
    await clock.advance('1s')
    expect((await Promise.all(calls)).map(({ text }) => text)).toEqual(['thirty', 'thirty'])
    expect(a.calls).toHaveLength(1)
  })

  it('stands for its payload, where the request varies, and for whatever is asked, where that is null', async () => {
    const { client, clock, a } = await modelBench({ a: [{ text: 'thirty', delay: '1s' }] })
    const other = { ...first, prompt: 'how many, at 12:31?' }
    const calls = [
      client.call({ ...first, key, payload: { receipt: 7 } }),
      client.call({ ...other, key, payload: { receipt: 7 } }),
      client.call({ ...other, key, payload: null }),
    ]
    await clock.advance('1s')
    expect((await Promise.all(calls)).map(({ text }) => text)).toEqual(['thirty', 'thirty', 'thirty'])
    expect(a.calls).toHaveLength(1)
  })

  it('of a durable call that has ended gives its answer to the same request alone, in another process as well', async () => {
    const journal = gatedJournal()
    for (const life of [1, 2]) {
      const provider = scripted({ name: 'a', free: false, answers: life === 1 ? ['thirty'] : [] })
      const models = defineModels({ providers: [provider], prices, tokens: perCharacter, durability: 'durable' })
      const { runtime } = await openRuntime({ journal, actors: [defineModelCall(models)] })
      const client = createModels(runtime, models)
      expect((await client.call({ ...first, key })).text).toBe('thirty')
      await expect(client.call({ ...first, prompt: 'how many?', key })).rejects.toMatchObject(conflict)
      expect((await client.call({ ...first, key })).text).toBe('thirty')
      await runtime.stop()
    }
  })
})
