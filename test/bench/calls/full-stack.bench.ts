import type { BenchCase } from '../bench-case.ts'

/** A call that goes well through retry, breaker, time limit and bulkhead. */
export const fullStack: BenchCase = {
  unit: 'ns',
  durability: 'D0',
  sides: {
    troupe: async () => (await import('../troupe/troupe-calls.ts')).troupeFullGuard(),
    'troupe, signal': async () => (await import('../troupe/troupe-calls.ts')).troupeFullGuardSignal(),
    cockatiel: async () => (await import('../peers/cockatiel-calls.ts')).cockatielFullGuard(),
    'cockatiel, cooperative': async () => (await import('../peers/cockatiel-calls.ts')).cockatielCooperative(),
    'cockatiel, signal': async () => (await import('../peers/cockatiel-calls.ts')).cockatielFullGuardSignal(),
  },
  rows: [
    { metric: 'full stack', of: 'troupe', against: 'cockatiel', target: { ratioAtMost: 0.25 } },
    { metric: 'full stack', of: 'troupe', against: 'cockatiel, cooperative', target: {} },
    {
      metric: 'full stack, work takes the signal',
      of: 'troupe, signal',
      against: 'cockatiel, signal',
      target: {},
    },
  ],
}
