import { assign, setup } from 'xstate'
import type { NativeCase, Trace } from '../../support/conformance/native-case.ts'

/** Entry, exit, internal and re-entering transitions, wildcards, `always`, tags and input. */
export const transitionCases: readonly NativeCase[] = [
  {
    name: 'entry, exit and transition actions run from the inside out and back in',
    logic: (trace) =>
      setup({ actions: { say: (_args, params: { line: string }) => trace(params.line) } }).createMachine({
        id: 'nested',
        initial: 'a',
        entry: { type: 'say', params: { line: 'enter root' } },
        exit: { type: 'say', params: { line: 'exit root' } },
        states: {
          a: {
            initial: 'a1',
            entry: { type: 'say', params: { line: 'enter a' } },
            exit: { type: 'say', params: { line: 'exit a' } },
            states: {
              a1: {
                entry: () => trace('enter a1'),
                exit: () => trace('exit a1'),
                on: { DEEP: { target: '#nested.b.b1', actions: () => trace('a1 to b1') } },
              },
            },
            on: { UP: { target: 'b', actions: [() => trace('one'), { type: 'say', params: { line: 'two' } }] } },
          },
          b: {
            initial: 'b1',
            entry: () => trace('enter b'),
            exit: () => trace('exit b'),
            states: { b1: { entry: () => trace('enter b1'), on: { UP: '#nested.a' } } },
          },
        },
      }),
    script: [{ type: 'DEEP' }, { type: 'UP' }, { type: 'UP' }, { type: 'NOBODY' }],
  },
  {
    name: 'an internal transition stays, a re-entering one leaves and comes back',
    logic: (trace) =>
      setup({ types: {} as { context: { count: number } } }).createMachine({
        context: { count: 0 },
        initial: 'a',
        states: {
          a: {
            entry: () => trace('enter a'),
            exit: () => trace('exit a'),
            initial: 'x',
            states: { x: { on: { NEXT: 'y' } }, y: {} },
            on: {
              STAY: { actions: assign({ count: ({ context }) => context.count + 1 }) },
              INTO: { target: '.x' },
              SELF: { target: 'a' },
              AGAIN: { target: 'a', reenter: true },
              EMPTY: {},
            },
          },
        },
      }),
    script: ['NEXT', 'STAY', 'SELF', 'NEXT', 'AGAIN', 'NEXT', 'INTO', 'EMPTY'].map((type) => ({ type })),
  },
  {
    name: 'a wildcard takes what nothing else takes, a partial one what begins like it',
    logic: (trace) =>
      setup({}).createMachine({
        initial: 'a',
        states: {
          a: {
            on: {
              'mouse.click': { actions: () => trace('click') },
              'mouse.*': { actions: ({ event }) => trace(`mouse: ${event.type}`) },
              '*': { actions: ({ event }) => trace(`any: ${event.type}`) },
            },
          },
        },
      }),
    script: ['mouse.click', 'mouse.move.left', 'mouse', 'key.down'].map((type) => ({ type })),
  },
  {
    name: '`always` is followed until nothing is enabled, and sees what was assigned',
    logic: counter,
    script: [{ type: 'ADD' }, { type: 'ADD' }, { type: 'ADD' }],
  },
  {
    name: 'tags and input arrive',
    logic: () =>
      setup({ types: {} as { context: { title: string }; input: { title: string } } }).createMachine({
        context: ({ input }) => ({ title: input.title }),
        initial: 'idle',
        states: { idle: { tags: ['quiet'], on: { GO: 'busy' } }, busy: { tags: ['loud', 'hot'], on: { GO: 'idle' } } },
      }),
    input: { title: 'Printer' },
    script: [{ type: 'GO' }, { type: 'GO' }],
  },
  {
    name: 'the fields of an event reach assigners and actions',
    logic: (trace) =>
      setup({ types: {} as { context: { last: unknown } } }).createMachine({
        context: { last: null },
        on: {
          PUT: {
            actions: [
              assign({ last: ({ event }) => (event as unknown as { what: unknown }).what }),
              ({ context, event }) => trace(`${JSON.stringify(context.last)} by ${event.type}`),
            ],
          },
        },
      }),
    script: [
      { type: 'PUT', what: { deep: [1, 2] } },
      { type: 'PUT', what: null },
    ],
  },
]

function counter(trace: Trace) {
  return setup({
    types: {} as { context: { count: number } },
    guards: { isHigh: ({ context }, params: { least: number }) => context.count >= params.least },
  }).createMachine({
    context: { count: 0 },
    initial: 'low',
    states: {
      low: {
        always: [
          { guard: { type: 'isHigh', params: { least: 3 } }, target: 'high' },
          { guard: ({ context }) => context.count === 1, actions: [assign({ count: 2 }), () => trace('bumped')] },
        ],
        on: { ADD: { actions: assign({ count: ({ context }) => context.count + 1 }) } },
      },
      high: { always: { target: 'top', actions: () => trace('passing high') }, exit: () => trace('exit high') },
      top: { entry: () => trace('enter top') },
    },
  })
}
