import { assign, setup } from 'xstate'
import { z } from 'zod'
import { type ContractTypes, defineActor, defineContract } from '../../../runtime/index.ts'

const contract = defineContract({
  input: z.object({ due: z.number().nullable() }),
  messages: { 'tally.add': {} },
})

/** A small durable actor: it counts, and adds one by itself after so many milliseconds, when it is given some. */
export const tally = defineActor({
  type: 'tally',
  contract,
  durability: 'durable',
  logic: setup({
    types: {} as ContractTypes<typeof contract> & { context: { count: number; due: number } },
    delays: { due: ({ context }) => context.due },
    guards: { isTimed: ({ context }) => context.due >= 0 },
    actions: { add: assign({ count: ({ context }) => context.count + 1 }) },
  }).createMachine({
    context: ({ input }) => ({ count: 0, due: input.due ?? -1 }),
    initial: 'new',
    states: {
      new: { always: [{ guard: 'isTimed', target: 'waiting' }, { target: 'counting' }] },
      waiting: { after: { due: { target: 'counting', actions: 'add' } } },
      counting: {},
    },
    on: { 'tally.add': { actions: 'add' } },
  }),
})
