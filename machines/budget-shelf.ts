/**
 * A map that is JSON and is changed by making a new one: a change copies a handful of entries, however many there are. It
 * is a tree of forks by the bits of a key's hash, with a few entries in each leaf; one that is small is a list of pairs.
 */
export type BudgetShelf<Value> = ShelfLeaf<Value> | ShelfFork<Value>

type ShelfLeaf<Value> = readonly (readonly [key: string, value: Value])[]
interface ShelfFork<Value> {
  readonly fork: readonly BudgetShelf<Value>[]
}

const LEAF = 8
const BITS = 4
const WAYS = 1 << BITS
const DEEPEST = 32 / BITS

/** A shelf with nothing on it. */
export const EMPTY_SHELF: BudgetShelf<never> = []

/** The value of a key; undefined when there is none. */
export function readShelf<Value>(shelf: BudgetShelf<Value>, key: string): Value | undefined {
  let place = shelf
  if ('fork' in place) {
    let hash = hashOf(key)
    do {
      place = place.fork[hash & (WAYS - 1)] as BudgetShelf<Value>
      hash >>>= BITS
    } while ('fork' in place)
  }
  for (const entry of place) if (entry[0] === key) return entry[1]
  return undefined
}

/** The shelf with the value at the key. */
export function putOnShelf<Value>(shelf: BudgetShelf<Value>, key: string, value: Value): BudgetShelf<Value> {
  return change(shelf, { key, hash: hashOf(key), depth: 0 }, value)
}

/** The shelf without the key. */
export function takeOffShelf<Value>(shelf: BudgetShelf<Value>, key: string): BudgetShelf<Value> {
  return change(shelf, { key, hash: hashOf(key), depth: 0 }, undefined)
}

/** All entries, in no particular order. */
export function* shelfEntries<Value>(shelf: BudgetShelf<Value>): Generator<readonly [string, Value], void, undefined> {
  if ('fork' in shelf) for (const part of shelf.fork) yield* shelfEntries(part)
  else yield* shelf
}

interface Place {
  readonly key: string
  readonly hash: number
  readonly depth: number
}

function change<Value>(shelf: BudgetShelf<Value>, place: Place, value: Value | undefined): BudgetShelf<Value> {
  const { key, hash, depth } = place
  if ('fork' in shelf) {
    const way = hash & (WAYS - 1)
    const fork = shelf.fork.slice()
    fork[way] = change(fork[way] as BudgetShelf<Value>, { key, hash: hash >>> BITS, depth: depth + 1 }, value)
    // What was emptied is small again.
    return value === undefined && fork.every((part) => !('fork' in part) && part.length === 0) ? EMPTY_SHELF : { fork }
  }
  const at = shelf.findIndex((entry) => entry[0] === key)
  if (value === undefined) return at < 0 ? shelf : shelf.toSpliced(at, 1)
  if (at >= 0) return shelf.with(at, [key, value])
  const leaf = [...shelf, [key, value] as const]
  return leaf.length <= LEAF || depth === DEEPEST ? leaf : forked(leaf, depth)
}

function forked<Value>(leaf: ShelfLeaf<Value>, depth: number): ShelfFork<Value> {
  const fork: (readonly [string, Value])[][] = Array.from({ length: WAYS }, () => [])
  for (const entry of leaf) fork[(hashOf(entry[0]) >>> (depth * BITS)) & (WAYS - 1)]?.push(entry)
  return { fork }
}

// FNV-1a, mixed at the end: keys that differ in their last sign only go different ways.
function hashOf(key: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < key.length; at++) hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d)
  return (hash ^ (hash >>> 13)) >>> 0
}
