import type { ModelUsage } from '../machines/model-usage.ts'
import { type NanoUsd, nanoUsd } from '../machines/nano-usd.ts'
import { TroupeError } from '../runtime/protocol/errors.ts'

/** What models cost. An unknown price is null, never 0. */
export interface PriceBook {
  /**
   * What the tokens cost, in whole nano-USD, rounded up; null when the price of the model (`provider/model`) is unknown. Some
   * prices depend on the time of day: `at`, in milliseconds since 1970, default now.
   */
  costOf(model: string, usage: ModelUsage, at?: number): NanoUsd | null
  /** Tokens of input and output together; null when unknown. */
  contextWindowOf(model: string): number | null
}

/** The price of one model, in US dollars per million tokens. */
export interface ModelPrice {
  readonly inputPerMillionUsd: number
  readonly outputPerMillionUsd: number
  /** Default: as input. */
  readonly cacheReadPerMillionUsd?: number
  /** Default: as input. */
  readonly cacheWritePerMillionUsd?: number
}

/** Prices by `provider/model`. */
export type ModelPrices = Readonly<Record<string, ModelPrice>>

const MILLION = 1_000_000
const FIELDS = ['inputPerMillionUsd', 'outputPerMillionUsd', 'cacheReadPerMillionUsd', 'cacheWritePerMillionUsd']

/**
 * A price book of the prices given, and of no others. Throws INVALID_MESSAGE, naming the model, for what is no price.
 *
 * @example
 * priceBook({ 'openai/gpt-5-mini': { inputPerMillionUsd: 0.25, outputPerMillionUsd: 2 } })
 */
export function priceBook(prices: ModelPrices): PriceBook {
  for (const [model, price] of Object.entries(prices)) checkPrice(model, price)
  return {
    costOf(model, usage) {
      const price = Object.hasOwn(prices, model) ? prices[model] : undefined
      return price ? costAt(price, usage) : null
    },
    contextWindowOf: () => null,
  }
}

/** What the tokens cost at a price, in whole nano-USD, rounded up. */
function costAt(price: ModelPrice, { inputTokens, outputTokens }: ModelUsage): NanoUsd {
  const { inputPerMillionUsd: input, outputPerMillionUsd: output } = price
  const { total, cacheRead, cacheWrite } = inputTokens
  const plain = Math.max(0, total - cacheRead - cacheWrite)
  const read = cacheRead * (price.cacheReadPerMillionUsd ?? input)
  const written = cacheWrite * (price.cacheWritePerMillionUsd ?? input)
  return nanoUsd((plain * input + read + written + outputTokens.total * output) / MILLION)
}

function checkPrice(model: string, price: unknown): void {
  if (!/^[^/\s]+\/\S+$/.test(model)) {
    throw new TroupeError('INVALID_MESSAGE', `'${model}' names no model`, {
      where: 'prices',
      hint: "write 'provider/model', as in 'openai/gpt-5-mini'",
    })
  }
  const fields = Object.entries(typeof price === 'object' && price !== null ? price : {})
  const isPrice = fields.every(([name, value]) => FIELDS.includes(name) && Number.isFinite(value) && value >= 0)
  if (isPrice && FIELDS.slice(0, 2).every((name) => fields.some(([field]) => field === name))) return
  throw new TroupeError('INVALID_MESSAGE', `the price of '${model}' is none`, {
    where: `prices.${model}`,
    hint: `give numbers from 0 in US dollars: ${FIELDS.join(', ')}; the first two are needed`,
  })
}
