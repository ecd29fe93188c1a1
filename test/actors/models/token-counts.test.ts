import { expect, it } from 'vitest'
import { usageOfCounts } from '../../../actors/models/token-counts.ts'
import { priceBook } from '../../../actors/price-book.ts'

it('whatever a server claims to have used is an amount that can be charged', () => {
  const book = priceBook({ 'own/model': { inputPerMillionUsd: 600, outputPerMillionUsd: 600 } })
  for (const claimed of [1e12, 2 ** 53, 1e300, Number.MAX_VALUE]) {
    const usage = usageOfCounts({ input: claimed, cacheRead: claimed, output: claimed, reasoning: claimed })
    expect(Number.isSafeInteger(book.costOf('own/model', usage))).toBe(true)
  }
})

it('what is no count is none', () => {
  for (const claimed of [Number.NaN, Number.POSITIVE_INFINITY, -1, null, undefined, '7' as unknown as number]) {
    expect(usageOfCounts({ input: claimed, output: claimed }).inputTokens.total).toBe(0)
  }
})
