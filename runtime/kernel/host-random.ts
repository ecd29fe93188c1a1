import { randomFillSync } from 'node:crypto'
import type { Random } from '../ports/random.ts'

const ID_BYTES = 15
const IDS = 256

/** The randomness of the machine Troupe runs on. An id is 120 random bits in 20 characters. */
export function hostRandom(): Random {
  // Entropy is fetched for many ids at once: one call an id would cost more than the rest of a spawn.
  const pool = Buffer.alloc(ID_BYTES * IDS)
  let used = pool.length
  return {
    next: () => Math.random(),
    id() {
      if (used === pool.length) {
        randomFillSync(pool)
        used = 0
      }
      used += ID_BYTES
      return pool.toString('base64url', used - ID_BYTES, used)
    },
  }
}
