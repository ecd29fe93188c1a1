import { assign, emit, enqueueActions, log, setup } from 'xstate'
import type { NativeCase } from '../../support/conformance/native-case.ts'

/** What actions do besides calling: emit, enqueue, assign, log. */
export const actionCases: readonly NativeCase[] = [
  {
    name: 'emitted events leave in order, with what the context holds at that point',
    emits: ['counted', 'flagged'],
    logic: () =>
      setup({ types: {} as { context: { count: number }; emitted: { type: string; count?: number } } }).createMachine({
        context: { count: 0 },
        on: {
          COUNT: {
            actions: [
              emit(({ context }) => ({ type: 'counted', count: context.count })),
              assign({ count: ({ context }) => context.count + 1 }),
              emit(({ context }) => ({ type: 'counted', count: context.count })),
              emit({ type: 'flagged' }),
            ],
          },
        },
      }),
    script: [{ type: 'COUNT' }, { type: 'COUNT' }],
  },
  {
    name: 'enqueued actions run in their order and see the state of their moment',
    emits: ['seen'],
    logic: (trace) =>
      setup({
        types: {} as { context: { count: number }; emitted: { type: 'seen'; count: number } },
        guards: { isOdd: ({ context }) => context.count % 2 === 1 },
        actions: { mark: ({ context }, params: { as: string }) => trace(`${params.as} ${context.count}`) },
      }).createMachine({
        context: { count: 0 },
        initial: 'a',
        states: {
          a: {
            on: {
              GO: {
                actions: enqueueActions(({ enqueue, check, context }) => {
                  enqueue({ type: 'mark', params: { as: 'before' } })
                  enqueue.assign({ count: context.count + 1 })
                  enqueue(({ context: now }) => trace(`inline ${now.count}`))
                  if (check('isOdd')) enqueue.raise({ type: 'ODD' })
                  else enqueue.emit({ type: 'seen', count: context.count })
                  enqueue({ type: 'mark', params: { as: 'after' } })
                  enqueue.raise({ type: 'LATER' }, { delay: 10, id: 'later' })
                  if (context.count > 1) enqueue.cancel('later')
                }),
              },
              ODD: { actions: () => trace('odd') },
              LATER: { actions: () => trace('later') },
            },
          },
        },
      }),
    script: [{ type: 'GO' }, 15, { type: 'GO' }, 20, { type: 'GO' }, 20],
  },
  {
    name: 'named actions may be built in, and log disturbs nothing',
    logic: (trace) =>
      setup({
        types: {} as { context: { n: number } },
        actions: {
          add: assign({ n: ({ context }) => context.n + 1 }),
          addTwice: enqueueActions(({ enqueue, context }) => {
            enqueue.assign({ n: context.n + 1 })
            enqueue.assign({ n: ({ context: now }) => now.n + 1 })
          }),
          write: log(({ context }) => `n is ${context.n}`, 'label'),
          say: ({ context }) => trace(`n ${context.n}`),
        },
      }).createMachine({
        context: { n: 0 },
        entry: ['add', 'say'],
        on: { GO: { actions: ['addTwice', 'write', 'say', 'add', 'say'] } },
      }),
    script: [{ type: 'GO' }, { type: 'GO' }],
  },
  {
    name: 'an assigner that replaces the whole, and several in a row',
    logic: (trace) =>
      setup({ types: {} as { context: { a: number; b: number } } }).createMachine({
        context: { a: 1, b: 2 },
        on: {
          SWAP: {
            actions: [
              assign(({ context }) => ({ a: context.b, b: context.a })),
              assign({ a: ({ context }) => context.a * 10, b: 7 }),
              ({ context }) => trace(JSON.stringify(context)),
            ],
          },
        },
      }),
    script: [{ type: 'SWAP' }, { type: 'SWAP' }],
  },
]
