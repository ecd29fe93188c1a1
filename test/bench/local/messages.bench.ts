import type { BenchCase } from '../bench-case.ts'

/** Messages and questions to one actor of an actor library. The aim beyond this class is four times nact's send. */
export const messages: BenchCase = {
  unit: 'msg/s',
  durability: 'D0',
  sides: {
    'troupe send': async () => (await import('../troupe/troupe-messages.ts')).troupeMessages(),
    'nact send': async () => (await import('../peers/nact-messages.ts')).nactSend(),
    'troupe ask': async () => (await import('../troupe/troupe-messages.ts')).troupeAsk(),
    'nact ask': async () => (await import('../peers/nact-messages.ts')).nactAsk(),
  },
  rows: [
    { metric: 'local send', of: 'troupe send', against: 'nact send', target: {} },
    { metric: 'ask round trip', of: 'troupe ask', against: 'nact ask', target: {} },
  ],
}
