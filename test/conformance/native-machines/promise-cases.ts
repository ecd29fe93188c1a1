import { assign, fromPromise, setup } from 'xstate'
import type { NativeCase, Trace } from '../../support/conformance/native-case.ts'

/** Promise logic: results, replacement, abortion. */
export const promiseCases: readonly NativeCase[] = [
  {
    name: 'the result of a promise arrives in onDone',
    logic: (trace) =>
      setup({
        types: {} as { context: { total: number } },
        actors: { double: fromPromise(async ({ input }: { input: number }) => input * 2) },
      }).createMachine({
        context: { total: 1 },
        initial: 'idle',
        states: {
          idle: { on: { GO: 'busy' } },
          busy: {
            entry: () => trace('busy'),
            invoke: {
              id: 'double',
              src: 'double',
              input: ({ context }) => context.total,
              onDone: { target: 'idle', actions: assign({ total: ({ event }) => event.output }) },
            },
          },
        },
      }),
    script: [{ type: 'GO' }, { type: 'GO' }],
  },
  {
    name: 'leaving the state aborts the promise and ignores its result',
    logic: (trace) => slow(trace),
    script: [{ type: 'GO' }, { type: 'LEAVE' }, { type: 'GO' }, { type: 'RELEASE' }],
  },
  {
    name: 'a promise without onDone, and one that resolves to nothing',
    logic: (trace) =>
      setup({ actors: { quiet: fromPromise(async () => {}) } }).createMachine({
        invoke: [
          { id: 'plain', src: 'quiet' },
          { id: 'heard', src: 'quiet', onDone: { actions: ({ event }) => trace(`got ${String(event.output)}`) } },
        ],
      }),
    script: [],
  },
  {
    name: 'two promises at once each find their own onDone',
    logic: (trace) =>
      setup({ actors: { tell: fromPromise(async ({ input }: { input: string }) => input) } }).createMachine({
        type: 'parallel',
        states: {
          left: {
            initial: 'on',
            states: {
              on: {
                invoke: {
                  src: 'tell',
                  input: 'l',
                  onDone: { target: 'off', actions: ({ event }) => trace(event.output) },
                },
              },
              off: { type: 'final' },
            },
          },
          right: {
            initial: 'on',
            states: {
              on: {
                invoke: {
                  src: 'tell',
                  input: 'r',
                  onDone: { target: 'off', actions: ({ event }) => trace(event.output) },
                },
              },
              off: { type: 'final' },
            },
          },
        },
      }),
    script: [],
  },
]

function slow(trace: Trace) {
  const releases: (() => void)[] = []
  let runs = 0
  return setup({
    actors: {
      wait: fromPromise(async ({ signal }) => {
        const run = ++runs
        signal.addEventListener('abort', () => trace(`aborted ${run}`))
        await new Promise<void>((resolve) => releases.push(resolve))
        return run
      }),
    },
    actions: {
      release: () => {
        for (const resolve of releases) resolve()
      },
    },
  }).createMachine({
    initial: 'idle',
    states: {
      idle: { on: { GO: 'busy' } },
      busy: {
        invoke: {
          id: 'wait',
          src: 'wait',
          onDone: { target: 'idle', actions: ({ event }) => trace(`done ${String(event.output)}`) },
        },
        on: { LEAVE: 'idle', RELEASE: { actions: 'release' } },
      },
    },
  })
}
