import type { BenchCase } from '../bench-case.ts'

/** A hundred items at once and their join, in memory. */
export const fanOut: BenchCase = {
  unit: 'runs/s',
  durability: 'D0',
  sides: {
    mastra: async () => (await import('../peers/mastra-fan-out.ts')).mastraFanOut(),
    langgraph: async () => (await import('../peers/langgraph-fan-out.ts')).langgraphFanOut(),
  },
  rows: [{ metric: 'fan-out of 100', of: 'mastra', against: 'langgraph', target: {} }],
}
