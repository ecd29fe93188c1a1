import type { BenchCase } from '../bench-case.ts'

/** A hundred items at once and their join, in memory. */
export const fanOut: BenchCase = {
  unit: 'runs/s',
  durability: 'D0',
  sides: {
    'troupe, actors': async () => (await import('../troupe/troupe-fan-out.ts')).troupeFanOutActors(),
    'troupe, tasks': async () => (await import('../troupe/troupe-fan-out.ts')).troupeFanOutTasks(),
    mastra: async () => (await import('../peers/mastra-fan-out.ts')).mastraFanOut(),
    langgraph: async () => (await import('../peers/langgraph-fan-out.ts')).langgraphFanOut(),
  },
  rows: [
    {
      metric: 'fan-out of 100, an actor an item',
      of: 'troupe, actors',
      against: 'mastra',
      target: { ratioAtLeast: 1 },
    },
    { metric: 'fan-out of 100, plain tasks', of: 'troupe, tasks', against: 'mastra', target: { ratioAtLeast: 4 } },
    { metric: 'fan-out of 100, plain tasks', of: 'troupe, tasks', against: 'langgraph', target: {} },
  ],
}
