import type { BenchCase } from '../bench-case.ts'

/** The promises of the simulation, each on its share of ten thousand seeds. */
export const seeds: BenchCase = {
  unit: 'seeds/s',
  durability: 'D0',
  sides: { troupe: async () => (await import('../troupe/simulated-seeds.ts')).simulatedSeeds(10_000) },
  rows: [{ metric: '10k seeds, every promise holds', of: 'troupe', target: {} }],
  rounds: 1,
  warmUps: 0,
}
