import type { BenchCase } from '../bench-case.ts'

/** A reservation and its settlement, three nodes up a tree: one caller, and a hundred at once. */
export const budget: BenchCase = {
  unit: 'runs/s',
  durability: 'D0',
  sides: {
    'troupe, one': async () => (await import('../troupe/troupe-budget.ts')).troupeBudget(1),
    'troupe, many': async () => (await import('../troupe/troupe-budget.ts')).troupeBudget(100),
  },
  rows: [
    { metric: 'reserve and settle, 1 caller', of: 'troupe, one', target: {} },
    { metric: 'reserve and settle, 100 callers', of: 'troupe, many', target: {} },
  ],
}
