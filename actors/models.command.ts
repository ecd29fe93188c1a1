import type { ModelCapabilities } from '../machines/model-info.ts'
import { usdOf } from '../machines/nano-usd.ts'
import { type Command, EXIT, usageError } from '../runtime/index.ts'
import { errorValue } from '../runtime/protocol/errors.ts'
import { knownPrices } from './known-prices.ts'
import { plainUsage } from './model-call-choice.ts'
import type { ListedModel, ModelProvider } from './models/model-provider.ts'
import { keyIn, namedProvider, PROVIDER_KEYS } from './named-provider.ts'
import type { PriceBook } from './price-book.ts'

/** A provider and its models, as `troupe models --json` tells them. */
export interface ProviderListing {
  readonly provider: string
  readonly healthy: boolean
  /** Of what kind the server is, where it tells. */
  readonly server: string | null
  /** Why it is not healthy, or does not list its models. */
  readonly reason: string | null
  readonly models: readonly ModelListing[]
}

/** One model of a provider. */
export interface ModelListing {
  readonly id: string
  readonly contextWindow: number | null
  readonly maxOutput: number | null
  /** Null where the provider does not tell. */
  readonly capabilities: ModelCapabilities | null
  /** US dollars for a million tokens; null for an unknown price. */
  readonly price: { readonly inputPerMillionUsd: number; readonly outputPerMillionUsd: number } | null
}

// A server on this machine that does not answer at once is not there.
const LOCAL_WAIT = 1_500
const REMOTE_WAIT = 15_000

/** `troupe models`: the providers that are configured, how they are, and their models. */
export const modelsCommand: Command = {
  name: 'models',
  summary: 'List the models there are: by the keys of the environment, and of local servers',
  usage: '[options]',
  options: {
    'base-url': { type: 'string', value: 'URL', description: 'only the models of the compatible server there' },
    json: { type: 'boolean', description: 'The list as JSON' },
  },
  examples: [
    'troupe models',
    'troupe models --base-url http://localhost:8080/v1',
    "troupe models --json | jq '.[].models[].id'",
  ],
  async run({ positionals, options, terminal, signal }) {
    if (positionals.length > 0) throw usageError("'troupe models' takes options only", 'troupe models --base-url URL')
    const url = options['base-url']
    if (typeof url === 'string' && !URL.canParse(url)) throw usageError(`--base-url takes an address, not '${url}'`)
    const prices = await knownPrices()
    const names = typeof url === 'string' ? ['compatible'] : Object.keys(PROVIDER_KEYS)
    const listings = await Promise.all(
      names.filter((name) => isConfigured(name)).map((name) => listingOf(name, { url, prices, signal })),
    )
    // Nobody asked for the local servers that are not there.
    const shown = listings.filter(({ healthy, provider }) => healthy || PROVIDER_KEYS[provider] !== null)
    await terminal.out(options['json'] === true ? `${JSON.stringify(shown, null, 2)}\n` : listed(shown))
    if (shown.length === 0) {
      terminal.note(
        'No model is configured: set OPENAI_API_KEY or ANTHROPIC_API_KEY, or start LM Studio, Ollama or vLLM.',
      )
    }
    return shown.every(({ healthy }) => healthy) ? EXIT.done : EXIT.crashed
  },
}

function isConfigured(name: string): boolean {
  const variable = PROVIDER_KEYS[name] ?? null
  return variable === null || keyIn(variable) !== undefined
}

async function listingOf(
  name: string,
  {
    url,
    prices,
    signal,
  }: { readonly url: string | boolean | undefined; readonly prices: PriceBook; readonly signal: AbortSignal },
): Promise<ProviderListing> {
  const provider = namedProvider(name, typeof url === 'string' ? url : undefined)
  const isLocal = PROVIDER_KEYS[name] === null
  const limit = AbortSignal.any([signal, AbortSignal.timeout(isLocal ? LOCAL_WAIT : REMOTE_WAIT)])
  const { healthy, server, reason } = await provider.health(limit)
  const none = { provider: name, healthy, server, models: [] }
  if (!healthy) return { ...none, reason }
  try {
    const models = await provider.models(limit)
    return { ...none, reason, models: models.map((model) => modelListing(provider, model, prices)) }
  } catch (error) {
    return { ...none, reason: errorValue(error).message }
  }
}

function modelListing({ name, free }: ModelProvider, model: ListedModel, prices: PriceBook): ModelListing {
  const id = `${name}/${model.name}`
  return {
    id,
    contextWindow: model.contextWindow ?? prices.contextWindowOf(id),
    maxOutput: model.maxOutput ?? null,
    capabilities: model.capabilities ?? null,
    price: priceOf(prices, id) ?? (free ? { inputPerMillionUsd: 0, outputPerMillionUsd: 0 } : null),
  }
}

// A thousand tokens: prices of long contexts begin later.
function priceOf(prices: PriceBook, id: string): ModelListing['price'] {
  const [input, output] = [prices.costOf(id, plainUsage(1_000, 0)), prices.costOf(id, plainUsage(0, 1_000))]
  if (input === null || output === null) return null
  return { inputPerMillionUsd: usdOf(input * 1_000), outputPerMillionUsd: usdOf(output * 1_000) }
}

function listed(providers: readonly ProviderListing[]): string {
  return providers.map(providerText).join('\n')
}

// What servers say of themselves reaches a terminal as text on one line, and nothing else.
function plain(text: string): string {
  return text.replace(/\p{C}+/gu, ' ')
}

function providerText({ provider, healthy, server, reason, models }: ProviderListing): string {
  const name = plain(server === null ? provider : `${provider} (${server})`)
  if (!healthy) return `${name}: out of reach: ${plain(reason ?? 'no reason given')}\n`
  const lead = `${name}: ${models.length} ${models.length === 1 ? 'model' : 'models'}${reason === null ? '' : `; ${plain(reason)}`}\n`
  const rows = models.map((model) => [
    plain(model.id),
    model.contextWindow === null ? '-' : `${model.contextWindow} tokens`,
    priceText(model.price),
    capabilityText(model.capabilities),
  ])
  const widths = [0, 1, 2].map((at) => Math.max(0, ...rows.map((row) => row[at]?.length ?? 0)))
  return (
    lead +
    rows
      .map(
        (row) =>
          `  ${row
            .map((cell, at) => cell.padEnd(widths[at] ?? 0))
            .join('  ')
            .trimEnd()}\n`,
      )
      .join('')
  )
}

function priceText(price: ModelListing['price']): string {
  if (price === null) return 'unknown price'
  const { inputPerMillionUsd: input, outputPerMillionUsd: output } = price
  return input === 0 && output === 0 ? 'free' : `${input} / ${output} USD`
}

function capabilityText(capabilities: ModelCapabilities | null): string {
  if (capabilities === null) return ''
  const names = {
    tools: 'tools',
    structuredOutput: 'structured output',
    vision: 'vision',
    sampling: 'sampling',
  } as const
  return (Object.keys(names) as (keyof typeof names)[])
    .filter((name) => capabilities[name])
    .map((name) => names[name])
    .join(', ')
}
