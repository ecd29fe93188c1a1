import type { BenchCase, Durability } from '../bench-case.ts'

const side = (durability: Durability, share: number) => async () =>
  (await import('../troupe/durable-latency.ts')).durableLatency(durability, share)

/** One durable step: a message to one actor, acknowledged when it is committed; one at a time. */
export const stepLatency: BenchCase = {
  unit: 'ms',
  durability: 'D2',
  sides: {
    'D2 p50': side('D2', 0.5),
    'D2 p99': side('D2', 0.99),
    'D1 p50': side('D1', 0.5),
    'D1 p99': side('D1', 0.99),
    'D0 p50': side('D0', 0.5),
    'D0 p99': side('D0', 0.99),
  },
  rows: [
    { metric: 'durable step, p50', of: 'D2 p50', target: { atMost: 1 } },
    { metric: 'durable step, p99', of: 'D2 p99', target: {} },
    { metric: 'durable step, p50', of: 'D1 p50', target: {}, durability: 'D1' },
    { metric: 'durable step, p99', of: 'D1 p99', target: {}, durability: 'D1' },
    { metric: 'durable step, p50', of: 'D0 p50', target: {}, durability: 'D0' },
    { metric: 'durable step, p99', of: 'D0 p99', target: {}, durability: 'D0' },
  ],
}
