import { assign, setup } from 'xstate'

/** A machine of three states with a guard and an assign: the smallest that uses what most machines use. */
export const smallMachine = setup({
  types: { context: {} as { count: number }, events: {} as { type: 'small.next' } | { type: 'small.reset' } },
  guards: { isFull: ({ context }) => context.count % 3 === 2 },
  actions: { count: assign({ count: ({ context }) => context.count + 1 }) },
}).createMachine({
  id: 'small',
  context: { count: 0 },
  initial: 'idle',
  states: {
    idle: { on: { 'small.next': { target: 'filling', actions: 'count' } } },
    filling: {
      on: { 'small.next': [{ guard: 'isFull', target: 'full', actions: 'count' }, { actions: 'count' }] },
    },
    full: { on: { 'small.next': { target: 'idle', actions: 'count' }, 'small.reset': 'idle' } },
  },
})

/** What it is sent, over and over. */
export const smallEvents = [{ type: 'small.next' }] as const
