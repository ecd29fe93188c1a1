import type { BenchCase } from '../bench-case.ts'

const RUNS = 60

/** Ten durable steps one after the other, one run at a time. */
export const tenStepsAlone: BenchCase = {
  unit: 'runs/s',
  durability: 'D2',
  sides: {
    troupe: async () => (await import('../troupe/durable-ten-steps.ts')).durableTenSteps('D2', RUNS, 1),
    restate: async () => (await import('../peers/restate-ten-steps.ts')).restateTenSteps(RUNS, 1),
    'troupe, D1': async () => (await import('../troupe/durable-ten-steps.ts')).durableTenSteps('D1', RUNS, 1),
    'troupe, D0': async () => (await import('../troupe/durable-ten-steps.ts')).durableTenSteps('D0', RUNS, 1),
  },
  rows: [
    { metric: '10 durable steps, 1 at a time', of: 'troupe', against: 'restate', target: { ratioAtLeast: 1.5 } },
    { metric: '10 durable steps, 1 at a time', of: 'troupe, D1', target: {}, durability: 'D1' },
    { metric: '10 durable steps, 1 at a time', of: 'troupe, D0', target: {}, durability: 'D0' },
  ],
}
