import type { BenchCase, Durability } from '../bench-case.ts'

const side = (durability: Durability) => async () =>
  (await import('../troupe/durable-stall.ts')).durableStall(durability)

/** How long the event loop stands still while fifty workflows append. */
export const appendStall: BenchCase = {
  unit: 'ms',
  durability: 'D2',
  sides: { D2: side('D2'), D1: side('D1'), D0: side('D0') },
  rows: [
    { metric: 'event loop stall at 50 runs, p99', of: 'D2', target: {} },
    { metric: 'event loop stall at 50 runs, p99', of: 'D1', target: {}, durability: 'D1' },
    { metric: 'event loop stall at 50 runs, p99', of: 'D0', target: {}, durability: 'D0' },
  ],
  rounds: 5,
  warmUps: 1,
}
