import type { BenchCase } from '../bench-case.ts'

/** Bytes of heap an idle actor holds, and whether that grows with their number. */
export const idleHeap: BenchCase = {
  unit: 'B',
  durability: 'D0',
  sides: { 'raw xstate': async () => (await import('../raw/raw-heap.ts')).rawHeap(10_000) },
  rows: [{ metric: 'idle heap per actor, 10k', of: 'raw xstate', target: {} }],
  rounds: 3,
  warmUps: 1,
}
