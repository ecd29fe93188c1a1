import type { BenchCase } from '../bench-case.ts'

/** Stopping an actor while timers of others are pending. */
export const stop: BenchCase = {
  unit: 'us',
  durability: 'D0',
  sides: {
    'troupe, 100 timers': async () => (await import('../troupe/troupe-stop.ts')).troupeStop(100),
    'troupe, 10k timers': async () => (await import('../troupe/troupe-stop.ts')).troupeStop(10_000),
    'raw xstate, 10k timers': async () => (await import('../raw/raw-stop.ts')).rawStop(10_000),
  },
  rows: [
    { metric: 'stop, 10k timers pending', of: 'troupe, 10k timers', target: { atMost: 5 } },
    {
      metric: 'stop, flat 100 to 10k',
      of: 'troupe, 10k timers',
      against: 'troupe, 100 timers',
      target: { ratioAtMost: 1.5 },
    },
    { metric: 'stop, 10k timers pending', of: 'troupe, 10k timers', against: 'raw xstate, 10k timers', target: {} },
  ],
  rounds: 9,
  warmUps: 3,
}
