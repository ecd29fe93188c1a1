import type { BenchCase } from '../bench-case.ts'

/** What the runtime adds to XState's `send`: a breaker that opens, waits with a timer and closes. */
export const sendCircuit: BenchCase = {
  unit: 'ns',
  durability: 'D0',
  sides: {
    troupe: async () => {
      const [{ troupeSend }, { circuit }, work] = await Promise.all([
        import('../troupe/troupe-send.ts'),
        import('../troupe/work-actors.ts'),
        import('../workload/circuit.machine.ts'),
      ])
      return troupeSend(circuit, work.circuitEvents, { failures: 0, calls: 11 })
    },
    'raw xstate': async () => {
      const [{ rawSend }, work] = await Promise.all([
        import('../raw/raw-send.ts'),
        import('../workload/circuit.machine.ts'),
      ])
      return rawSend(work.circuitMachine, work.circuitEvents, { failures: 0, calls: 11 })
    },
  },
  rows: [{ metric: 'send, breaker full cycle', of: 'troupe', against: 'raw xstate', target: { ratioAtMost: 1.15 } }],
}
