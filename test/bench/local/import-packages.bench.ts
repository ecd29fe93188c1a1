import type { BenchCase } from '../bench-case.ts'

const TROUPE = new URL('../../../dist/runtime/index.js', import.meta.url).href

/** Packages loaded by an import. */
export const importPackages: BenchCase = {
  unit: 'packages',
  durability: 'D0',
  sides: {
    troupe: async () => (await import('../import-cost.ts')).importedPackages(TROUPE),
    mastra: async () => (await import('../import-cost.ts')).importedPackages('@mastra/core/workflows'),
    langgraph: async () => (await import('../import-cost.ts')).importedPackages('@langchain/langgraph'),
  },
  rows: [
    { metric: 'packages imported', of: 'troupe', against: 'mastra', target: { atMost: 20 } },
    { metric: 'packages imported', of: 'troupe', against: 'langgraph', target: { atMost: 20 } },
  ],
  rounds: 1,
  warmUps: 0,
}
