import type { BenchCase } from '../bench-case.ts'

/** Bytes of heap an idle actor holds, and whether that grows with their number. */
export const idleHeap: BenchCase = {
  unit: 'B',
  durability: 'D0',
  sides: {
    'troupe, 1k': async () => (await import('../troupe/troupe-heap.ts')).troupeHeap(1_000),
    'troupe, 10k': async () => (await import('../troupe/troupe-heap.ts')).troupeHeap(10_000),
    'troupe, 100k': async () => (await import('../troupe/troupe-heap.ts')).troupeHeap(100_000),
    'raw xstate': async () => (await import('../raw/raw-heap.ts')).rawHeap(10_000),
  },
  rows: [
    { metric: 'idle heap per actor, 10k', of: 'troupe, 10k', against: 'raw xstate', target: { atMost: 2_500 } },
    { metric: 'idle heap per actor, 100k', of: 'troupe, 100k', target: { atMost: 2_500 } },
    { metric: 'idle heap, flat 1k to 100k', of: 'troupe, 100k', against: 'troupe, 1k', target: { ratioAtMost: 1.15 } },
  ],
  rounds: 3,
  warmUps: 1,
}
