import type { Random } from '../ports/random.ts'

/** Randomness that a seed decides: the same seed gives the same numbers and ids. For tests, never for secrets. */
export function createSeededRandom(seed: number): Random {
  let state = seed >>> 0
  let ids = 0
  // Mulberry32: small, fast, and even enough to order events by.
  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  return { next, id: () => `${seed >>> 0}-${++ids}-${Math.floor(next() * 2 ** 32).toString(36)}` }
}
