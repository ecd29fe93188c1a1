import type { BenchCase } from '../bench-case.ts'

/** Actors started a second. */
export const spawn: BenchCase = {
  unit: 'actors/s',
  durability: 'D0',
  sides: { 'raw xstate': async () => (await import('../raw/raw-spawn.ts')).rawSpawn() },
  rows: [{ metric: 'spawn', of: 'raw xstate', target: {} }],
}
