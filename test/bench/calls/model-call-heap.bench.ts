import type { BenchCase } from '../bench-case.ts'

/** Bytes of heap after many model calls, and whether that grows with their number. */
export const modelCallHeap: BenchCase = {
  unit: 'B',
  durability: 'D0',
  sides: {
    'troupe, 10k': async () => (await import('../troupe/troupe-model-call.ts')).troupeModelCallHeap(10_000),
    'troupe, 50k': async () => (await import('../troupe/troupe-model-call.ts')).troupeModelCallHeap(50_000),
  },
  rows: [
    {
      metric: 'heap of model calls, flat 10k to 50k',
      of: 'troupe, 50k',
      against: 'troupe, 10k',
      target: { ratioAtMost: 1.25 },
    },
  ],
  rounds: 1,
  warmUps: 0,
}
