import type { BenchCase } from '../bench-case.ts'

// The compiled core, as users get it: from source, the stripping of types would be measured too.
const TROUPE = new URL('../../../dist/runtime/index.js', import.meta.url).href

/** Milliseconds to import. */
export const importTimes: BenchCase = {
  unit: 'ms',
  durability: 'D0',
  sides: {
    troupe: async () => (await import('../import-cost.ts')).importTime(TROUPE),
    xstate: async () => (await import('../import-cost.ts')).importTime('xstate'),
    mastra: async () => (await import('../import-cost.ts')).importTime('@mastra/core/workflows'),
    langgraph: async () => (await import('../import-cost.ts')).importTime('@langchain/langgraph'),
  },
  rows: [
    { metric: 'import time', of: 'troupe', against: 'langgraph', target: { atMost: 100 } },
    { metric: 'import time', of: 'troupe', against: 'mastra', target: { atMost: 100 } },
    { metric: 'import time', of: 'troupe', against: 'xstate', target: {} },
  ],
  rounds: 5,
  warmUps: 1,
}
