import type { ModelUsage } from '../machines/model-usage.ts'
import type { NanoUsd } from '../machines/nano-usd.ts'

/** What models cost. An unknown price is null, never 0. */
export interface PriceBook {
  /** What the tokens cost; null when the price of the model (`provider/model`) is unknown. */
  costOf(model: string, usage: ModelUsage): NanoUsd | null
}
