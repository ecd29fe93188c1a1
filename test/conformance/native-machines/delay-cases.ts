import { assign, cancel, raise, sendTo, setup } from 'xstate'
import type { NativeCase } from '../../support/conformance/native-case.ts'

/** Time: `after`, named delays, delayed raises and sends, and what takes them back. */
export const delayCases: readonly NativeCase[] = [
  {
    name: 'several `after` of one state fire in the order they are due',
    logic: (trace) =>
      setup({}).createMachine({
        initial: 'a',
        states: {
          a: {
            after: { 300: { target: 'b' }, 100: { actions: () => trace('100') }, 200: { actions: () => trace('200') } },
          },
          b: { after: { 50: 'c' } },
          c: {},
        },
      }),
    script: [99, 1, 100, 100, 49, 1, 1000],
  },
  {
    name: 'leaving a state takes its timers back, entering it anew sets them anew',
    logic: (trace) =>
      setup({}).createMachine({
        initial: 'waiting',
        states: {
          waiting: {
            entry: () => trace('enter'),
            after: { 1000: 'late' },
            on: { RESET: { target: 'waiting', reenter: true }, PAUSE: 'paused' },
          },
          paused: { on: { RESUME: 'waiting' } },
          late: {},
        },
      }),
    script: [900, { type: 'RESET' }, 900, { type: 'PAUSE' }, 5000, { type: 'RESUME' }, 999, 1],
  },
  {
    name: 'named delays are constants or computed from the context',
    logic: () =>
      setup({
        types: {} as { context: { tries: number } },
        delays: { SHORT: 10, backoff: ({ context }) => 100 * 2 ** context.tries },
      }).createMachine({
        context: { tries: 0 },
        initial: 'trying',
        states: {
          trying: { after: { SHORT: 'waiting' } },
          waiting: {
            entry: assign({ tries: ({ context }) => context.tries + 1 }),
            after: { backoff: [{ guard: ({ context }) => context.tries > 2, target: 'gone' }, { target: 'trying' }] },
          },
          gone: { type: 'final' },
        },
      }),
    script: [10, 199, 1, 10, 400, 10, 799, 1],
  },
  {
    name: 'a guarded `after` that is not enabled passes by',
    logic: (trace) =>
      setup({ types: {} as { context: { ready: boolean } } }).createMachine({
        context: { ready: false },
        initial: 'a',
        states: {
          a: {
            after: {
              100: { guard: ({ context }) => context.ready, target: 'b' },
              200: { actions: () => trace('200') },
            },
            on: { READY: { actions: assign({ ready: true }) } },
          },
          b: {},
        },
      }),
    script: [150, { type: 'READY' }, 100],
  },
  {
    name: 'delayed raises come later, by id they can be cancelled',
    logic: (trace) =>
      setup({}).createMachine({
        on: {
          SET: {
            actions: [raise({ type: 'DING' }, { delay: 100, id: 'ding' }), raise({ type: 'DONG' }, { delay: 150 })],
          },
          STOP: { actions: cancel('ding') },
          STOP_COMPUTED: { actions: cancel(({ event }) => (event as unknown as { id: string }).id) },
          DING: { actions: () => trace('ding') },
          DONG: { actions: () => trace('dong') },
        },
      }),
    script: [
      { type: 'SET' },
      50,
      { type: 'STOP' },
      100,
      { type: 'SET' },
      120,
      100,
      { type: 'SET' },
      { type: 'STOP_COMPUTED', id: 'ding' },
      { type: 'STOP_COMPUTED', id: 'never' },
      200,
    ],
  },
  {
    name: 'a delayed send to itself arrives in whatever state it then is',
    logic: (trace) =>
      setup({ delays: { soon: 30 } }).createMachine({
        initial: 'a',
        states: {
          a: {
            entry: [
              sendTo(({ self }) => self, { type: 'PING' }, { delay: 'soon' }),
              sendTo(({ self }) => self, { type: 'PING' }, { delay: 10, id: 'first' }),
              sendTo(({ self }) => self, { type: 'NOW' }),
            ],
            on: { PING: { target: 'b', actions: () => trace('in a') }, NOW: { actions: () => trace('now') } },
          },
          b: { on: { PING: { actions: () => trace('in b') } } },
        },
      }),
    script: [10, 20],
  },
  {
    name: 'a raised event is taken before anything else',
    logic: (trace) =>
      setup({ types: {} as { context: { log: string[] } } }).createMachine({
        context: { log: [] },
        initial: 'a',
        states: {
          a: {
            on: {
              GO: {
                actions: [
                  raise({ type: 'IN' }),
                  raise(({ event }) => ({ type: 'IN2', by: event.type })),
                  () => trace('go'),
                ],
              },
              IN: { target: 'b', actions: assign({ log: ({ context }) => [...context.log, 'in'] }) },
            },
          },
          b: {
            entry: raise({ type: 'IN3' }),
            on: { IN2: { actions: () => trace('in2') }, IN3: { actions: () => trace('in3') } },
          },
        },
      }),
    script: [{ type: 'GO' }],
  },
]
