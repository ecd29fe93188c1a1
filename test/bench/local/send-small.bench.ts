import type { BenchCase } from '../bench-case.ts'

/** What the runtime adds to XState's `send`: a small machine. */
export const sendSmall: BenchCase = {
  unit: 'ns',
  durability: 'D0',
  sides: {
    troupe: async () => {
      const [{ troupeSend }, { small }, work] = await Promise.all([
        import('../troupe/troupe-send.ts'),
        import('../troupe/work-actors.ts'),
        import('../workload/small.machine.ts'),
      ])
      return troupeSend(small, work.smallEvents, { count: 1 })
    },
    'raw xstate': async () => {
      const [{ rawSend }, work] = await Promise.all([
        import('../raw/raw-send.ts'),
        import('../workload/small.machine.ts'),
      ])
      return rawSend(work.smallMachine, work.smallEvents, { count: 1 })
    },
  },
  rows: [{ metric: 'send, small machine', of: 'troupe', against: 'raw xstate', target: { ratioAtMost: 1.15 } }],
}
