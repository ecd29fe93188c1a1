import { assign, setup } from 'xstate'
import { z } from 'zod'
import {
  type ActorDefinition,
  type Address,
  announce,
  type ContractTypes,
  defineActor,
  defineContract,
  reply,
  tell,
} from 'troupe'
import type { JournalContents } from './journal-contents.ts'

const linkContract = defineContract({
  input: z.object({ next: z.string().nullable() }),
  messages: {
    'link.pass': { fields: z.object({ id: z.string() }) },
    'link.add': { fields: z.object({ id: z.string() }), reply: z.object({ seen: z.array(z.string()) }) },
    'link.close': {},
    'link.list': { reply: z.object({ seen: z.array(z.string()) }) },
  },
  emits: { 'link.changed': z.object({ seen: z.array(z.string()) }) },
})

/** A link of a chain: it remembers what it was given, in order, and passes it on. The last one breaks on `bad` ids. */
export type LinkDefinition = ActorDefinition<typeof linkContract>

type Seen = { readonly seen: readonly string[] }
type Pass = { readonly type: string; readonly id: string }

const linkMachine = setup({
  types: {} as ContractTypes<typeof linkContract> & { context: { next: string | null; seen: readonly string[] } },
  actions: {
    remember: assign({
      seen({ context, event }) {
        const { id } = event as Pass
        if (context.next === null && id.startsWith('bad')) throw new Error('broken on purpose')
        return [...context.seen, id]
      },
    }),
    passOn: tell(
      ({ context }) => (context as { next: string }).next as Address,
      ({ event }) => ({ type: 'link.pass', id: (event as Pass).id }),
    ),
    answer: reply(({ context }) => ({ seen: (context as Seen).seen })),
    say: announce(({ context }) => [{ type: 'link.changed', seen: (context as Seen).seen }]),
  },
  guards: { isLast: ({ context }) => context.next === null },
}).createMachine({
  id: 'link',
  context: ({ input }) => ({ next: input.next, seen: [] }),
  initial: 'open',
  states: {
    open: {
      on: {
        'link.pass': [{ guard: 'isLast', actions: ['remember', 'say'] }, { actions: ['remember', 'passOn', 'say'] }],
        'link.add': { actions: ['remember', 'answer', 'say'] },
        'link.list': { actions: 'answer' },
        'link.close': 'closed',
      },
    },
    closed: { type: 'final' },
  },
})

/**
 * A durable link of the type given: nodes that host different types keep their actors in shards of their own. Its mailbox
 * is small, so that senders find it full, and it leaves memory whenever it can.
 */
export function linkActor(type: string): LinkDefinition {
  const mailbox = { capacity: 2 }
  return defineActor({
    type,
    contract: linkContract,
    logic: linkMachine,
    durability: 'durable',
    mailbox,
    restAfter: '1s',
  })
}

/** What a link has been given, as its journal has it; `path` is `type/key`. */
export function seenBy({ records }: JournalContents, path: string): readonly string[] {
  const record = records.get(`local/${path}`)
  if (!record) throw new Error(`the journal has no record of ${path}`)
  return (record.snapshot.context as { seen: readonly string[] }).seen
}
