import type { BudgetAmount, BudgetSum } from './budget-amount.ts'
import type { ModelTier } from './model-info.ts'

/** What a piece of work asks of models: so many calls alike, each of so many tokens. */
export interface DegradationAsk {
  readonly inputTokens: number
  /** The most tokens one answer may have. */
  readonly outputTokens: number
  /** How many calls. */
  readonly replicates: number
  readonly tier: ModelTier
  /** How long all of it takes. Only doing without models makes it shorter. */
  readonly ms: number
}

/** Nano-USD of one token in and one token out. */
export interface TierRate {
  readonly input: number
  readonly output: number
}

/** What can be given up, and how far: the ladder as data, in the order in which it is gone down. */
export type DegradationRung =
  /** The context is cut, down to this part of it. */
  | { readonly do: 'shorten_context'; readonly least: number }
  /** Answers are cut, down to so many tokens. */
  | { readonly do: 'cap_output'; readonly least: number }
  /** A model of a smaller tier that costs less. */
  | { readonly do: 'cheaper_tier' }
  /** Not so many replicates, down to this many. */
  | { readonly do: 'fewer_replicates'; readonly least: number }
  /** What can be had without a model. */
  | { readonly do: 'deterministic_fallback' }
  /** Nothing more is asked; what is finished is the result. */
  | { readonly do: 'stop' }

/** The ladder as it is unless another is given. */
export const DEGRADATION_LADDER: readonly DegradationRung[] = [
  { do: 'shorten_context', least: 0.5 },
  { do: 'cap_output', least: 512 },
  { do: 'cheaper_tier' },
  { do: 'fewer_replicates', least: 2 },
  { do: 'deterministic_fallback' },
  { do: 'stop' },
]

/** What a degradation may choose from. */
export interface DegradationOptions {
  /** Default: `DEGRADATION_LADDER`. */
  readonly ladder?: readonly DegradationRung[]
  /** What the tiers cost that there are. The ask's own is free where it is left out. */
  readonly rates?: Partial<Record<ModelTier, TierRate>>
  /** Whether something can be had without a model. Default: it cannot. */
  readonly fallback?: boolean
}

/** One rung that was gone down: what was, and what is. Part of the result of the work. */
export interface DegradationStep {
  readonly rung: DegradationRung['do']
  readonly before: number | ModelTier | null
  readonly after: number | ModelTier | null
}

/** What is to be done with what is left. */
export interface Degradation {
  /** `call` what is asked for, do without a model, or stop. */
  readonly outcome: 'call' | 'fallback' | 'stop'
  /** What to ask for; for `fallback` and `stop` the last that did not fit. */
  readonly ask: DegradationAsk
  /** The rungs that were gone down, in order; none when everything fits as it is. */
  readonly steps: readonly DegradationStep[]
  /** True when the outcome stays within what is left. */
  readonly fits: boolean
}

const TIERS: readonly ModelTier[] = ['small', 'medium', 'large']
const FREE: TierRate = { input: 0, output: 0 }

/** What an ask costs at most, to be reserved. */
export function needOf(ask: DegradationAsk, rate: TierRate = FREE): BudgetSum {
  const { inputTokens, outputTokens, replicates, ms } = ask
  const each = inputTokens * rate.input + outputTokens * rate.output
  return { tokens: replicates * (inputTokens + outputTokens), nanoUsd: replicates * Math.ceil(each), ms }
}

/**
 * Makes an ask fit into what is left of a budget, going down the ladder no further than it must. What is left out of `left`
 * is not limited. A ladder that ends before anything fits leaves the last ask, with `fits: false`.
 *
 * @example
 * const { outcome, ask, steps } = degrade(
 *   { inputTokens: 9_000, outputTokens: 2_000, replicates: 3, tier: 'large', ms: 0 },
 *   { tokens: 20_000 },
 * )
 */
export function degrade(wanted: DegradationAsk, left: BudgetAmount, options: DegradationOptions = {}): Degradation {
  const { ladder = DEGRADATION_LADDER, rates = {}, fallback = false } = options
  const steps: DegradationStep[] = []
  let ask = wanted
  for (const rung of ladder) {
    if (fits(ask, left, rates)) break
    if (rung.do === 'deterministic_fallback') {
      if (!fallback) continue
      return { outcome: 'fallback', ask, steps: [...steps, endOf(rung.do)], fits: true }
    }
    if (rung.do === 'stop') return { outcome: 'stop', ask, steps: [...steps, endOf(rung.do)], fits: true }
    const lower = goDown(rung, ask, left, { wanted, rates })
    const part = PARTS[rung.do]
    if (lower[part] !== ask[part]) steps.push({ rung: rung.do, before: ask[part], after: lower[part] })
    ask = lower
  }
  return { outcome: 'call', ask, steps, fits: fits(ask, left, rates) }
}

const PARTS = {
  shorten_context: 'inputTokens',
  cap_output: 'outputTokens',
  cheaper_tier: 'tier',
  fewer_replicates: 'replicates',
} as const

type Rates = Partial<Record<ModelTier, TierRate>>
type Graded = Extract<DegradationRung, { readonly do: keyof typeof PARTS }>

function goDown(
  rung: Graded,
  ask: DegradationAsk,
  left: BudgetAmount,
  { wanted, rates }: { readonly wanted: DegradationAsk; readonly rates: Rates },
): DegradationAsk {
  const isEnough = (lower: DegradationAsk): boolean => fits(lower, left, rates)
  switch (rung.do) {
    case 'shorten_context': {
      const least = wanted.inputTokens * rung.least
      return {
        ...ask,
        inputTokens: largest(ask.inputTokens, least, (inputTokens) => isEnough({ ...ask, inputTokens })),
      }
    }
    case 'cap_output': {
      const { outputTokens: most } = ask
      return { ...ask, outputTokens: largest(most, rung.least, (outputTokens) => isEnough({ ...ask, outputTokens })) }
    }
    case 'fewer_replicates': {
      const { replicates: most } = ask
      return { ...ask, replicates: largest(most, rung.least, (replicates) => isEnough({ ...ask, replicates })) }
    }
    case 'cheaper_tier': {
      const cheaper = TIERS.slice(0, TIERS.indexOf(ask.tier))
        .reverse()
        .filter((tier) => costs(ask, rates[tier]) < costs(ask, rates[ask.tier] ?? FREE))
      const tier = cheaper.find((candidate) => isEnough({ ...ask, tier: candidate })) ?? cheapest(ask, cheaper, rates)
      return { ...ask, tier }
    }
  }
}

/** The largest number that will do, by halving; `least` when none does. Never above `most`. */
function largest(most: number, least: number, isEnough: (value: number) => boolean): number {
  let low = Math.min(Math.ceil(least), most)
  let high = most
  if (!isEnough(low)) return low
  while (low < high) {
    const middle = low + Math.ceil((high - low) / 2)
    if (isEnough(middle)) low = middle
    else high = middle - 1
  }
  return low
}

function cheapest(ask: DegradationAsk, tiers: readonly ModelTier[], rates: Rates): ModelTier {
  return [...tiers].sort((one, other) => costs(ask, rates[one]) - costs(ask, rates[other]))[0] ?? ask.tier
}

// A tier without a rate is not there.
function costs(ask: DegradationAsk, rate: TierRate | undefined): number {
  return rate ? needOf(ask, rate).nanoUsd : Number.POSITIVE_INFINITY
}

function fits(ask: DegradationAsk, left: BudgetAmount, rates: Rates): boolean {
  const { tokens, nanoUsd, ms } = needOf(ask, rates[ask.tier])
  const { tokens: mostTokens, nanoUsd: mostUsd, ms: mostTime } = left
  return (
    (mostTokens === undefined || tokens <= mostTokens) &&
    (mostUsd === undefined || nanoUsd <= mostUsd) &&
    (mostTime === undefined || ms <= mostTime)
  )
}

function endOf(rung: DegradationRung['do']): DegradationStep {
  return { rung, before: null, after: null }
}
