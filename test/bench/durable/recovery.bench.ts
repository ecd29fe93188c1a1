import type { BenchCase } from '../bench-case.ts'

const sides = () => import('../troupe/durable-recovery.ts')

/** How many of 10 000 actors come back in a second of CPU. */
export const recovery: BenchCase = {
  unit: 'actors/s',
  durability: 'D2',
  sides: {
    due: async () => (await sides()).recoverDue(),
    'due, settled': async () => (await sides()).recoverSettled(),
    passive: async () => (await sides()).recoverPassive(),
  },
  rows: [
    { metric: '10k actors with overdue timers, back', of: 'due', target: { atLeast: 50_000 } },
    { metric: '10k overdue timers fired, committed', of: 'due, settled', target: {} },
    { metric: '10k actors at rest, looked at', of: 'passive', target: { atLeast: 50_000 } },
  ],
}
