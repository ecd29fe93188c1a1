import type { BenchCase } from '../bench-case.ts'

/** Milliseconds to import. */
export const importTimes: BenchCase = {
  unit: 'ms',
  durability: 'D0',
  sides: {
    xstate: async () => (await import('../import-cost.ts')).importTime('xstate'),
    mastra: async () => (await import('../import-cost.ts')).importTime('@mastra/core/workflows'),
    langgraph: async () => (await import('../import-cost.ts')).importTime('@langchain/langgraph'),
  },
  rows: [
    { metric: 'import time', of: 'xstate', target: {} },
    { metric: 'import time', of: 'mastra', target: {} },
    { metric: 'import time', of: 'langgraph', target: {} },
  ],
  rounds: 5,
  warmUps: 1,
}
