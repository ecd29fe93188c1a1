import { expect, it } from 'vitest'
import type { FaultUsage } from '../../../../actors/models/fault-answer.ts'
import { type ModelPrice, priceBook } from '../../../../actors/price-book.ts'
import { endOf } from '../../../support/models/call-end.ts'
import { openHttpBench } from '../../../support/models/http-bench.ts'
import { PROVIDERS } from '../../../support/models/provider-matrix.ts'

const prompt = 'Good morning'
const PRICE = {
  inputPerMillionUsd: 0.25,
  outputPerMillionUsd: 2,
  cacheReadPerMillionUsd: 0.025,
  cacheWritePerMillionUsd: 0.3125,
}

/** What was used, the price, and what that is in billionths of a dollar, reckoned by hand. */
const COSTS: readonly (readonly [string, FaultUsage, ModelPrice, number])[] = [
  ['without a cache', { input: 1_000, output: 200 }, PRICE, 250_000 + 400_000],
  ['read from a cache', { input: 1_000, output: 200, cacheRead: 400 }, PRICE, 600 * 250 + 400 * 25 + 400_000],
  ['all of it cached', { input: 4_096, output: 1, cacheRead: 4_096 }, PRICE, 4_096 * 25 + 2_000],
  [
    'written to a cache',
    { input: 1_000, output: 200, cacheRead: 400, cacheWrite: 100 },
    PRICE,
    500 * 250 + 400 * 25 + 31_250 + 400_000,
  ],
  ['thoughts are output', { input: 10, output: 500, reasoning: 450 }, PRICE, 2_500 + 1_000_000],
  [
    'a part of a nano counts as one',
    { input: 1, output: 0, cacheRead: 1 },
    { ...PRICE, cacheReadPerMillionUsd: 0.0025 },
    3,
  ],
  [
    'a cache without a price is input',
    { input: 100, output: 0, cacheRead: 60 },
    { inputPerMillionUsd: 3, outputPerMillionUsd: 15 },
    300_000,
  ],
  ['nothing at all', { input: 0, output: 0 }, PRICE, 0],
]

for (const [name, make] of PROVIDERS) {
  it.each(COSTS)(`${name}: what was used is paid to the nano, %s`, async (_name, usage, price, expected) => {
    const { name: own, free } = make({ url: 'http://x', baseURL: 'http://x' })
    const model = `${own}/test-model`
    const { client, budget } = await openHttpBench(make, {
      answers: [{ text: 'answer', usage }],
      models: { prices: priceBook(free ? {} : { [model]: price }) },
    })
    const end = await endOf(client.call({ model, prompt }))
    const nano = free ? 0 : expected
    const { input, output, cacheRead = 0, cacheWrite = 0, reasoning = 0 } = usage
    expect(end.usage).toEqual({
      inputTokens: { total: input, cacheRead, cacheWrite },
      outputTokens: { total: output, reasoning },
    })
    expect(end.attempts).toMatchObject([{ estimated: false, costNanoUsd: nano }])
    expect(end.costNanoUsd).toBe(nano)
    const { settled, held, overrun } = await budget.view()
    expect([settled.nanoUsd + overrun.nanoUsd, settled.tokens + overrun.tokens, held.nanoUsd]).toEqual([
      nano,
      input + output,
      0,
    ])
  })

  it(`${name}: a stream that breaks off is settled by what was heard, and the next attempt by what is told`, async () => {
    const { client, budget, drive, model, provider } = await openHttpBench(make, {
      answers: [
        { text: ['12345', '678', 'x'], lostAfter: 2 },
        { text: 'whole', usage: { input: 20, output: 4 } },
      ],
    })
    const { attempts, costNanoUsd, usage } = await drive(endOf(client.call({ model, prompt })))
    expect(attempts).toMatchObject([
      { category: 'network', estimated: true, usage: { outputTokens: { total: 8 } } },
      { category: null, estimated: false },
    ])
    const input = attempts[0]?.usage.inputTokens.total ?? 0
    expect(usage.outputTokens.total).toBe(12)
    expect(costNanoUsd).toBe(provider === 'lab' ? 0 : (input + 16 + 28) * 1_000_000)
    const { settled, held, calls } = await budget.view()
    expect([settled.tokens, settled.nanoUsd, held.tokens, calls.settled]).toEqual([input + 8 + 24, costNanoUsd, 0, 2])
  })

  it(`${name}: an answer that tells no usage is estimated, and says so`, async () => {
    const { client, budget, model } = await openHttpBench(make, { answers: [{ text: '1234567', usage: null }] })
    const { attempts } = await endOf(client.call({ model, prompt }))
    const [attempt] = attempts
    // Anthropic always tells something: a stream without any usage is none of its.
    const isTold = name === 'Anthropic'
    expect([attempt?.estimated, attempt?.usage.outputTokens.total]).toEqual([!isTold, isTold ? 0 : 7])
    expect((await budget.view()).settled.nanoUsd).toBe(attempt?.costNanoUsd)
  })
}

it.each(PROVIDERS)(
  '%s: a request that was lost before the first word is counted; one that reached nobody is not',
  async (_name, make) => {
    const { client, budget, drive, model, server } = await openHttpBench(make, {
      answers: [{ hangUp: true }, { text: ['a'], cutAfter: 0 }],
      models: { retry: { attempts: 1 }, breakers: false },
    })
    for (const count of [1, 2]) {
      const { attempts } = await drive(endOf(client.call({ model, prompt })))
      expect(attempts).toMatchObject([{ category: 'network', estimated: true }])
      expect(attempts[0]?.usage.inputTokens.total).toBeGreaterThanOrEqual(10)
      expect((await budget.view()).calls.settled).toBe(count)
    }
    const { settled } = await budget.view()
    await server.stop()
    const { attempts } = await drive(endOf(client.call({ model, prompt })))
    expect(attempts).toMatchObject([{ category: 'network', estimated: false, costNanoUsd: 0 }])
    expect((await budget.view()).settled).toEqual(settled)
  },
)
