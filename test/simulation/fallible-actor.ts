import { assign, setup } from 'xstate'
import { z } from 'zod'
import { type ActorDefinition, type Address, type ContractTypes, defineActor, defineContract, tell } from 'troupe'

const fallibleContract = defineContract({
  input: z.object({ next: z.string().nullable() }),
  messages: { 'fallible.pass': { fields: z.object({ id: z.string() }) }, 'fallible.break': {} },
})

/** Remembers what it was given, passes it on, and breaks down when told to: then it goes on from its last good state. */
export type FallibleDefinition = ActorDefinition<typeof fallibleContract>

const fallibleMachine = setup({
  types: {} as ContractTypes<typeof fallibleContract> & { context: { next: string | null; seen: readonly string[] } },
  actions: {
    remember: assign({ seen: ({ context, event }) => [...context.seen, (event as { id: string }).id] }),
    passOn: tell(
      ({ context }) => (context as { next: string }).next as Address,
      ({ event }) => ({ type: 'fallible.pass', id: (event as unknown as { id: string }).id }),
    ),
    breakDown: assign(() => {
      throw new Error('broken on purpose')
    }),
  },
  guards: { isLast: ({ context }) => context.next === null },
}).createMachine({
  id: 'fallible',
  context: ({ input }) => ({ next: input.next, seen: [] }),
  on: {
    'fallible.pass': [{ guard: 'isLast', actions: 'remember' }, { actions: ['remember', 'passOn'] }],
    'fallible.break': { actions: 'breakDown' },
  },
})

/** A durable, supervised link of the type given. */
export function fallibleActor(type: string): FallibleDefinition {
  return defineActor({
    type,
    contract: fallibleContract,
    logic: fallibleMachine,
    durability: 'durable',
    attempts: 1,
    mailbox: { capacity: 3 },
    supervision: {
      restart: 'permanent',
      onPoison: 'stop',
      from: 'last good state',
      backoff: { first: 20, longest: 400 },
    },
  })
}
