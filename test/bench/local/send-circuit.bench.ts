import type { BenchCase } from '../bench-case.ts'

/** What the runtime adds to XState's `send`: full cycles of a circuit breaker, its timer included. */
export const sendCircuit: BenchCase = {
  unit: 'ns',
  durability: 'D0',
  sides: {
    'raw xstate': async () => {
      const [{ rawSend }, work] = await Promise.all([
        import('../raw/raw-send.ts'),
        import('../work/circuit.machine.ts'),
      ])
      return rawSend(work.circuitMachine, work.circuitEvents, { failures: 0, calls: 11 })
    },
  },
  rows: [{ metric: 'send, breaker full cycle', of: 'raw xstate', target: {} }],
}
