import { BUDGET_DIMENSIONS, type BudgetSum, NO_SUM } from './budget-amount.ts'
import type { BudgetSettlement } from './budget.contract.ts'
import { type BudgetMemory, memorise, recall } from './budget-memory.ts'

/** What is remembered of a call that has ended. */
export interface EndedCall {
  readonly path: string
  readonly amount: BudgetSum
  readonly how: 'settled' | 'released' | 'reclaimed' | 'toppedUp'
  /** Of one that was settled. */
  readonly settlement: BudgetSettlement | null
}

/**
 * The last calls that have ended, each in few words: a durable keeper writes all of them down with every commit. Path and
 * how it ended, its amount, what it used; then what went beyond, and whether it was late, where there is something to say.
 */
export type EndedCalls = BudgetMemory<PackedCall>

type PackedCall = readonly [path: string, how: EndedCall['how'], ...numbers: number[]]

const SIZE = BUDGET_DIMENSIONS.length

/** What is remembered of a call; undefined when nothing is. */
export function recallCall(calls: EndedCalls, call: string): EndedCall | undefined {
  const packed = recall(calls, call)
  return packed && unpack(packed)
}

/** The memory with one ended call more. */
export function memoriseCall(calls: EndedCalls, call: string, ended: EndedCall, least: number): EndedCalls {
  return memorise(calls, call, pack(ended), least)
}

/** A call as it is remembered, from its packed form. */
export function unpack([path, how, ...numbers]: PackedCall): EndedCall {
  const sumAt = (place: number): BudgetSum => {
    const [tokens, nanoUsd, ms] = numbers.slice(place * SIZE)
    return tokens === undefined || nanoUsd === undefined || ms === undefined ? NO_SUM : { tokens, nanoUsd, ms }
  }
  const settlement = { actual: sumAt(1), overrun: sumAt(2), late: numbers[3 * SIZE] === 1 }
  return { path, amount: sumAt(0), how, settlement: numbers.length > SIZE ? settlement : null }
}

function pack({ path, how, amount, settlement }: EndedCall): PackedCall {
  if (!settlement) return [path, how, ...numbersOf(amount)]
  const { actual, overrun, late } = settlement
  const plain = [path, how, ...numbersOf(amount), ...numbersOf(actual)] as const
  const isPlain = !late && BUDGET_DIMENSIONS.every((dimension) => overrun[dimension] === 0)
  return isPlain ? plain : [...plain, ...numbersOf(overrun), late ? 1 : 0]
}

function numbersOf({ tokens, nanoUsd, ms }: BudgetSum): readonly [number, number, number] {
  return [tokens, nanoUsd, ms]
}
