import { and, assign, not, or, setup, stateIn } from 'xstate'
import type { NativeCase } from '../../support/conformance/native-case.ts'

/** Guards: named, inline, with params, combined, and on the state. */
export const guardCases: readonly NativeCase[] = [
  {
    name: 'and, or and not combine named and inline guards',
    logic: (trace) =>
      setup({
        types: {} as { context: { level: number } },
        guards: {
          isOver: ({ context }, params: { limit: number }) => context.level > params.limit,
          isEven: ({ context }) => context.level % 2 === 0,
        },
      }).createMachine({
        context: { level: 0 },
        on: {
          UP: { actions: assign({ level: ({ context }) => context.level + 1 }) },
          TRY: [
            {
              guard: and([{ type: 'isOver', params: { limit: 2 } }, 'isEven']),
              actions: () => trace('over 2 and even'),
            },
            {
              guard: or([
                ({ context }) => context.level === 1,
                and([not('isEven'), { type: 'isOver', params: { limit: 2 } }]),
              ]),
              actions: () => trace('1, or odd and over 2'),
            },
            { guard: not('isEven'), actions: () => trace('odd') },
            { actions: () => trace('else') },
          ],
        },
      }),
    script: ['TRY', 'UP', 'TRY', 'UP', 'TRY', 'UP', 'TRY', 'UP', 'TRY'].map((type) => ({ type })),
  },
  {
    name: 'stateIn looks at the other region, by id and by value',
    logic: (trace) =>
      setup({
        guards: {
          isLocked: stateIn('#locked'),
          isOpen: stateIn({ lock: 'open' }),
        },
      }).createMachine({
        id: 'doors',
        type: 'parallel',
        states: {
          lock: {
            initial: 'locked',
            states: { locked: { id: 'locked', on: { UNLOCK: 'open' } }, open: { on: { LOCK: 'locked' } } },
          },
          door: {
            initial: 'shut',
            states: {
              shut: {
                on: {
                  PUSH: [
                    { guard: 'isLocked', actions: () => trace('locked') },
                    { guard: 'isOpen', target: 'wide' },
                  ],
                },
              },
              wide: { on: { PULL: { guard: not('isLocked'), target: 'shut' } } },
            },
          },
        },
      }),
    script: ['PUSH', 'UNLOCK', 'PUSH', 'LOCK', 'PULL', 'UNLOCK', 'PULL'].map((type) => ({ type })),
  },
  {
    name: 'the params of guards and actions may depend on context and event',
    logic: (trace) =>
      setup({
        types: {} as { context: { limit: number }; events: { type: 'PAY'; sum: number } },
        guards: { isCovered: (_args, params: { sum: number; limit: number }) => params.sum <= params.limit },
        actions: { tell: (_args, params: { text: string }) => trace(params.text) },
      }).createMachine({
        context: { limit: 10 },
        on: {
          PAY: [
            {
              guard: { type: 'isCovered', params: ({ context, event }) => ({ sum: event.sum, limit: context.limit }) },
              actions: [
                assign({ limit: ({ context, event }) => context.limit - event.sum }),
                { type: 'tell', params: ({ context }) => ({ text: `left ${context.limit}` }) },
              ],
            },
            { actions: { type: 'tell', params: ({ event }) => ({ text: `no ${event.sum}` }) } },
          ],
        },
      }),
    script: [
      { type: 'PAY', sum: 4 },
      { type: 'PAY', sum: 7 },
      { type: 'PAY', sum: 6 },
    ],
  },
]
