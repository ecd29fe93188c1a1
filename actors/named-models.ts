import type { ModelTier } from '../machines/model-info.ts'
import { NO_USAGE } from '../machines/model-usage.ts'
import type { ActorDurability } from '../runtime/kernel/definition.ts'
import { TroupeError } from '../runtime/protocol/errors.ts'
import { defineModels, type Models } from './define-models.ts'
import { knownPrices } from './known-prices.ts'
import { assertProviderKey, namedProvider } from './named-provider.ts'
import type { ModelPrices, PriceBook } from './price-book.ts'

/** Models by their names, as a command line or a configuration has them. Plain data. */
export interface NamedModels {
  /** `provider/model`, from the smallest to the largest. */
  readonly models: readonly string[]
  /** Where their provider is, when it is not where it usually is. */
  readonly baseUrl?: string | undefined
  /** What the models cost whose price is not known, in US dollars for a million tokens. */
  readonly price?: { readonly input: number; readonly output: number } | undefined
}

/**
 * The models of these names, ready to be called, with their keys from the environment and known prices. Throws
 * INVALID_MESSAGE for a provider that nobody knows, a key that is missing, a price that nobody knows.
 */
export async function namedModels(
  { models: ids, baseUrl, price }: NamedModels,
  durability: ActorDurability = 'ephemeral',
): Promise<Models> {
  const names = [...new Set(ids.map(providerOf))]
  const providers = names.map((name) => namedProvider(name, baseUrl))
  for (const name of names) assertProviderKey(name)
  const free = new Set(providers.filter((provider) => provider.free).map(({ name }) => name))
  const prices = await namedPrices({ models: ids, price })
  const unknown = ids.find((id) => !free.has(providerOf(id)) && prices.costOf(id, NO_USAGE) === null)
  if (unknown !== undefined) {
    throw wrong(
      `nobody knows what ${unknown} costs, and no call is made for an unknown price`,
      'say what it costs at most, in US dollars for a million tokens in and out: --price IN,OUT',
    )
  }
  return defineModels({
    providers,
    models: ids.map((id, at) => ({ id, tier: tierAt(at, ids.length) })),
    prices,
    durability,
  })
}

/** What the models cost: as is known, and what is said of those that nobody knows, wherever their provider is. */
export async function namedPrices({ models, price }: Pick<NamedModels, 'models' | 'price'>): Promise<PriceBook> {
  const published = await knownPrices()
  const unknown = price ? models.filter((id) => published.costOf(id, NO_USAGE) === null) : []
  const own = unknown.map((id) => [
    id,
    { inputPerMillionUsd: price?.input ?? 0, outputPerMillionUsd: price?.output ?? 0 },
  ])
  return unknown.length === 0 ? published : knownPrices(Object.fromEntries(own) as ModelPrices)
}

/** The provider in `provider/model`. Throws INVALID_MESSAGE for what names no model. */
export function providerOf(id: string): string {
  const slash = id.indexOf('/')
  if (slash > 0 && slash < id.length - 1) return id.slice(0, slash)
  throw wrong(`'${id}' names no model`, "write 'provider/model', as in 'openai/gpt-5-mini'")
}

function tierAt(at: number, count: number): ModelTier {
  if (count === 1) return 'medium'
  if (at === 0) return 'small'
  return at === 1 && count > 2 ? 'medium' : 'large'
}

function wrong(message: string, hint: string): TroupeError {
  return new TroupeError('INVALID_MESSAGE', message, { where: 'models', hint })
}
