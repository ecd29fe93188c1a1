import type { MatchLogic, ModelInfo } from '@pydantic/genai-prices'
import type { ModelUsage } from '../machines/model-usage.ts'
import { nanoUsd } from '../machines/nano-usd.ts'
import { type ModelPrices, type PriceBook, priceBook } from './price-book.ts'

type PriceList = typeof import('@pydantic/genai-prices')

const DATED = /[-@](?:\d{8}|\d{4}-\d{2}-\d{2}|latest)$/

/**
 * The published prices of well-known models, as `@pydantic/genai-prices` lists them, under prices of one's own. Loaded when
 * first asked for; nothing is fetched. A model that the list only guesses, by a name that begins alike, has no price.
 */
export async function knownPrices(own: ModelPrices = {}): Promise<PriceBook> {
  const overrides = priceBook(own)
  const list = await import('@pydantic/genai-prices')
  return {
    costOf(model, usage, at) {
      const cost = overrides.costOf(model, usage)
      if (cost !== null) return cost
      const found = find(list, model, usage, at)
      return found ? nanoUsd(found.total_price) : null
    },
    contextWindowOf: (model) => find(list, model, null)?.model.context_window ?? null,
  }
}

function find(list: PriceList, id: string, usage: ModelUsage | null, at?: number): ReturnType<PriceList['calcPrice']> {
  const slash = id.indexOf('/')
  if (slash <= 0) return null
  const name = id.slice(slash + 1)
  const counts = {
    input_tokens: usage?.inputTokens.total ?? 0,
    cache_read_tokens: usage?.inputTokens.cacheRead ?? 0,
    cache_write_tokens: usage?.inputTokens.cacheWrite ?? 0,
    output_tokens: usage?.outputTokens.total ?? 0,
  }
  const provider = list.findProvider({ providerId: id.slice(0, slash) })
  if (!provider) return null
  const found = list.calcPrice(counts, name, {
    provider,
    ...(at === undefined ? {} : { timestamp: new Date(at) }),
  })
  return found && isMeant(found.model, name) ? found : null
}

// The list takes 'claude-sonnet-5-5' for 'claude-sonnet-5', whose price is another's.
function isMeant({ id, match }: ModelInfo, name: string): boolean {
  const names = [name, name.replace(DATED, '')]
  return (
    names.includes(id) || names.includes(id.replace(DATED, '')) || namesIn(match).some((each) => names.includes(each))
  )
}

function namesIn(match: MatchLogic): readonly string[] {
  if ('equals' in match) return [match.equals]
  return 'or' in match ? match.or.flatMap(namesIn) : []
}
