import type { BenchCase } from '../bench-case.ts'

/** A call that goes well through a closed breaker and a retrier with nothing to do. */
export const breakerRetry: BenchCase = {
  unit: 'ns',
  durability: 'D0',
  sides: {
    troupe: async () => (await import('../troupe/troupe-calls.ts')).troupeGuard(),
    cockatiel: async () => (await import('../peers/cockatiel-calls.ts')).cockatielGuard(),
  },
  rows: [{ metric: 'breaker + retry, closed path', of: 'troupe', against: 'cockatiel', target: { ratioAtMost: 1.3 } }],
}
