import { TroupeError } from '../runtime/protocol/errors.ts'
import { policyFields } from '../runtime/supervision/policy-fields.ts'
import { breakerSettingsOf, type BreakerOptions } from './breaker-options.ts'
import type { LimiterOptions } from './limiter-client.ts'
import type { ModelProvider } from './models/model-provider.ts'
import type { PriceBook } from './price-book.ts'

const BREAKER = ['failures', 'window', 'openFor', 'successes', 'permits', 'permitFor']
const LIMITER = ['requestsPerMinute', 'tokensPerMinute', 'concurrency', 'queue', 'patience', 'ttl']

/** The providers by their names. Throws INVALID_MESSAGE for what is none, and for two of one name. */
export function providersOf(given: readonly ModelProvider[]): Map<string, ModelProvider> {
  const providers = new Map<string, ModelProvider>()
  for (const [at, provider] of assertList(given, 'providers', 'providers: [openai()], or [] for none').entries()) {
    const where = `providers.${at}`
    const { name, stream } = Object(provider) as Partial<ModelProvider>
    if (typeof name !== 'string' || name === '' || typeof stream !== 'function') {
      const hint = 'give what openai(), anthropic(), compatible({ name, baseURL }) or another maker returned'
      throw wrongModels(where, `defineModels.${where} is no provider`, hint)
    }
    if (name.includes('/')) {
      throw wrongModels(where, `'${name}' cannot name a provider: models are 'provider/model'`, "give it no '/'")
    }
    if (providers.has(name)) {
      throw wrongModels('providers', `two providers are named '${name}'`, 'give one of them another name')
    }
    providers.set(name, provider)
  }
  return providers
}

/** The price book, null for none. Throws INVALID_MESSAGE for what is none: prices alone, or the promise of a book. */
export function pricesOf(given: PriceBook | undefined): PriceBook | null {
  if (given === undefined) return null
  const { costOf, contextWindowOf } = Object(given) as Partial<PriceBook>
  if (typeof costOf === 'function' && typeof contextWindowOf === 'function') return given
  const isPromise = typeof Reflect.get(Object(given), 'then') === 'function'
  throw wrongModels(
    'prices',
    `defineModels.prices is ${isPromise ? 'the promise of a price book' : 'no price book'}`,
    isPromise
      ? 'wait for it: prices: await knownPrices()'
      : "give priceBook({ 'openai/gpt-5-mini': { inputPerMillionUsd, outputPerMillionUsd } }), or await knownPrices()",
  )
}

/** The breakers by provider. Throws INVALID_MESSAGE for a provider that is not there, and for what no breaker has. */
export function breakersOf<T extends Readonly<Record<string, Omit<BreakerOptions, 'key'>>>>(
  given: T,
  providers: readonly string[],
): T {
  policyFields(given, 'defineModels.breakers', providers)
  for (const [provider, options] of Object.entries(given)) {
    policyFields(options, `defineModels.breakers.${provider}`, BREAKER)
    breakerSettingsOf({ key: provider, ...options })
  }
  return given
}

/** The limits by provider or model. Throws INVALID_MESSAGE for one that is not there, and for what no limiter has. */
export function limitsOf<T extends Readonly<Record<string, Omit<LimiterOptions, 'key'>>>>(
  given: T,
  known: readonly string[],
): T {
  policyFields(given, 'defineModels.limits', known)
  for (const [name, options] of Object.entries(given)) policyFields(options, `defineModels.limits.${name}`, LIMITER)
  return given
}

/** Throws INVALID_MESSAGE for what is no list. */
export function assertList<T>(given: readonly T[], option: string, hint: string): readonly T[] {
  if (Array.isArray(given)) return given
  throw wrongModels(option, `defineModels.${option} is ${given === undefined ? 'missing' : 'no list'}`, hint)
}

/** The error of an option of `defineModels` that cannot be meant. */
export function wrongModels(option: string, message: string, hint: string): TroupeError {
  return new TroupeError('INVALID_MESSAGE', message, { where: `defineModels.${option}`, hint })
}
