import type { ModelTier } from '../machines/model-info.ts'
import { NO_USAGE } from '../machines/model-usage.ts'
import type { ActorDurability } from '../runtime/kernel/definition.ts'
import { TroupeError } from '../runtime/protocol/errors.ts'
import { defineModels, type Models } from './define-models.ts'
import { knownPrices } from './known-prices.ts'
import { namedProvider } from './named-provider.ts'
import type { ModelPrices } from './price-book.ts'

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
  const published = await knownPrices()
  const free = new Set(providers.filter((provider) => provider.free).map(({ name }) => name))
  const own: Record<string, ModelPrices[string]> = {}
  for (const id of ids) {
    if (free.has(providerOf(id)) || published.costOf(id, NO_USAGE) !== null) continue
    if (!price) {
      throw wrong(
        `nobody knows what ${id} costs, and no call is made for an unknown price`,
        'say what it costs at most, in US dollars for a million tokens in and out: --price IN,OUT',
      )
    }
    own[id] = { inputPerMillionUsd: price.input, outputPerMillionUsd: price.output }
  }
  return defineModels({
    providers,
    models: ids.map((id, at) => ({ id, tier: tierAt(at, ids.length) })),
    prices: await knownPrices(own),
    durability,
  })
}

function providerOf(id: string): string {
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
