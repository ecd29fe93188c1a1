import { assign, setup } from 'xstate'
import { z } from 'zod'
import { type ActorDefinition, type ContractTypes, defineActor, defineContract, fromTask, type TaskScope } from 'troupe'

const workerContract = defineContract({
  messages: {
    'work.do': { fields: z.object({ id: z.string() }) },
    'work.repeat': { fields: z.object({ id: z.string() }) },
  },
})

/** What became of one piece of work: `done`, or the code of its error. */
export interface WorkOutcome {
  readonly id: string
  readonly outcome: string
}

interface Context {
  readonly id: string
  readonly outcomes: readonly WorkOutcome[]
}

type Work = (scope: TaskScope<{ id: string }>) => Promise<string>

/** A durable actor that does one piece of work after the other: `work.do` once at most, `work.repeat` again if need be. */
export function workerActor(work: Work): ActorDefinition<typeof workerContract> {
  const machine = setup({
    types: {} as ContractTypes<typeof workerContract> & { context: Context },
    actors: { once: fromTask(work), again: fromTask(work) },
    actions: {
      begin: assign({ id: ({ event }) => (event as { id: string }).id }),
      finish: assign({
        outcomes: ({ context, event }) => {
          const { error } = event as { error?: { code: string } }
          return [...context.outcomes, { id: context.id, outcome: error ? error.code : 'done' }]
        },
      }),
    },
  }).createMachine({
    id: 'worker',
    context: { id: '', outcomes: [] },
    initial: 'idle',
    states: {
      idle: {
        on: {
          'work.do': { target: 'doing', actions: 'begin' },
          'work.repeat': { target: 'repeating', actions: 'begin' },
        },
      },
      doing: {
        invoke: {
          src: 'once',
          input: ({ context }) => ({ id: context.id }),
          onDone: { target: 'idle', actions: 'finish' },
          onError: { target: 'idle', actions: 'finish' },
        },
      },
      repeating: {
        invoke: {
          src: 'again',
          input: ({ context }) => ({ id: context.id }),
          onDone: { target: 'idle', actions: 'finish' },
          onError: { target: 'idle', actions: 'finish' },
        },
      },
    },
  })
  return defineActor({
    type: 'worker',
    contract: workerContract,
    logic: machine,
    durability: 'durable',
    unhandled: 'stash',
    idempotent: ['again'],
  })
}
