import { assign, fromPromise, sendTo, setup } from 'xstate'
import type { NativeCase } from '../../support/conformance/native-case.ts'

const failing = (message: string) =>
  fromPromise(async () => {
    throw new Error(message)
  })

/** What becomes of an error in a child, handled and not. */
export const childErrorCases: readonly NativeCase[] = [
  {
    name: 'onError hears the error of a promise',
    logic: (trace) =>
      setup({ types: {} as { context: { why: string } }, actors: { work: failing('no power') } }).createMachine({
        context: { why: '' },
        initial: 'on',
        states: {
          on: {
            invoke: {
              id: 'work',
              src: 'work',
              onError: {
                target: 'off',
                actions: [assign({ why: ({ event }) => (event.error as Error).message }), () => trace('caught')],
              },
            },
          },
          off: {},
        },
      }),
    script: [],
  },
  {
    name: 'an error that nobody handles ends the parent',
    logic: () =>
      setup({ actors: { work: failing('unhandled') } }).createMachine({
        initial: 'idle',
        states: { idle: { on: { GO: 'on' } }, on: { invoke: { id: 'work', src: 'work' } } },
      }),
    script: [{ type: 'GO' }],
  },
  {
    name: 'an unhandled error climbs until somebody handles it',
    logic: (trace) => {
      const leaf = setup({ actors: { work: failing('deep') } }).createMachine({
        initial: 'idle',
        states: { idle: { on: { GO: 'on' } }, on: { invoke: { id: 'work', src: 'work' } } },
      })
      const middle = setup({ actors: { leaf } }).createMachine({
        invoke: { id: 'leaf', src: 'leaf' },
        on: { GO: { actions: sendTo('leaf', { type: 'GO' }) } },
      })
      return setup({ actors: { middle } }).createMachine({
        initial: 'on',
        states: {
          on: {
            invoke: {
              id: 'middle',
              src: 'middle',
              onError: { target: 'off', actions: ({ event }) => trace(`caught ${(event.error as Error).message}`) },
            },
            on: { GO: { actions: sendTo('middle', { type: 'GO' }) } },
          },
          off: {},
        },
      })
    },
    script: [{ type: 'GO' }],
  },
  {
    name: 'a root wildcard swallows the error of a child',
    logic: (trace) =>
      setup({ actors: { work: failing('swallowed') } }).createMachine({
        invoke: { id: 'work', src: 'work' },
        on: { '*': { actions: ({ event }) => trace(event.type) } },
      }),
    script: [{ type: 'STILL_HERE' }],
  },
  {
    name: 'a child whose first state throws is an error of the parent',
    logic: (trace) =>
      setup({
        actors: {
          broken: setup({}).createMachine({
            context: () => {
              throw new Error('no context')
            },
          }),
        },
      }).createMachine({
        initial: 'idle',
        states: {
          idle: { on: { GO: 'on' } },
          on: { invoke: { id: 'broken', src: 'broken', onError: { target: 'off', actions: () => trace('caught') } } },
          off: {},
        },
      }),
    script: [{ type: 'GO' }],
  },
]
