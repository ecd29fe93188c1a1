import { setImmediate as turn, setTimeout as pause } from 'node:timers/promises'
import { assign, setup, spawnChild } from 'xstate'
import { z } from 'zod'
import {
  type ActorDefinition,
  type ContractTypes,
  defineActor,
  defineContract,
  fromTask,
  type TaskScope,
} from '../../../runtime/index.ts'

const contract = defineContract({ messages: { 'errand.run': { fields: z.object({ id: z.string() }) } } })

/** The errands that were asked for, and what the chart heard of each: `src id outcome`. */
export interface Errands {
  readonly run: readonly string[]
  readonly outcomes: readonly string[]
}

/** What is done in the world, and under which key. */
export interface ErrandDone {
  readonly src: 'once' | 'often'
  readonly id: string
  readonly key: string
}

/** Does what an errand is for. */
export interface ErrandHands {
  begin(): void
  work(done: ErrandDone): void
}

type Input = { readonly id: string }

const idOf = (event: unknown): string => (event as Input).id

/** A durable actor that has each errand run by two tasks: one that may be repeated, and one that may not. */
export function errandActor(hands: ErrandHands): ActorDefinition<typeof contract> {
  const task = (src: ErrandDone['src']) =>
    fromTask(async ({ input: { id }, idempotencyKey }: TaskScope<Input>) => {
      hands.begin()
      await turn()
      hands.work({ src, id, key: idempotencyKey })
      await pause(id.length % 4)
    })
  const start = (src: ErrandDone['src']) =>
    spawnChild(src, {
      id: ({ event }: { event: unknown }) => `${src} ${idOf(event)}`,
      input: ({ event }: { event: unknown }) => ({ id: idOf(event) }),
    } as never)
  const machine = setup({
    types: {} as ContractTypes<typeof contract> & { context: Errands },
    actors: { once: task('once'), often: task('often') },
    actions: {
      noteRun: assign({ run: ({ context, event }) => [...context.run, event.id] }),
      startOnce: start('once') as never,
      startOften: start('often') as never,
      noteOutcome: assign({
        outcomes({ context, event }) {
          const { actorId, error } = event as unknown as { actorId: string; error?: { code: string } }
          return [...context.outcomes, `${actorId} ${error ? error.code : 'done'}`]
        },
      }),
    },
  }).createMachine({
    id: 'errand',
    context: { run: [], outcomes: [] },
    on: {
      'errand.run': { actions: ['noteRun', 'startOnce', 'startOften'] },
      'xstate.done.actor.*': { actions: 'noteOutcome' },
      'xstate.error.actor.*': { actions: 'noteOutcome' },
    } as object,
  })
  return defineActor({ type: 'errand', contract, logic: machine, durability: 'durable', idempotent: ['often'] })
}
