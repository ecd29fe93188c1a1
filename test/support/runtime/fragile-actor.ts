import { type AnyStateMachine, assign, fromPromise, setup } from 'xstate'
import { z } from 'zod'
import {
  type ActorDefinition,
  type ActorOptions,
  askOf,
  type ContractTypes,
  defineActor,
  defineContract,
  reply,
} from '../../../runtime/index.ts'

/** What a fragile actor takes. */
export const fragileContract = defineContract({
  input: z.object({ start: z.number() }).optional(),
  output: z.number(),
  messages: {
    'fragile.add': { fields: z.object({ by: z.number() }) },
    'fragile.get': { reply: z.number() },
    'fragile.hold': { reply: z.number() },
    'fragile.later': {},
    'fragile.put': {},
    'fragile.break': {},
    'fragile.fail': {},
    'fragile.end': {},
  },
})

/**
 * Adds up; breaks on a message, fails by its own work, or ends. `isBroken` says whether it fails to start. Each is a logic
 * of its own, so that each can have its own definition.
 */
export function fragileMachine(isBroken: () => boolean = () => false): AnyStateMachine {
  return setup({
    types: {} as ContractTypes<typeof fragileContract> & { context: { total: number; ask: string | undefined } },
    actors: {
      failToday: fromPromise(async () => {
        throw new Error('not today')
      }),
    },
    actions: {
      add: assign({ total: ({ context, event }) => context.total + ('by' in event ? event.by : 0) }),
      addLater: assign({ total: ({ context }) => context.total + 1_000 }),
      tell: reply(({ context }) => (context as { total: number }).total),
      hold: assign({ ask: ({ event }) => askOf(event) }),
      breakDown: assign(() => {
        throw new Error('broken on purpose')
      }),
      checkStart: assign(() => {
        if (isBroken()) throw new Error('no start today')
        return {}
      }),
    },
  }).createMachine({
    id: 'fragile',
    context: ({ input }) => ({ total: input?.start ?? 0, ask: undefined }),
    entry: 'checkStart',
    output: ({ context }) => context.total,
    initial: 'on',
    states: {
      on: {
        on: {
          'fragile.add': { actions: 'add' },
          'fragile.get': { actions: 'tell' },
          'fragile.hold': { actions: 'hold' },
          'fragile.later': 'late',
          'fragile.break': { actions: 'breakDown' },
          'fragile.fail': 'failing',
          'fragile.end': 'ended',
        },
      },
      late: {
        on: { 'fragile.get': { actions: 'tell' }, 'fragile.break': { actions: 'breakDown' } },
        after: { 60_000: { target: 'on', actions: 'addLater' } },
      },
      failing: { invoke: { id: 'work', src: 'failToday' } },
      ended: { type: 'final' },
    },
  })
}

/** A definition of a fragile actor. It breaks for good on `fragile.break`, unless told otherwise. */
export function fragileActor(
  options: Partial<ActorOptions<typeof fragileContract>> = {},
): ActorDefinition<typeof fragileContract> {
  const { supervision, ...others } = options
  return defineActor({
    type: 'fragile',
    contract: fragileContract,
    logic: fragileMachine(),
    attempts: 1,
    supervision: { restart: 'transient', onPoison: 'stop', backoff: { first: '1s', jitter: 0 }, ...supervision },
    ...others,
  })
}
