import { type BudgetShelf, EMPTY_SHELF, putOnShelf, readShelf, takeOffShelf } from './budget-shelf.ts'

/** What is remembered of the last entries, a bounded number of them: the younger half, and the half before that. */
export interface BudgetMemory<Value> {
  readonly young: BudgetShelf<Value>
  readonly old: BudgetShelf<Value>
  /** How many were written to the younger half. */
  readonly written: number
}

/** A memory of nothing. */
export const EMPTY_MEMORY: BudgetMemory<never> = { young: EMPTY_SHELF, old: EMPTY_SHELF, written: 0 }

/** What is remembered of the key; undefined when nothing is, any more or yet. */
export function recall<Value>({ young, old }: BudgetMemory<Value>, key: string): Value | undefined {
  return readShelf(young, key) ?? readShelf(old, key)
}

/** The memory with one entry more: at least the last `least` of them stay, and at most twice as many. */
export function memorise<Value>(
  { young, old, written }: BudgetMemory<Value>,
  key: string,
  value: Value,
  least: number,
): BudgetMemory<Value> {
  if (written >= least) return { young: putOnShelf(EMPTY_SHELF, key, value), old: young, written: 1 }
  return { young: putOnShelf(young, key, value), old, written: written + 1 }
}

/** The memory without the key. */
export function forget<Value>(memory: BudgetMemory<Value>, key: string): BudgetMemory<Value> {
  if (recall(memory, key) === undefined) return memory
  return { ...memory, young: takeOffShelf(memory.young, key), old: takeOffShelf(memory.old, key) }
}
