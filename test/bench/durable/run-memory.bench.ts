import type { BenchCase } from '../bench-case.ts'

const heap = (runs: number) => async () => (await import('../troupe/durable-run-heap.ts')).durableRunHeap(runs)
const storage = (runs: number, size: 'file' | 'records') => async () =>
  (await import('../troupe/durable-run-heap.ts')).durableRunStorage(runs, size)

/** What 10 000 durable runs leave behind: no heap, and in the file only their results. */
export const runMemory: BenchCase = {
  unit: 'B',
  durability: 'D2',
  sides: {
    'heap, 2k runs': heap(2_000),
    'heap, 10k runs': heap(10_000),
    'heap, 20k runs': heap(20_000),
    'file, 10k runs': storage(10_000, 'file'),
    'results, 10k runs': storage(10_000, 'records'),
  },
  rows: [
    { metric: 'heap after runs', of: 'heap, 10k runs', against: 'heap, 2k runs', target: { ratioAtMost: 1.1 } },
    { metric: 'heap after runs', of: 'heap, 20k runs', against: 'heap, 10k runs', target: {} },
    { metric: 'file after runs', of: 'file, 10k runs', against: 'results, 10k runs', target: { ratioAtMost: 1.6 } },
  ],
  rounds: 1,
  warmUps: 0,
}
