import type { BenchCase } from '../bench-case.ts'

const RUNS = 500

/** Ten durable steps one after the other, fifty runs at a time. */
export const tenStepsFifty: BenchCase = {
  unit: 'runs/s',
  durability: 'D2',
  sides: {
    troupe: async () => (await import('../troupe/durable-ten-steps.ts')).durableTenSteps('D2', RUNS, 50),
    restate: async () => (await import('../peers/restate-ten-steps.ts')).restateTenSteps(RUNS, 50),
    'troupe, D1': async () => (await import('../troupe/durable-ten-steps.ts')).durableTenSteps('D1', RUNS, 50),
    'troupe, D0': async () => (await import('../troupe/durable-ten-steps.ts')).durableTenSteps('D0', RUNS, 50),
  },
  rows: [
    { metric: '10 durable steps, 50 at a time', of: 'troupe', against: 'restate', target: { ratioAtLeast: 3 } },
    { metric: '10 durable steps, 50 at a time', of: 'troupe, D1', target: {}, durability: 'D1' },
    { metric: '10 durable steps, 50 at a time', of: 'troupe, D0', target: {}, durability: 'D0' },
  ],
  rounds: 7,
}
