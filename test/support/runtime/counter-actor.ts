import { assign, setup } from 'xstate'
import { z } from 'zod'
import {
  type ActorDefinition,
  type ActorOptions,
  type ContractTypes,
  defineActor,
  defineContract,
  reply,
} from '../../../runtime/index.ts'

/** What a counter takes. */
export const counterContract = defineContract({
  input: z.object({ start: z.number().default(0) }).optional(),
  output: z.number(),
  messages: {
    'counter.add': { fields: z.object({ by: z.number() }) },
    'counter.get': { reply: z.object({ count: z.number(), seen: z.array(z.number()) }) },
    'counter.fail': {},
    'counter.end': {},
  },
  emits: { 'counter.changed': z.object({ count: z.number() }) },
})

/** Adds up. */
export const counterMachine = setup({
  types: {} as ContractTypes<typeof counterContract> & { context: { count: number; seen: readonly number[] } },
}).createMachine({
  id: 'counter',
  context: ({ input }) => ({ count: input?.start ?? 0, seen: [] }),
  initial: 'counting',
  states: {
    counting: {
      on: {
        'counter.add': {
          actions: assign({
            count: ({ context, event }) => context.count + event.by,
            seen: ({ context, event }) => [...context.seen, event.by],
          }),
        },
        'counter.get': { actions: reply(({ context }) => ({ count: context.count, seen: context.seen })) },
        'counter.fail': {
          actions: assign(() => {
            throw new Error('the counter cannot')
          }),
        },
        'counter.end': 'ended',
      },
    },
    ended: { type: 'final' },
  },
  output: ({ context }) => context.count,
})

/** The counter that tests send to. */
export function counterActor(
  options: Partial<ActorOptions<typeof counterContract>> = {},
): ActorDefinition<typeof counterContract> {
  return defineActor({ type: 'counter', contract: counterContract, logic: counterMachine, ...options })
}
