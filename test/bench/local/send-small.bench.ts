import type { BenchCase } from '../bench-case.ts'

/** What the runtime adds to XState's `send`: a small machine. */
export const sendSmall: BenchCase = {
  unit: 'ns',
  durability: 'D0',
  sides: {
    'raw xstate': async () => {
      const [{ rawSend }, work] = await Promise.all([import('../raw/raw-send.ts'), import('../work/small.machine.ts')])
      return rawSend(work.smallMachine, work.smallEvents, { count: 1 })
    },
  },
  rows: [{ metric: 'send, small machine', of: 'raw xstate', target: {} }],
}
