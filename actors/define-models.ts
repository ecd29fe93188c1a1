import { type ModelTask, modelTask, type PriceRates } from '../machines/model-choice.ts'
import type { CallDeadlines } from '../machines/model-call.contract.ts'
import { type ModelCapabilities, type ModelInfo, modelInfo } from '../machines/model-info.ts'
import { nanoUsd } from '../machines/nano-usd.ts'
import { type RetryPolicy, retryPolicy } from '../machines/retry-policy.ts'
import { assertChoice } from '../runtime/protocol/choice.ts'
import type { ActorDurability } from '../runtime/kernel/definition.ts'
import { isName } from '../runtime/protocol/address.ts'
import type { Duration } from '../runtime/protocol/duration.ts'
import { TroupeError } from '../runtime/protocol/errors.ts'
import { policyFields, YEAR } from '../runtime/supervision/policy-fields.ts'
import { BREAKER_PRESETS, type BreakerOptions } from './breaker-options.ts'
import type { LimiterOptions } from './limiter-client.ts'
import { createModelCallers } from './model-call-callers.ts'
import type { ModelCallParts } from './model-call-parts.ts'
import type { ModelProvider } from './models/model-provider.ts'
import { assertList, breakersOf, limitsOf, pricesOf, providersOf, wrongModels } from './models-options.ts'
import type { PriceBook } from './price-book.ts'
import { createTokenEstimator, type TokenEstimator } from './token-estimate.ts'

/** A model that calls may go to. */
export interface ModelOptions {
  /** `provider/model`. */
  readonly id: string
  /** Default medium. */
  readonly tier?: ModelInfo['tier']
  /** Tokens of input and output together. Default: what the price book knows. */
  readonly contextWindow?: number
  readonly maxOutput?: number
  /** Default: all of them. */
  readonly capabilities?: Partial<ModelCapabilities>
}

/** What `defineModels` takes. */
export interface ModelsOptions {
  /** The type of its calls' actors. Default `model-call`; give another where a realm has two sets of models. */
  readonly name?: string
  readonly providers: readonly ModelProvider[]
  /** The models to choose from, in the order in which they are preferred within a tier. */
  readonly models?: readonly ModelOptions[]
  /** What they cost. A model whose price is unknown costs 0 at a free provider; any other is refused without a ceiling. */
  readonly prices?: PriceBook
  /** Default: a tokeniser, corrected by what was used. */
  readonly tokens?: TokenEstimator
  /** The models for a task, in order, instead of those that its tiers give. */
  readonly candidates?: Partial<Record<ModelTask, readonly string[]>>
  /** How often a model is tried again before the next one is. Default: 3 attempts, 1 s doubling, at most 60 s. */
  readonly retry?: Partial<RetryPolicy>
  /** Of each attempt. Default: 2 minutes for the first chunk, 1 between two, 10 in all. */
  readonly deadlines?: Partial<Record<keyof CallDeadlines, Duration>>
  /** The breaker of each provider. Default: presets for those known, 5 failures in 60 s for others. */
  readonly breakers?: Readonly<Record<string, Omit<BreakerOptions, 'key'>>> | false
  /** Limits by provider, or by `provider/model`. Default: none. */
  readonly limits?: Readonly<Record<string, Omit<LimiterOptions, 'key'>>>
  /** The most a model may cost. One whose price is unknown is charged at it. */
  readonly priceCeiling?: { readonly inputPerMillionUsd: number; readonly outputPerMillionUsd: number }
  /** The most a model may say where the caller sets no limit. Default 4 096 tokens. */
  readonly outputTokens?: number
  /** Default `ephemeral`. A `durable` call outlives its process, as far as the runtime's journal does. */
  readonly durability?: ActorDurability
}

/** The models there are, and how they are called: an inert value. */
export interface Models {
  readonly name: string
  /** The models to choose from. */
  readonly models: readonly ModelInfo[]
}

interface Behind {
  readonly parts: ModelCallParts
  made: unknown
}

/** What stands behind models, for those who call them. */
export interface ModelsParts {
  readonly parts: ModelCallParts
  /** The one definition of their calls: made once, so that a runtime sees no two of one type. */
  definition<D>(make: () => D): D
}

const BEHIND = Symbol('troupe.models')
const OPTIONS = [
  ...['name', 'providers', 'models', 'prices', 'tokens', 'candidates', 'retry', 'deadlines', 'breakers', 'limits'],
  ...['priceCeiling', 'outputTokens', 'durability'],
]
const MODEL_OPTIONS = ['id', 'tier', 'contextWindow', 'maxOutput', 'capabilities']
const DEADLINES: CallDeadlines = { firstChunk: 120_000, gap: 60_000, total: 600_000 }
const ALL: ModelCapabilities = { tools: true, structuredOutput: true, vision: true, sampling: true }

/**
 * Says which models there are and how they are called. No model at all is fine: calls then reject with UNAVAILABLE, and
 * their callers do without. Throws INVALID_MESSAGE, naming the option, for what cannot be meant.
 *
 * @example
 * const models = defineModels({
 *   providers: [openai()],
 *   models: [{ id: 'openai/gpt-5-mini', tier: 'small' }, { id: 'openai/gpt-5', tier: 'large' }],
 *   prices: await knownPrices(),
 * })
 */
export function defineModels(options: ModelsOptions): Models {
  const fields = policyFields(options, 'defineModels', OPTIONS)
  const { name = 'model-call', durability = 'ephemeral', tokens = createTokenEstimator() } = options
  if (!isName(name)) {
    throw wrongModels('name', `'${name}' cannot name calls`, 'use a letter, then letters, digits, _ and -')
  }
  assertChoice(durability, ['ephemeral', 'durable'], 'defineModels.durability')
  const providers = providersOf(options.providers)
  const prices = pricesOf(options.prices)
  const models = modelsOf(options.models ?? [], providers, prices)
  const { breakers = {} } = options
  const parts: ModelCallParts = {
    name,
    durability,
    providers,
    models,
    candidates: candidatesOf(options.candidates ?? {}, providers),
    prices,
    tokens,
    retry: retryOf(options.retry ?? {}),
    deadlines: deadlinesOf(options.deadlines ?? {}),
    breakers: breakers === false ? false : { ...BREAKER_PRESETS, ...breakersOf(breakers, [...providers.keys()]) },
    limits: limitsOf(options.limits ?? {}, [...providers.keys(), ...models.keys()]),
    ceiling: ceilingOf(options.priceCeiling),
    outputTokens: fields.number('outputTokens', { from: 1, to: 10_000_000, whole: true }, 4_096),
    callers: createModelCallers(),
  }
  const behind: Behind = { parts, made: null }
  return Object.defineProperty({ name, models: [...models.values()] }, BEHIND, { value: behind })
}

/** @internal What stands behind models. Throws INVALID_MESSAGE for what `defineModels` did not make. */
export function modelsParts(models: Models): ModelsParts {
  const behind = (models as { [BEHIND]?: Behind } | undefined)?.[BEHIND]
  if (!behind) {
    const hint = 'give what defineModels returned'
    throw new TroupeError('INVALID_MESSAGE', 'these are no models', { where: 'models', hint })
  }
  const { parts } = behind
  return { parts, definition: (make) => (behind.made ??= make()) as never }
}

function modelsOf(
  given: readonly ModelOptions[],
  providers: ReadonlyMap<string, ModelProvider>,
  prices: PriceBook | null,
): Map<string, ModelInfo> {
  const models = new Map<string, ModelInfo>()
  for (const options of assertList(given, 'models', "models: [{ id: 'provider/model' }]")) {
    policyFields(options, 'defineModels.models', MODEL_OPTIONS)
    const { id, tier = 'medium', maxOutput = null, capabilities } = options
    const where = `models.${id}`
    const provider = assertModel(id, providers, where)
    if (models.has(id)) throw wrongModels(where, `'${id}' is listed twice`, 'list it once')
    const contextWindow = options.contextWindow ?? prices?.contextWindowOf(id) ?? null
    policyFields(capabilities, `defineModels.${where}.capabilities`, Object.keys(ALL))
    const name = id.slice(provider.length + 1)
    const info = { id, provider, name, tier, contextWindow, maxOutput, capabilities: { ...ALL, ...capabilities } }
    const checked = modelInfo.safeParse(info)
    if (!checked.success) {
      const [issue] = checked.error.issues
      throw wrongModels(`${where}.${issue?.path.join('.') ?? ''}`, `'${id}' cannot be: ${issue?.message}`, 'correct it')
    }
    models.set(id, checked.data)
  }
  return models
}

/** The provider of `provider/model`. */
function assertModel(id: unknown, providers: ReadonlyMap<string, ModelProvider>, where: string): string {
  const slash = typeof id === 'string' ? id.indexOf('/') : -1
  if (typeof id !== 'string' || slash < 1 || slash === id.length - 1) {
    throw wrongModels(where, `'${String(id)}' names no model`, "write 'provider/model', as in 'openai/gpt-5-mini'")
  }
  const provider = id.slice(0, slash)
  if (providers.has(provider)) return provider
  const known = [...providers.keys()].join(', ') || 'none'
  throw wrongModels(where, `'${id}' has a provider that is not given`, `there are: ${known}`)
}

function candidatesOf(
  given: Readonly<Partial<Record<ModelTask, readonly string[]>>>,
  providers: ReadonlyMap<string, ModelProvider>,
): Partial<Record<ModelTask, readonly string[]>> {
  policyFields(given, 'defineModels.candidates', modelTask.options)
  for (const [task, ids] of Object.entries(given)) {
    const where = `candidates.${task}`
    for (const id of assertList(ids, where, "give a list: ['provider/model']")) assertModel(id, providers, where)
  }
  return given
}

function retryOf(given: Partial<RetryPolicy>): RetryPolicy {
  policyFields(given, 'defineModels.retry', Object.keys(retryPolicy.shape))
  const checked = retryPolicy.safeParse(given)
  if (checked.success) return checked.data
  const [issue] = checked.error.issues
  const where = `retry.${issue?.path.join('.') ?? ''}`
  throw wrongModels(where, `defineModels.${where} cannot be: ${issue?.message}`, 'times are milliseconds')
}

function deadlinesOf(given: Partial<Record<keyof CallDeadlines, Duration>>): CallDeadlines {
  const fields = policyFields(given, 'defineModels.deadlines', Object.keys(DEADLINES))
  const { firstChunk, gap, total } = DEADLINES
  const span = { from: 1, to: YEAR }
  return {
    firstChunk: fields.duration('firstChunk', span, firstChunk),
    gap: fields.duration('gap', span, gap),
    total: fields.duration('total', span, total),
  }
}

function ceilingOf(given: ModelsOptions['priceCeiling']): PriceRates | null {
  if (given === undefined) return null
  policyFields(given, 'defineModels.priceCeiling', ['inputPerMillionUsd', 'outputPerMillionUsd'])
  const { inputPerMillionUsd: input, outputPerMillionUsd: output } = given
  for (const [field, usd] of Object.entries({ inputPerMillionUsd: input, outputPerMillionUsd: output })) {
    if (Number.isFinite(usd) && usd >= 0) continue
    throw wrongModels(
      `priceCeiling.${field}`,
      `defineModels.priceCeiling.${field} is ${String(usd)}`,
      'give US dollars',
    )
  }
  return { inputPerMillion: nanoUsd(input), outputPerMillion: nanoUsd(output) }
}
