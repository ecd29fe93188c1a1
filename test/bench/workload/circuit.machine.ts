import { assign, setup } from 'xstate'

type CircuitEvent = { type: 'circuit.succeed' } | { type: 'circuit.fail' } | { type: 'circuit.probe' }

/** A circuit breaker: it opens after three failures, with a timer pending, and closes after a probe that succeeds. */
export const circuitMachine = setup({
  types: { context: {} as { failures: number; calls: number }, events: {} as CircuitEvent },
  delays: { cooldown: 600_000 },
  guards: { isWorn: ({ context }) => context.failures >= 2 },
  actions: {
    countSuccess: assign({ failures: 0, calls: ({ context }) => context.calls + 1 }),
    countFailure: assign({
      failures: ({ context }) => context.failures + 1,
      calls: ({ context }) => context.calls + 1,
    }),
  },
}).createMachine({
  id: 'circuit',
  context: { failures: 0, calls: 0 },
  initial: 'closed',
  states: {
    closed: {
      on: {
        'circuit.succeed': { actions: 'countSuccess' },
        'circuit.fail': [{ guard: 'isWorn', target: 'open', actions: 'countFailure' }, { actions: 'countFailure' }],
      },
    },
    open: { after: { cooldown: 'halfOpen' }, on: { 'circuit.probe': 'halfOpen' } },
    halfOpen: {
      on: {
        'circuit.succeed': { target: 'closed', actions: 'countSuccess' },
        'circuit.fail': { target: 'open', actions: 'countFailure' },
      },
    },
  },
})

const succeed = { type: 'circuit.succeed' } as const
const fail = { type: 'circuit.fail' } as const

/** One full cycle: mostly good calls, then it opens, is probed and closes. */
export const circuitEvents: readonly CircuitEvent[] = [
  ...Array.from({ length: 7 }, () => succeed),
  fail,
  fail,
  fail,
  { type: 'circuit.probe' },
  succeed,
]
