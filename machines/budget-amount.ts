import { z } from 'zod'
import { nanoUsd, usdOf } from './nano-usd.ts'

const whole = z.number().int().nonnegative()

/** What is measured: tokens, money in nano-USD, milliseconds. Whole numbers, so that sums are exact. */
export const budgetAmount = z.object({
  tokens: whole.optional(),
  nanoUsd: whole.optional(),
  ms: whole.optional(),
})

/** What a call asks for or used. What is left out is 0. */
export type BudgetAmount = z.output<typeof budgetAmount>

/** What may be spent, as people write it. What is left out is not limited. */
export interface BudgetLimit {
  readonly tokens?: number
  readonly costUsd?: number
  readonly ms?: number
}

/** One kind of thing that is measured. */
export type BudgetDimension = keyof BudgetSum

/** An amount with everything filled in. */
export interface BudgetSum {
  readonly tokens: number
  readonly nanoUsd: number
  readonly ms: number
}

/** A limit with everything filled in; null is not limited. */
export interface BudgetBounds {
  readonly tokens: number | null
  readonly nanoUsd: number | null
  readonly ms: number | null
}

/** Everything that is measured. */
export const BUDGET_DIMENSIONS = ['tokens', 'nanoUsd', 'ms'] as const satisfies readonly BudgetDimension[]

/** Nothing. */
export const NO_SUM: BudgetSum = Object.freeze({ tokens: 0, nanoUsd: 0, ms: 0 })

/** A sum, made dimension by dimension. */
export function sumBy(part: (dimension: BudgetDimension) => number): BudgetSum {
  return { tokens: part('tokens'), nanoUsd: part('nanoUsd'), ms: part('ms') }
}

/** The amount with zeros for what it leaves out. */
export function sumOf({ tokens = 0, nanoUsd: money = 0, ms = 0 }: BudgetAmount): BudgetSum {
  return { tokens, nanoUsd: money, ms }
}

/** True when both are the same in everything. */
export function isSameSum(one: BudgetBounds, other: BudgetBounds): boolean {
  return one.tokens === other.tokens && one.nanoUsd === other.nanoUsd && one.ms === other.ms
}

/** The limit that people write, as a keeper counts it. Fractions of tokens and milliseconds are dropped. */
export function boundsOf({ tokens, costUsd, ms }: BudgetLimit): BudgetBounds {
  return {
    tokens: tokens === undefined ? null : Math.floor(tokens),
    nanoUsd: costUsd === undefined ? null : nanoUsd(costUsd),
    ms: ms === undefined ? null : Math.floor(ms),
  }
}

/** An amount for people: `1200 tokens`, `0.25 USD`, `300 ms`. */
export function amountText(dimension: BudgetDimension, amount: number): string {
  if (dimension === 'nanoUsd') return `${usdOf(amount)} USD`
  if (dimension === 'tokens' && amount === 1) return '1 token'
  return `${amount} ${dimension}`
}
