import { assign, fromPromise, sendTo, setup } from 'xstate'
import { z } from 'zod'
import {
  type ActorDefinition,
  type ActorOptions,
  type Address,
  type ContractTypes,
  defineActor,
  defineContract,
  fromService,
  fromTask,
  reply,
  type ServiceScope,
  type TaskScope,
  tell,
} from '../../../runtime/index.ts'

export const relayContract = defineContract({
  input: z.object({ next: z.string().nullable() }),
  messages: {
    'relay.pass': { fields: z.object({ n: z.number() }) },
    'relay.seen': { reply: z.object({ seen: z.array(z.number()) }) },
  },
})

const relayMachine = setup({
  types: {} as ContractTypes<typeof relayContract> & { context: { seen: number[]; next: string | null } },
  actions: {
    see: assign({ seen: ({ context, event }) => [...context.seen, (event as { n: number }).n] }),
    passOn: tell(
      ({ context }) => (context as { next: string }).next as Address,
      ({ event }) => ({ type: 'relay.pass', n: (event as { n: number }).n }),
    ),
    tellSeen: reply(({ context }) => ({ seen: (context as { seen: number[] }).seen })),
  },
  guards: { isLast: ({ context }) => context.next === null },
}).createMachine({
  id: 'relay',
  context: ({ input }) => ({ seen: [], next: input.next }),
  on: {
    'relay.pass': [{ guard: 'isLast', actions: 'see' }, { actions: ['see', 'passOn'] }],
    'relay.seen': { actions: 'tellSeen' },
  },
})

/** A durable actor that remembers numbers and passes them on to the next. */
export function relayActor(
  options: Partial<ActorOptions<typeof relayContract>> = {},
): ActorDefinition<typeof relayContract> {
  return defineActor({ type: 'relay', contract: relayContract, logic: relayMachine, durability: 'durable', ...options })
}

export const workContract = defineContract({
  messages: { 'work.start': {}, 'work.report': { reply: z.object({ log: z.array(z.string()) }) } },
})

/** What the work of a test does; each run is noted. */
export interface Workbench {
  readonly runs: { readonly name: string; readonly key: string }[]
  finish(name: string): void
}

/** A durable actor with leaf work: one kind that may be repeated, one that may not, and a service. */
export function workActor(): { actor: ActorDefinition<typeof workContract>; bench: Workbench } {
  const runs: { name: string; key: string }[] = []
  const waiting = new Map<string, () => void>()
  const work = (name: string) =>
    fromTask(async ({ idempotencyKey }: TaskScope<undefined>) => {
      runs.push({ name, key: idempotencyKey })
      await new Promise<void>((resolve) => waiting.set(name, resolve))
      return name
    })
  const service = fromService(({ idempotencyKey }: ServiceScope<undefined, { type: string }>) => {
    runs.push({ name: 'service', key: idempotencyKey })
  })
  const machine = setup({
    types: {} as ContractTypes<typeof workContract> & { context: { log: string[] } },
    actors: { once: work('once'), often: work('often'), service, plain: fromPromise(async () => 'plain') },
    actions: {
      onceDone: assign({ log: ({ context }) => [...context.log, 'once done'] }),
      onceFailed: assign({
        log: ({ context, event }) => [
          ...context.log,
          `once ${(event as unknown as { error: { code: string } }).error.code}`,
        ],
      }),
      oftenDone: assign({ log: ({ context }) => [...context.log, 'often done'] }),
      resumed: assign({ log: ({ context }) => [...context.log, 'resumed'] }),
      poke: sendTo('service', { type: 'poke' }),
      report: reply(({ context }) => ({ log: (context as { log: string[] }).log })),
    },
  }).createMachine({
    id: 'work',
    context: { log: [] },
    initial: 'idle',
    on: { 'work.report': { actions: 'report' }, 'troupe.resumed': { actions: 'resumed' } } as object,
    states: {
      idle: { on: { 'work.start': { target: 'working' } } },
      working: {
        invoke: [
          { id: 'a', src: 'once', onDone: { actions: 'onceDone' }, onError: { actions: 'onceFailed' } },
          { id: 'b', src: 'often', onDone: { actions: 'oftenDone' } },
          { id: 'c', src: 'service' },
        ],
      },
    },
  })
  const actor = defineActor({
    type: 'work',
    contract: workContract,
    logic: machine,
    durability: 'durable',
    idempotent: ['often'],
  })
  return { actor, bench: { runs, finish: (name) => waiting.get(name)?.() } }
}

export const parentContract = defineContract({
  messages: {
    'parent.poke': {},
    'parent.report': { reply: z.object({ log: z.array(z.string()) }) },
  },
})

/** A durable actor whose chart spawns a machine as its child, and hears of its end. */
export function parentActor(): ActorDefinition<typeof parentContract> {
  const child = setup({ types: {} as { output: string } }).createMachine({
    id: 'child',
    initial: 'fresh',
    output: 'grown up',
    states: {
      fresh: { on: { poke: { target: 'older' } } },
      older: { on: { poke: { target: 'old' } }, after: { 10_000: { target: 'old' } } },
      old: { type: 'final' },
    },
  })
  const machine = setup({
    types: {} as ContractTypes<typeof parentContract> & { context: { log: string[] } },
    actors: { child },
    actions: {
      poke: sendTo('kid', { type: 'poke' }),
      noteDone: assign({
        log: ({ context, event }) => [...context.log, (event as unknown as { output: string }).output],
      }),
      report: reply(({ context }) => ({ log: (context as { log: string[] }).log })),
    },
  }).createMachine({
    id: 'parent',
    context: { log: [] },
    invoke: { id: 'kid', src: 'child', onDone: { actions: 'noteDone' } },
    on: { 'parent.poke': { actions: 'poke' }, 'parent.report': { actions: 'report' } },
  })
  return defineActor({ type: 'parent', contract: parentContract, logic: machine, durability: 'durable' })
}
