import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { knownPrices } from '../../actors/known-prices.ts'
import { priceBook } from '../../actors/price-book.ts'
import type { ModelUsage } from '../../machines/model-usage.ts'

const usage = (input: number, output: number, cacheRead = 0, cacheWrite = 0): ModelUsage => ({
  inputTokens: { total: input, cacheRead, cacheWrite },
  outputTokens: { total: output, reasoning: 0 },
})

describe('a price book', () => {
  it('counts whole nano-USD, rounded up', () => {
    const cheap = priceBook({ 'x/cheap': { inputPerMillionUsd: 0.25, outputPerMillionUsd: 1.25 } })
    const dear = priceBook({ 'x/dear': { inputPerMillionUsd: 10, outputPerMillionUsd: 30 } })
    expect(cheap.costOf('x/cheap', usage(5_000, 2_000))).toBe(3_750_000)
    expect(dear.costOf('x/dear', usage(5_000, 2_000))).toBe(110_000_000)
    const third = priceBook({ 'x/third': { inputPerMillionUsd: 0.0004, outputPerMillionUsd: 0 } })
    expect(third.costOf('x/third', usage(1, 0))).toBe(1)
  })

  it('takes cached tokens at their own price, and as input where there is none', () => {
    const prices = { inputPerMillionUsd: 2, outputPerMillionUsd: 10 }
    const book = priceBook({
      'x/plain': prices,
      'x/cached': { ...prices, cacheReadPerMillionUsd: 0.2, cacheWritePerMillionUsd: 2.5 },
    })
    expect(book.costOf('x/plain', usage(1_000, 100, 600, 200))).toBe(3_000_000)
    expect(book.costOf('x/cached', usage(1_000, 100, 600, 200))).toBe(400_000 + 120_000 + 500_000 + 1_000_000)
  })

  it('never charges less for more tokens', () => {
    const book = priceBook({
      'x/m': { inputPerMillionUsd: 1.1, outputPerMillionUsd: 3.3, cacheReadPerMillionUsd: 0.07 },
    })
    const count = fc.integer({ min: 0, max: 2_000_000 })
    fc.assert(
      fc.property(count, count, count, (input, output, more) => {
        const cost = book.costOf('x/m', usage(input, output)) ?? -1
        expect(Number.isSafeInteger(cost)).toBe(true)
        expect(book.costOf('x/m', usage(input + more, output))).toBeGreaterThanOrEqual(cost)
      }),
    )
  })

  it('does not know what it was not told', () => {
    const book = priceBook({})
    expect(book.costOf('x/m', usage(1, 1))).toBe(null)
    expect(book.costOf('toString', usage(1, 1))).toBe(null)
  })

  it.each([
    ['no model', { gpt: { inputPerMillionUsd: 1, outputPerMillionUsd: 1 } }],
    ['a field that is missing', { 'x/m': { inputPerMillionUsd: 1 } }],
    ['a field that nobody reads', { 'x/m': { inputPerMillionUsd: 1, outputPerMillionUsd: 1, cachedPerMillionUsd: 1 } }],
    ['a negative price', { 'x/m': { inputPerMillionUsd: -1, outputPerMillionUsd: 1 } }],
    ['a price that is no number', { 'x/m': { inputPerMillionUsd: NaN, outputPerMillionUsd: 1 } }],
  ])('refuses %s', (_, prices) => {
    expect(() => priceBook(prices as never)).toThrow(expect.objectContaining({ code: 'INVALID_MESSAGE' }))
  })
})

describe('the known prices', () => {
  it('have well-known models, by name and by dated name', async () => {
    const book = await knownPrices()
    expect(book.costOf('openai/gpt-5-mini', usage(1_000_000, 1_000_000))).toBe(2_250_000_000)
    expect(book.costOf('openai/gpt-5-mini-2025-08-07', usage(0, 1_000_000))).toBe(2_000_000_000)
    expect(book.costOf('anthropic/claude-sonnet-4-20250514', usage(1_000, 0))).toBe(3_000_000)
    expect(book.contextWindowOf('openai/gpt-4o')).toBe(128_000)
  })

  it('take cached tokens into account', async () => {
    const book = await knownPrices()
    expect(book.costOf('openai/gpt-5', usage(1_000_000, 0, 1_000_000))).toBe(125_000_000)
  })

  it('do not price a model by one whose name begins alike', async () => {
    const book = await knownPrices()
    expect(book.costOf('anthropic/claude-sonnet-5', usage(1, 1))).toBeGreaterThan(0)
    for (const model of [
      'anthropic/claude-sonnet-5-5',
      'openai/gpt-5-mini-tuned',
      'openai/nothing',
      'nobody/gpt-5',
      'gpt-5',
    ])
      expect([model, book.costOf(model, usage(1, 1)), book.contextWindowOf(model)]).toEqual([model, null, null])
  })

  it('stand under prices of one’s own', async () => {
    const book = await knownPrices({ 'openai/gpt-5': { inputPerMillionUsd: 1, outputPerMillionUsd: 1 } })
    expect(book.costOf('openai/gpt-5', usage(1_000_000, 0))).toBe(1_000_000_000)
    expect(book.costOf('openai/gpt-5-mini', usage(1_000_000, 0))).toBe(250_000_000)
  })
})
