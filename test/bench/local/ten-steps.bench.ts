import type { BenchCase } from '../bench-case.ts'

/** Ten steps one after the other, in memory. */
export const tenSteps: BenchCase = {
  unit: 'runs/s',
  durability: 'D0',
  sides: {
    mastra: async () => (await import('../peers/mastra-ten-steps.ts')).mastraTenSteps(),
    langgraph: async () => (await import('../peers/langgraph-ten-steps.ts')).langgraphTenSteps(),
    'raw xstate': async () => (await import('../raw/raw-ten-steps.ts')).rawTenSteps(),
  },
  rows: [
    { metric: '10 steps', of: 'raw xstate', against: 'mastra', target: {} },
    { metric: '10 steps', of: 'raw xstate', against: 'langgraph', target: {} },
    { metric: '10 steps', of: 'mastra', against: 'langgraph', target: {} },
  ],
}
