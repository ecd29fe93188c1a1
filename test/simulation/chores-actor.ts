import { assign, sendParent, setup } from 'xstate'
import { z } from 'zod'
import { type ActorDefinition, type ContractTypes, defineActor, defineContract } from 'troupe'

const householdContract = defineContract({
  messages: { 'chore.begin': { fields: z.object({ id: z.string() }) }, 'chore.retire': {} },
})

interface Household {
  readonly id: string
  readonly told: readonly string[]
  readonly finished: readonly string[]
}

// A child that tells its parent of three stages, with time between them, and ends with a result.
const choreMachine = setup({
  types: {} as {
    input: { readonly id: string }
    context: { readonly id: string; readonly stage: number }
    output: { readonly id: string }
  },
  actions: {
    count: assign({ stage: ({ context }) => context.stage + 1 }),
    tellStage: sendParent(({ context }) => ({ type: 'chore.stage', stage: `${context.id}/${context.stage}` })),
  },
  guards: { isOver: ({ context }) => context.stage >= 3 },
  delays: { stage: 200 },
}).createMachine({
  id: 'chore',
  context: ({ input }) => ({ id: input.id, stage: 0 }),
  output: ({ context }) => ({ id: context.id }),
  initial: 'busy',
  states: {
    busy: {
      after: {
        stage: [
          { guard: 'isOver', target: 'over' },
          { target: 'busy', reenter: true, actions: ['count', 'tellStage'] },
        ],
      },
    },
    over: { type: 'final' },
  },
})

const householdMachine = setup({
  types: {} as ContractTypes<typeof householdContract> & { context: Household },
  actors: { chore: choreMachine },
  actions: {
    begin: assign({ id: ({ event }) => (event as { id: string }).id }),
    hear: assign({ told: ({ context, event }) => [...context.told, (event as unknown as { stage: string }).stage] }),
    finish: assign({
      finished: ({ context, event }) => [
        ...context.finished,
        (event as unknown as { output?: { id: string } }).output?.id ?? `failed ${context.id}`,
      ],
    }),
  },
}).createMachine({
  id: 'household',
  context: { id: '', told: [], finished: [] },
  initial: 'idle',
  on: { 'chore.retire': '.retired' },
  states: {
    idle: { on: { 'chore.begin': { target: 'busy', actions: 'begin' } } },
    retired: { type: 'final' },
    busy: {
      on: { 'chore.stage': { actions: 'hear' } } as never,
      invoke: {
        src: 'chore',
        input: ({ context }) => ({ id: context.id }),
        onDone: { target: 'idle', actions: 'finish' },
        onError: { target: 'idle', actions: 'finish' },
      },
    },
  },
})

/** A durable actor that has a child of its own for each message, one after the other. */
export const household: ActorDefinition<typeof householdContract> = defineActor({
  type: 'household',
  contract: householdContract,
  logic: householdMachine,
  durability: 'durable',
  unhandled: 'stash',
})
