import type { BenchCase } from '../bench-case.ts'

/** Packages loaded by an import. */
export const importPackages: BenchCase = {
  unit: 'packages',
  durability: 'D0',
  sides: {
    mastra: async () => (await import('../import-cost.ts')).importedPackages('@mastra/core/workflows'),
    langgraph: async () => (await import('../import-cost.ts')).importedPackages('@langchain/langgraph'),
  },
  rows: [
    { metric: 'packages imported', of: 'mastra', target: {} },
    { metric: 'packages imported', of: 'langgraph', target: {} },
  ],
  rounds: 1,
  warmUps: 0,
}
