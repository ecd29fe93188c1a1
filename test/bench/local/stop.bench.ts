import type { BenchCase } from '../bench-case.ts'

/** Stopping an actor while timers of others are pending. */
export const stop: BenchCase = {
  unit: 'us',
  durability: 'D0',
  sides: {
    'raw xstate, 100 timers': async () => (await import('../raw/raw-stop.ts')).rawStop(100),
    'raw xstate, 10k timers': async () => (await import('../raw/raw-stop.ts')).rawStop(10_000),
  },
  rows: [
    {
      metric: 'stop, pending timers',
      of: 'raw xstate, 10k timers',
      against: 'raw xstate, 100 timers',
      target: {},
    },
  ],
  rounds: 5,
  warmUps: 1,
}
