import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { isTroupeError, type TroupeError } from '../../runtime/index.ts'
import { modelBench } from './model-bench.ts'

const prompt = 'how much?'

describe('a model call', () => {
  it('answers with the text, the model, the usage and the cost to the nano', async () => {
    const { client } = await modelBench({ a: [{ text: ['for', 'ty'], usage: { input: 9, output: 3 } }] })
    const answer = await client.call({ model: 'a/small', prompt })
    expect(answer).toMatchObject({ status: 'succeeded', model: 'a/small', text: 'forty', finish: 'stop' })
    expect(answer.costNanoUsd).toBe(9_000_000 + 6_000_000)
    expect(answer.costUsd).toBe(0.015)
    expect(answer.usage.inputTokens.total).toBe(9)
    expect(answer.attempts).toMatchObject([{ model: 'a/small', category: null, delay: 0, estimated: false }])
    expect(answer.unsettled).toBeNull()
  })
  it('tries a model again after a while, then the next, all under one key', async () => {
    const { client, clock, a, b } = await modelBench({
      a: [{ fail: 'server_error' }, { fail: 'timeout' }, { fail: 'network' }],
      b: ['forty'],
    })
    const calling = client.call({ model: ['a/small', 'b/large'], prompt })
    await clock.advance('10s')
    const answer = await calling
    expect(answer.model).toBe('b/large')
    expect(answer.attempts.map(({ model, category, delay }) => [model, category, delay])).toEqual([
      ['a/small', 'server_error', 0],
      ['a/small', 'timeout', 1_000],
      ['a/small', 'network', 2_000],
      ['b/large', null, 0],
    ])
    expect([a.calls.length, b.calls.length]).toEqual([3, 1])
    expect(new Set([...a.calls, ...b.calls].map(({ idempotencyKey }) => idempotencyKey)).size).toBe(1)
  })
  it('asks once more for an answer that has not the form, and says what was wrong', async () => {
    const { client } = await modelBench({ a: [{ json: { total: 'x' } }, { json: { total: 4 } }] })
    const answer = await client.call({ model: 'a/small', prompt, output: z.object({ total: z.number() }) })
    expect(answer.object.total).toBe(4)
    expect(answer.attempts).toMatchObject([{ category: 'validation' }, { category: null }])
  })
  it('reaches who follows it piece by piece', async () => {
    const { client } = await modelBench({ a: [{ text: ['for', 'ty'] }] })
    const stream = client.stream({ model: 'a/small', prompt })
    let text = ''
    for await (const piece of stream) text += piece.text
    expect(text).toBe('forty')
    expect((await stream.result).text).toBe('forty')
  })
  it('fails with the code of its last attempt, and lists them all', async () => {
    const { client } = await modelBench({ a: [{ fail: 'authentication' }] })
    const error = await client.call({ model: 'a/small', prompt }).catch((e: unknown) => e)
    expect(isTroupeError(error, 'FORBIDDEN')).toBe(true)
    expect((error as TroupeError).data).toMatchObject({ category: 'authentication', attempts: [{ model: 'a/small' }] })
  })
})
