import { assign, sendParent, setup, spawnChild } from 'xstate'
import { z } from 'zod'
import { type ContractTypes, defineActor, defineContract } from '../../../runtime/index.ts'

const contract = defineContract({ messages: { 'household.raise': { fields: z.object({ id: z.string() }) } } })

/** Who was to be raised, was born, and has grown up. */
export interface Household {
  readonly raised: readonly string[]
  readonly born: readonly string[]
  readonly grown: readonly string[]
}

const kid = setup({
  types: {} as { context: { id: string }; input: { id: string }; output: { id: string } },
  actions: { greet: sendParent(({ context }: { context: { id: string } }) => ({ type: 'kid.born', id: context.id })) },
}).createMachine({
  id: 'kid',
  context: ({ input }) => ({ id: input.id }),
  output: ({ context }) => ({ id: context.id }),
  initial: 'small',
  states: { small: { entry: 'greet', after: { 5: 'grown' } }, grown: { type: 'final' } },
})

const idOf = (event: unknown): string => (event as { id: string }).id

const machine = setup({
  types: {} as ContractTypes<typeof contract> & { context: Household },
  actors: { kid },
  actions: {
    noteRaised: assign({ raised: ({ context, event }) => [...context.raised, event.id] }),
    noteBorn: assign({ born: ({ context, event }) => [...context.born, event.id] }),
    noteGrown: assign({
      grown: ({ context, event }) => [...context.grown, idOf((event as unknown as { output: unknown }).output)],
    }),
    raise: spawnChild('kid', {
      id: ({ event }) => `kid-${idOf(event).replace(':', '-')}`,
      input: ({ event }) => ({ id: idOf(event) }),
    }),
  },
}).createMachine({
  id: 'household',
  context: { raised: [], born: [], grown: [] },
  on: {
    'household.raise': { actions: ['noteRaised', 'raise'] },
    'kid.born': { actions: 'noteBorn' },
    'xstate.done.actor.*': { actions: 'noteGrown' },
  } as object,
})

/** A durable actor that raises children: machines which tell of their birth, and are done when they have grown up. */
export const household = defineActor({ type: 'household', contract, logic: machine, durability: 'durable' })
