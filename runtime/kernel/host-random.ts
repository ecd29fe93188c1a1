import { randomUUID } from 'node:crypto'
import type { Random } from '../ports/random.ts'

/** The randomness of the machine Troupe runs on. */
export const hostRandom: Random = {
  next: () => Math.random(),
  id: () => randomUUID(),
}
