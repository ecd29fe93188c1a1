import { assign, setup } from 'xstate'
import { z } from 'zod'
import {
  type ActorDefinition,
  type ActorOptions,
  announce,
  type ContractTypes,
  defineActor,
  defineContract,
  reply,
} from '../../../runtime/index.ts'

/** What a tally takes. */
export const tallyContract = defineContract({
  input: z.object({ start: z.number() }).optional(),
  messages: {
    'tally.add': { fields: z.object({ by: z.number() }) },
    'tally.take': { fields: z.object({ by: z.number() }), reply: z.object({ total: z.number() }) },
    'tally.get': { reply: z.object({ total: z.number() }) },
    'tally.break': {},
    'tally.close': {},
    'tally.later': { fields: z.object({ by: z.number() }) },
  },
  emits: { 'tally.changed': z.object({ total: z.number() }) },
  output: z.object({ total: z.number() }),
})

const tallyMachine = setup({
  types: {} as ContractTypes<typeof tallyContract> & { context: { total: number } },
  actions: {
    add: assign({ total: ({ context, event }) => context.total + ('by' in event ? event.by : 0) }),
    addLater: assign({ total: ({ context }) => context.total + 1_000 }),
    tellTotal: reply(({ context }) => ({ total: (context as { total: number }).total })),
    sayTotal: announce(({ context }) => [{ type: 'tally.changed', total: (context as { total: number }).total }]),
    breakDown: assign(() => {
      throw new Error('broken on purpose')
    }),
  },
}).createMachine({
  id: 'tally',
  context: ({ input }) => ({ total: input?.start ?? 0 }),
  output: ({ context }) => ({ total: context.total }),
  initial: 'open',
  states: {
    open: {
      on: {
        'tally.add': { actions: ['add', 'sayTotal'] },
        'tally.take': { actions: ['add', 'tellTotal'] },
        'tally.get': { actions: 'tellTotal' },
        'tally.break': { actions: 'breakDown' },
        'tally.later': { target: 'waiting' },
        'tally.close': { target: 'closed' },
      },
    },
    waiting: {
      on: { 'tally.get': { actions: 'tellTotal' }, 'tally.close': { target: 'closed' } },
      after: { 60_000: { target: 'open', actions: 'addLater' } },
    },
    closed: { type: 'final' },
  },
})

/** A durable actor that adds up what it is sent. */
export function tallyActor(
  options: Partial<ActorOptions<typeof tallyContract>> = {},
): ActorDefinition<typeof tallyContract> {
  return defineActor({
    type: 'tally',
    contract: tallyContract,
    logic: tallyMachine,
    durability: 'durable',
    ...options,
  })
}
