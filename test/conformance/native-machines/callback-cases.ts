import { type AnyEventObject, emit, fromCallback, sendTo, setup } from 'xstate'
import type { NativeCase } from '../../support/conformance/native-case.ts'

/** Callback logic: what it sends back, receives, emits and cleans up. */
export const callbackCases: readonly NativeCase[] = [
  {
    name: 'sendBack, receive and the cleanup',
    logic: (trace) =>
      setup({
        actors: {
          line: fromCallback<AnyEventObject, { greeting: string }>(({ sendBack, receive, input }) => {
            trace(`opened with ${input.greeting}`)
            sendBack({ type: 'OPENED' })
            receive((event) => {
              trace(`received ${event.type}`)
              sendBack({ type: 'PONG' })
            })
            return () => trace('closed')
          }),
        },
      }).createMachine({
        initial: 'off',
        states: {
          off: { on: { ON: 'on' } },
          on: {
            invoke: { id: 'line', src: 'line', input: { greeting: 'hello' } },
            on: {
              OFF: 'off',
              PING: { actions: sendTo('line', { type: 'PING' }) },
              PONG: { actions: () => trace('pong') },
              OPENED: { actions: () => trace('is open') },
            },
          },
        },
      }),
    script: ['PING', 'ON', 'PING', 'OFF', 'PING', 'ON'].map((type) => ({ type })),
  },
  {
    name: 'a callback that throws at once is an error of its parent',
    logic: (trace) =>
      setup({
        actors: {
          broken: fromCallback(() => {
            throw new Error('no line')
          }),
        },
      }).createMachine({
        initial: 'idle',
        states: {
          idle: { on: { GO: 'on' } },
          on: {
            invoke: {
              id: 'broken',
              src: 'broken',
              onError: { target: 'off', actions: ({ event }) => trace((event.error as Error).message) },
            },
          },
          off: {},
        },
      }),
    script: [{ type: 'GO' }],
  },
  {
    name: 'several events in a row keep their order',
    logic: (trace) =>
      setup({
        actors: {
          burst: fromCallback(({ sendBack }) => {
            for (let n = 0; n < 5; n++) sendBack({ type: 'N', n })
          }),
        },
      }).createMachine({
        invoke: { id: 'burst', src: 'burst' },
        on: { N: { actions: ({ event }) => trace(`n ${(event as unknown as { n: number }).n}`) } },
      }),
    script: [],
  },
  {
    name: 'what the machine emits on an event of a callback is heard',
    emits: ['seen'],
    logic: () =>
      setup({
        types: {} as { emitted: { type: 'seen' } },
        actors: {
          source: fromCallback(({ receive, sendBack }) => {
            receive(() => sendBack({ type: 'SEE' }))
          }),
        },
      }).createMachine({
        invoke: { id: 'source', src: 'source' },
        on: { POKE: { actions: sendTo('source', { type: 'POKE' }) }, SEE: { actions: emit({ type: 'seen' }) } },
      }),
    script: [{ type: 'POKE' }],
  },
]
