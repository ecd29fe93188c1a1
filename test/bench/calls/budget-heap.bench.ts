import type { BenchCase } from '../bench-case.ts'

/** Bytes of heap that a budget holds after many calls, and whether that grows with their number. */
export const budgetHeap: BenchCase = {
  unit: 'B',
  durability: 'D0',
  sides: {
    'troupe, 20k': async () => (await import('../troupe/troupe-budget.ts')).troupeBudgetHeap(20_000),
    'troupe, 100k': async () => (await import('../troupe/troupe-budget.ts')).troupeBudgetHeap(100_000),
  },
  rows: [
    {
      metric: 'heap of a budget, flat 20k to 100k calls',
      of: 'troupe, 100k',
      against: 'troupe, 20k',
      target: { ratioAtMost: 1.15 },
    },
  ],
  rounds: 3,
  warmUps: 1,
}
