import type { BenchCase } from '../bench-case.ts'

/** Messages and questions to one actor of an actor library. */
export const messages: BenchCase = {
  unit: 'msg/s',
  durability: 'D0',
  sides: {
    'nact send': async () => (await import('../peers/nact-messages.ts')).nactSend(),
    'nact ask': async () => (await import('../peers/nact-messages.ts')).nactAsk(),
  },
  rows: [
    { metric: 'local send', of: 'nact send', target: {} },
    { metric: 'ask round trip', of: 'nact ask', target: {} },
  ],
}
