import { z } from 'zod'
import { type ModelCapabilities, modelTier, type ModelInfo, type ModelTier } from './model-info.ts'
import { usdOf } from './nano-usd.ts'

const count = z.number().int().nonnegative()

/** What a model is wanted for. */
export const modelTask = z.enum([
  'extraction',
  'counting',
  'classification',
  'pattern_recognition',
  'summarization',
  'sheet_analysis',
  'reasoning',
  'synthesis',
  'validation',
  'relationship_analysis',
])

/** How hard it is. */
export const taskComplexity = z.enum(['low', 'medium', 'high'])

/** What models cost at most: nano-USD for a million tokens. */
export const priceRates = z.object({ inputPerMillion: count, outputPerMillion: count })

/** A model that can take a call, with what it would use and cost at most. */
export const rankedModel = z.object({
  model: z.string(),
  provider: z.string(),
  name: z.string(),
  tier: modelTier,
  inputTokens: count,
  outputTokens: count,
  costNanoUsd: count,
})

/** A model that was not taken, and why. */
export const refusedModel = z.object({
  model: z.string(),
  why: z.string(),
  cause: z.enum(['capability', 'context', 'price', 'ceiling', 'budget', 'health', 'load', 'unknown_model']),
})

/** What the router decided: candidates in the order in which they are tried, those it refused, and its reasons. */
export const modelDecision = z.object({
  candidates: z.array(rankedModel).readonly(),
  refused: z.array(refusedModel).readonly(),
  reasons: z.array(z.string()).readonly(),
})

/** What is known of one model when it is chosen. */
export interface ModelFacts {
  readonly info: ModelInfo
  readonly inputTokens: number
  /** What it may say at most. */
  readonly outputTokens: number
  /** What that costs in nano-USD; null when its price is unknown. */
  readonly costNanoUsd: number | null
  /** What it costs for a million tokens; null when unknown. Wanted only where there is a ceiling. */
  readonly rates: PriceRates | null
  /** How its breaker stands. */
  readonly health: 'closed' | 'half-open' | 'open'
}

/** What is wanted of a model. */
export interface ModelWish {
  readonly task?: ModelTask | null | undefined
  readonly complexity?: TaskComplexity | null | undefined
  /** True when somebody has named the models in the order in which they are to be tried. */
  readonly named?: boolean
  readonly needs?: readonly (keyof ModelCapabilities)[]
  readonly ceiling?: PriceRates | null | undefined
  /** What the budget has left. */
  readonly left?: Readonly<{ tokens?: number | undefined; nanoUsd?: number | undefined }> | null | undefined
}

const UP: readonly ModelTier[] = ['small', 'medium', 'large']
const MIDDLE_DOWN: readonly ModelTier[] = ['medium', 'small', 'large']
const MIDDLE_UP: readonly ModelTier[] = ['medium', 'large', 'small']
const DOWN: readonly ModelTier[] = ['large', 'medium', 'small']

const TIERS: Readonly<Record<ModelTask, readonly ModelTier[]>> = {
  extraction: UP,
  counting: UP,
  classification: UP,
  pattern_recognition: MIDDLE_DOWN,
  summarization: MIDDLE_DOWN,
  sheet_analysis: MIDDLE_UP,
  validation: MIDDLE_UP,
  reasoning: DOWN,
  synthesis: DOWN,
  relationship_analysis: DOWN,
}

const HEALTH = { closed: 0, 'half-open': 1, open: 2 } as const

/** The tiers in the order in which they suit a task; null when it says nothing. High complexity wants large. */
export function tiersFor(
  task: ModelTask | null | undefined,
  complexity: TaskComplexity | null | undefined,
): readonly ModelTier[] | null {
  if (complexity === 'high') return DOWN
  if (task) return TIERS[task]
  return complexity === 'low' ? UP : complexity === 'medium' ? MIDDLE_UP : null
}

/**
 * Chooses among models: those that fit, in the order of the task's tiers (or as the caller named them), healthy ones
 * first. A model whose breaker is open comes last, and is still not called unless the breaker lets it.
 */
export function chooseModel(models: readonly ModelFacts[], wish: ModelWish): ModelDecision {
  const refused: RefusedModel[] = []
  const fit: ModelFacts[] = []
  for (const facts of models) {
    const fault = faultOf(facts, wish)
    if (fault) refused.push({ model: facts.info.id, ...fault })
    else fit.push(facts)
  }
  const tiers = wish.named ? null : tiersFor(wish.task, wish.complexity)
  const rank = ({ info, health }: ModelFacts): number => HEALTH[health] * 10 + (tiers ? tiers.indexOf(info.tier) : 0)
  fit.sort((one, other) => rank(one) - rank(other))
  return { candidates: fit.map(ranked), refused, reasons: reasonsOf(fit, wish, tiers) }
}

function ranked({ info, inputTokens, outputTokens, costNanoUsd }: ModelFacts): RankedModel {
  const { id, provider, name, tier } = info
  return { model: id, provider, name, tier, inputTokens, outputTokens, costNanoUsd: costNanoUsd ?? 0 }
}

function faultOf(facts: ModelFacts, wish: ModelWish): Omit<RefusedModel, 'model'> | null {
  const { info, inputTokens, outputTokens, costNanoUsd, rates } = facts
  const { ceiling, left } = wish
  const missing = (wish.needs ?? []).filter((need) => !info.capabilities[need])
  if (missing.length > 0) return { cause: 'capability', why: `it has no ${missing.map(spell).join(', no ')}` }
  const wanted = inputTokens + outputTokens
  if (info.contextWindow !== null && wanted > info.contextWindow) {
    return {
      cause: 'context',
      why: `${inputTokens} tokens in and ${outputTokens} out do not fit its ${info.contextWindow}`,
    }
  }
  if (costNanoUsd === null || (ceiling && rates === null)) {
    return { cause: 'price', why: 'its price is unknown: set one in prices, or a priceCeiling' }
  }
  if (
    ceiling &&
    rates &&
    (rates.inputPerMillion > ceiling.inputPerMillion || rates.outputPerMillion > ceiling.outputPerMillion)
  ) {
    const [input, output] = [usdOf(rates.inputPerMillion), usdOf(rates.outputPerMillion)]
    return { cause: 'ceiling', why: `${input} USD in and ${output} USD out for a million tokens are above the ceiling` }
  }
  if (left?.tokens !== undefined && wanted > left.tokens) {
    return { cause: 'budget', why: `${wanted} tokens are asked, the budget has ${left.tokens} left` }
  }
  if (left?.nanoUsd !== undefined && costNanoUsd > left.nanoUsd) {
    return { cause: 'budget', why: `it may cost ${usdOf(costNanoUsd)} USD, the budget has ${usdOf(left.nanoUsd)} left` }
  }
  return null
}

function reasonsOf(fit: readonly ModelFacts[], wish: ModelWish, tiers: readonly ModelTier[] | null): string[] {
  const [first] = fit
  if (!first) return ['no model fits']
  const reasons: string[] = []
  if (wish.named) reasons.push('in the order in which the models were named')
  else if (wish.complexity === 'high') reasons.push('high complexity wants large')
  else if (tiers) reasons.push(`${wish.task ?? `${wish.complexity} complexity`} goes to ${tiers.join(', then ')}`)
  else reasons.push('in the order in which the models are listed')
  const unhealthy = fit.filter(({ health }) => health !== 'closed')
  for (const { info, health } of unhealthy)
    reasons.push(`the breaker of ${info.id} is ${health}: healthy ones come first`)
  return reasons
}

function spell(need: string): string {
  return need === 'structuredOutput' ? 'structured output' : need
}

/** What a model is wanted for. */
export type ModelTask = z.infer<typeof modelTask>
/** How hard it is. */
export type TaskComplexity = z.infer<typeof taskComplexity>
/** What models cost at most: nano-USD for a million tokens. */
export type PriceRates = z.infer<typeof priceRates>
/** A model that can take a call. */
export type RankedModel = z.infer<typeof rankedModel>
/** A model that was not taken, and why. */
export type RefusedModel = z.infer<typeof refusedModel>
/** What the router decided. */
export type ModelDecision = z.infer<typeof modelDecision>
