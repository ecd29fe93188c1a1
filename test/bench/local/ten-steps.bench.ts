import type { BenchCase } from '../bench-case.ts'

/** Ten steps one after the other, in memory. */
export const tenSteps: BenchCase = {
  unit: 'runs/s',
  durability: 'D0',
  sides: {
    troupe: async () => (await import('../troupe/troupe-ten-steps.ts')).troupeTenSteps(),
    mastra: async () => (await import('../peers/mastra-ten-steps.ts')).mastraTenSteps(),
    langgraph: async () => (await import('../peers/langgraph-ten-steps.ts')).langgraphTenSteps(),
    'raw xstate': async () => (await import('../raw/raw-ten-steps.ts')).rawTenSteps(),
  },
  rows: [
    { metric: '10 steps', of: 'troupe', against: 'mastra', target: { ratioAtLeast: 1 } },
    { metric: '10 steps', of: 'troupe', against: 'langgraph', target: { ratioAtLeast: 20 } },
    { metric: '10 steps', of: 'troupe', against: 'raw xstate', target: {} },
  ],
}
