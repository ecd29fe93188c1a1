import type { Address } from '../protocol/address.ts'
import type { ErrorValue, TroupeError } from '../protocol/errors.ts'

/** What is left of an ended actor for a while, so that a late caller still learns its result. */
export interface Ended {
  readonly address: Address
  readonly reason: 'done' | 'error' | 'stopped'
  readonly output: unknown
  readonly error: ErrorValue | undefined
  readonly value: unknown
  readonly tags: readonly string[]
  /** Until when it can be asked for, in milliseconds since 1970. */
  readonly until: number
  /** Whose it was. */
  readonly owner?: Address | undefined
  /** Set when it has not ended, but left memory: why. */
  readonly dropped?: TroupeError
}

/**
 * The results of ended actors: at most so many, each for as long as its type says. They are kept in two generations, and
 * the older one is dropped whole, so keeping one costs the same however many there are.
 */
export interface EndedActors {
  keep(entry: Ended): void
  find(address: Address): Ended | undefined
  forget(address: Address): void
}

const GENERATION_MS = 60_000

/** Makes an empty store, which keeps at most twice so many. */
export function createEndedActors(now: () => number, generation: number): EndedActors {
  let young = new Map<Address, Ended>()
  let old = new Map<Address, Ended>()
  let born = now()

  function age(at: number): void {
    if (young.size < generation && at - born < GENERATION_MS) return
    // What outlives a generation by its own wish, and not by number, moves on.
    const kept = young.size < generation ? [...old].filter(([, { until }]) => until > at) : []
    old = young
    young = new Map(kept)
    born = at
  }

  return {
    keep(entry) {
      const at = now()
      if (entry.until <= at) return
      age(at)
      young.set(entry.address, entry)
    },
    find(address) {
      const entry = young.get(address) ?? old.get(address)
      return entry && entry.until > now() ? entry : undefined
    },
    forget(address) {
      if (young.size > 0) young.delete(address)
      if (old.size > 0) old.delete(address)
    },
  }
}
