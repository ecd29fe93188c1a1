import { assign, setup } from 'xstate'
import { z } from 'zod'
import { type ActorDefinition, type Address, type ContractTypes, defineActor, defineContract, tell } from 'troupe'

const linkContract = defineContract({
  input: z.object({ next: z.string().nullable() }),
  messages: { 'link.pass': { fields: z.object({ id: z.string() }) } },
})

/** A link of a chain: it remembers what it was given, in order, and passes it on. */
export type LinkDefinition = ActorDefinition<typeof linkContract>

type Pass = { readonly type: string; readonly id: string }

const linkMachine = setup({
  types: {} as ContractTypes<typeof linkContract> & { context: { next: string | null; seen: readonly string[] } },
  actions: {
    remember: assign({ seen: ({ context, event }) => [...context.seen, (event as Pass).id] }),
    passOn: tell(
      ({ context }) => (context as { next: string }).next as Address,
      ({ event }) => ({ type: 'link.pass', id: (event as Pass).id }),
    ),
  },
  guards: { isLast: ({ context }) => context.next === null },
}).createMachine({
  id: 'link',
  context: ({ input }) => ({ next: input.next, seen: [] }),
  on: {
    'link.pass': [{ guard: 'isLast', actions: 'remember' }, { actions: ['remember', 'passOn'] }],
  },
})

/** A durable link of the type given: nodes that host different types keep their actors in shards of their own. */
export function linkActor(type: string): LinkDefinition {
  return defineActor({ type, contract: linkContract, logic: linkMachine, durability: 'durable' })
}
