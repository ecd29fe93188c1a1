import { assign, forwardTo, fromTransition, sendParent, sendTo, setup } from 'xstate'
import type { NativeCase, Trace } from '../../support/conformance/native-case.ts'

/** Machines and transition logics that a machine invokes, and the talk between them. */
export const actorCases: readonly NativeCase[] = [
  {
    name: 'an invoked machine gets its input, and its output arrives in onDone',
    logic: (trace) =>
      setup({
        types: {} as { context: { sum: number } },
        actors: { adder: adder(trace) },
      }).createMachine({
        context: { sum: 0 },
        initial: 'idle',
        states: {
          idle: { on: { GO: 'adding' } },
          adding: {
            invoke: {
              id: 'adder',
              src: 'adder',
              input: ({ context, event }) => ({ a: context.sum, b: (event as unknown as { by: number }).by }),
              onDone: { target: 'idle', actions: assign({ sum: ({ event }) => event.output }) },
            },
            on: { MORE: { actions: sendTo('adder', { type: 'FINISH' }) } },
          },
        },
      }),
    script: [{ type: 'GO', by: 2 }, { type: 'MORE' }, { type: 'GO', by: 5 }, { type: 'MORE' }, { type: 'MORE' }],
  },
  {
    name: 'parent and child talk: sendTo, sendParent and forwardTo',
    logic: (trace) =>
      setup({ actors: { echo: echo(trace) } }).createMachine({
        invoke: { id: 'echo', src: 'echo' },
        on: {
          SAY: { actions: [() => trace('parent says'), sendTo('echo', ({ event }) => ({ ...event, type: 'HEAR' }))] },
          HEAR: { actions: forwardTo('echo') },
          ECHO: { actions: ({ event }) => trace(`parent hears ${(event as unknown as { text: string }).text}`) },
        },
      }),
    script: [
      { type: 'SAY', text: 'one' },
      { type: 'HEAR', text: 'two' },
    ],
  },
  {
    name: 'a child is addressed by what the context or a function says',
    logic: (trace) =>
      setup({ types: {} as { context: { to: string } }, actors: { echo: echo(trace) } }).createMachine({
        context: { to: 'second' },
        invoke: [
          { id: 'first', src: 'echo' },
          { id: 'second', src: 'echo' },
        ],
        on: {
          SAY: {
            actions: sendTo(
              ({ context }) => context.to,
              ({ event }) => ({ ...event, type: 'HEAR' }),
            ),
          },
          TURN: { actions: assign({ to: 'first' }) },
          ECHO: { actions: ({ event }) => trace(`heard ${(event as unknown as { text: string }).text}`) },
        },
      }),
    script: [{ type: 'SAY', text: 'a' }, { type: 'TURN' }, { type: 'SAY', text: 'b' }],
  },
  {
    name: 'a delayed send to a child, and one that is taken back',
    logic: (trace) =>
      setup({ actors: { echo: echo(trace) } }).createMachine({
        invoke: { id: 'echo', src: 'echo' },
        on: {
          SAY: { actions: sendTo('echo', { type: 'HEAR', text: 'late' }, { delay: 100 }) },
          ECHO: { actions: () => trace('echo') },
        },
      }),
    script: [{ type: 'SAY' }, 99, 1],
  },
  {
    name: 'transition logic as a child takes events in order',
    logic: (trace) =>
      setup({
        actors: {
          tally: fromTransition(
            (state: { n: number }, event: { type: string; by?: number }) => {
              trace(`tally ${event.type} ${event.by ?? 0}`)
              return { n: state.n + (event.by ?? 0) }
            },
            { n: 0 },
          ),
        },
      }).createMachine({
        invoke: {
          id: 'tally',
          src: 'tally',
          onSnapshot: { actions: ({ event }) => trace(JSON.stringify(event.snapshot.context)) },
        },
        on: { ADD: { actions: forwardTo('tally') } },
      }),
    script: [
      { type: 'ADD', by: 2 },
      { type: 'ADD', by: 3 },
    ],
  },
  {
    name: 'a child machine three deep answers through its parents',
    logic: (trace) => {
      const leaf = setup({}).createMachine({
        on: { DOWN: { actions: [() => trace('leaf'), sendParent({ type: 'UP' })] } },
      })
      const middle = setup({ actors: { leaf } }).createMachine({
        invoke: { id: 'leaf', src: 'leaf' },
        on: {
          DOWN: { actions: forwardTo('leaf') },
          UP: { actions: [() => trace('middle'), sendParent({ type: 'UP' })] },
        },
      })
      return setup({ types: {} as { context: { ups: number } }, actors: { middle } }).createMachine({
        context: { ups: 0 },
        invoke: { id: 'middle', src: 'middle' },
        on: {
          DOWN: { actions: forwardTo('middle') },
          UP: { actions: [assign({ ups: ({ context }) => context.ups + 1 }), () => trace('root')] },
        },
      })
    },
    script: [{ type: 'DOWN' }, { type: 'DOWN' }],
  },
  {
    name: 'self, its id and its parent are what they say',
    logic: (trace) => {
      const child = setup({}).createMachine({
        entry: [({ self }) => trace(`child ${self.id}`), ({ self }) => self._parent?.send({ type: 'HELLO' })],
      })
      return setup({ actors: { child } }).createMachine({
        invoke: { id: 'kid', src: 'child' },
        on: {
          HELLO: { actions: [() => trace('hello'), ({ self }) => self.send({ type: 'AGAIN' })] },
          AGAIN: { actions: () => trace('again') },
        },
      })
    },
    script: [{ type: 'AGAIN' }],
  },
]

function adder(trace: Trace) {
  return setup({
    types: {} as { context: { a: number; b: number }; input: { a: number; b: number }; output: number },
  }).createMachine({
    context: ({ input }) => input,
    initial: 'waiting',
    entry: ({ context }) => trace(`adder has ${context.a} and ${context.b}`),
    states: { waiting: { on: { FINISH: 'done' } }, done: { type: 'final' } },
    output: ({ context }) => context.a + context.b,
  })
}

function echo(trace: Trace) {
  return setup({ types: {} as { events: { type: 'HEAR'; text: string } } }).createMachine({
    on: {
      HEAR: {
        actions: [
          ({ event }) => trace(`child hears ${event.text}`),
          sendParent(({ event }) => ({ type: 'ECHO', text: event.text })),
        ],
      },
    },
  })
}
