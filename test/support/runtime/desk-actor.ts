import { assign, emit, setup } from 'xstate'
import { z } from 'zod'
import { askOf, chunk, type ContractTypes, defineActor, defineContract, refuse, reply } from '../../../runtime/index.ts'

const deskContract = defineContract({
  input: z.object({ owner: z.string() }),
  output: z.object({ items: z.array(z.string()) }),
  messages: {
    'desk.put': { fields: z.object({ item: z.string() }) },
    'desk.list': { reply: z.object({ owner: z.string(), items: z.array(z.string()) }) },
    'desk.echo': { fields: z.object({ value: z.unknown() }), reply: z.unknown() },
    'desk.fill': { fields: z.object({ item: z.string() }), reply: z.void() },
    'desk.refuse': { reply: z.void() },
    'desk.lie': { reply: z.number() },
    'desk.locked': { reply: z.void(), requires: 'desk.open' },
    'desk.later': { reply: z.string(), chunk: z.number() },
    'desk.answer': { fields: z.object({ text: z.string() }) },
    'desk.count': { reply: z.string(), chunk: z.number() },
    'desk.shut': {},
  },
  emits: { 'desk.filled': z.object({ item: z.string() }) },
})

/** What a desk takes. */
export type DeskContract = typeof deskContract

interface DeskContext {
  readonly owner: string
  readonly items: readonly string[]
  readonly ask: string | undefined
}

const COUNT = Array.from({ length: 50 }, (_, n) => n)

const deskMachine = setup({
  types: {} as ContractTypes<DeskContract> & { context: DeskContext },
}).createMachine({
  id: 'desk',
  context: ({ input }) => ({ owner: input.owner, items: [], ask: undefined }),
  initial: 'open',
  states: {
    open: {
      tags: 'usable',
      on: {
        'desk.put': { actions: assign({ items: ({ context, event }) => [...context.items, event.item] }) },
        'desk.list': { actions: reply(({ context }) => ({ owner: context.owner, items: context.items })) },
        'desk.echo': { actions: reply(({ event }) => event.value) },
        'desk.fill': { actions: [emit(({ event }) => ({ type: 'desk.filled', item: event.item })), reply()] },
        'desk.refuse': { actions: refuse('not today') },
        'desk.lie': { actions: reply(() => 'no number') },
        'desk.later': { actions: assign({ ask: ({ event }) => askOf(event) }) },
        'desk.answer': {
          actions: reply(
            ({ event }) => event.text,
            ({ context }) => context.ask,
          ),
        },
        'desk.count': {
          actions: [...COUNT.map((n) => chunk(() => n)), reply(() => 'counted')],
        },
        'desk.shut': 'shut',
      },
    },
    shut: { type: 'final' },
  },
  output: ({ context }) => ({ items: [...context.items] }),
})

/** A desk: one actor that does all a ref can ask for. */
export const desk = defineActor({ type: 'desk', contract: deskContract, logic: deskMachine })
