import { assign, setup } from 'xstate'
import type { NativeCase } from '../../support/conformance/native-case.ts'

/** Parallel regions, history, final states and output. */
export const regionCases: readonly NativeCase[] = [
  {
    name: 'all regions take an event, in document order',
    logic: (trace) =>
      setup({}).createMachine({
        type: 'parallel',
        states: {
          left: {
            initial: 'off',
            states: { off: { on: { GO: { target: 'on', actions: () => trace('left') } } }, on: { on: { GO: 'off' } } },
          },
          right: {
            initial: 'off',
            states: { off: { on: { GO: { target: 'on', actions: () => trace('right') } } }, on: {} },
          },
        },
      }),
    script: [{ type: 'GO' }, { type: 'GO' }],
  },
  {
    name: 'shallow history remembers the child, deep history the grandchild, and a default stands in',
    logic: (trace) =>
      setup({}).createMachine({
        initial: 'out',
        states: {
          out: { on: { SHALLOW: 'in.shallow', DEEP: 'in.deep', PLAIN: 'in' } },
          in: {
            initial: 'one',
            on: { LEAVE: 'out' },
            states: {
              shallow: { type: 'history', target: 'two' },
              deep: { type: 'history', history: 'deep' },
              one: { entry: () => trace('one') },
              two: {
                initial: 'x',
                on: { BACK: 'one' },
                states: { x: { on: { NEXT: 'y' } }, y: { entry: () => trace('y') } },
              },
            },
          },
        },
      }),
    script: [
      'SHALLOW',
      'NEXT',
      'LEAVE',
      'SHALLOW',
      'NEXT',
      'LEAVE',
      'DEEP',
      'BACK',
      'LEAVE',
      'DEEP',
      'LEAVE',
      'PLAIN',
    ].map((type) => ({ type })),
  },
  {
    name: 'a compound state is done with its final child, a parallel one with all its regions',
    logic: (trace) =>
      setup({}).createMachine({
        initial: 'work',
        states: {
          work: {
            type: 'parallel',
            states: {
              a: {
                initial: 'on',
                states: { on: { on: { A: 'end' } }, end: { type: 'final', output: 'a ended' } },
                onDone: { actions: ({ event }) => trace(`a done: ${String(event.output)}`) },
              },
              b: { initial: 'on', states: { on: { on: { B: 'end' } }, end: { type: 'final' } } },
            },
            onDone: { target: 'over', actions: () => trace('work done') },
          },
          over: { type: 'final', output: { all: 'well' } },
        },
        output: ({ event }) => ({ from: event.output }),
      }),
    script: [{ type: 'A' }, { type: 'B' }],
  },
  {
    name: 'a done machine exits its states and keeps its output',
    logic: (trace) =>
      setup({ types: {} as { context: { sum: number }; output: number } }).createMachine({
        context: { sum: 0 },
        initial: 'open',
        exit: () => trace('exit root'),
        states: {
          open: {
            exit: () => trace('exit open'),
            on: { ADD: { actions: assign({ sum: ({ context }) => context.sum + 2 }) }, END: 'shut' },
          },
          shut: { type: 'final', entry: () => trace('enter shut'), exit: () => trace('exit shut') },
        },
        output: ({ context }) => context.sum,
      }),
    script: ['ADD', 'ADD', 'END', 'ADD'].map((type) => ({ type })),
  },
]
