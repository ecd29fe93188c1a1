import type { BenchCase } from '../bench-case.ts'

/** Actors started a second. */
export const spawn: BenchCase = {
  unit: 'actors/s',
  durability: 'D0',
  sides: {
    troupe: async () => (await import('../troupe/troupe-spawn.ts')).troupeSpawn(),
    'raw xstate': async () => (await import('../raw/raw-spawn.ts')).rawSpawn(),
  },
  rows: [{ metric: 'spawn', of: 'troupe', against: 'raw xstate', target: { ratioAtLeast: 0.9 } }],
}
