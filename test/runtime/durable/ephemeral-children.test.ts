import { assign, sendTo, setup } from 'xstate'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { type ActorDefinition, defineActor, defineContract, reply } from '../../../runtime/index.ts'
import { gatedJournal } from '../../support/runtime/gated-journal.ts'
import { openRuntime } from '../../support/runtime/open-runtime.ts'

const contract = defineContract({
  messages: { 'boss.go': {}, 'boss.halt': {}, 'boss.lost': { reply: z.array(z.string()) } },
})
const childContract = defineContract({ messages: { 'kid.note': { fields: z.object({ n: z.number() }) } } })

/** A durable actor whose chart has a child that forgets, and what the child did. */
function family(): {
  boss: ActorDefinition<typeof contract>
  kid: ActorDefinition<typeof childContract>
  done: string[]
} {
  const done: string[] = []
  const kid = defineActor({
    type: 'kid',
    contract: childContract,
    logic: setup({
      actions: {
        enter: () => done.push('entered'),
        note: ({ event }) => done.push(`noted ${(event as unknown as { n: number }).n}`),
      },
    }).createMachine({ entry: 'enter', on: { 'kid.note': { actions: 'note' } } }),
  })
  const logic = setup({
    types: {} as { context: { lost: string[] } },
    actors: { kid: kid.hosted.source },
    actions: {
      first: sendTo('kid', { type: 'kid.note', n: 1 }),
      second: sendTo('kid', { type: 'kid.note', n: 2 }),
      lose: assign({ lost: ({ event }) => [(event as unknown as { error: { code: string } }).error.code] }),
      tellLost: reply(({ context }) => (context as { lost: string[] }).lost),
    },
  }).createMachine({
    context: { lost: [] },
    initial: 'idle',
    on: { 'boss.lost': { actions: 'tellLost' } },
    states: {
      idle: { on: { 'boss.go': 'busy' } },
      busy: {
        entry: ['first', 'second'],
        invoke: { src: 'kid', id: 'kid', onError: { target: 'idle', actions: 'lose' } },
        on: { 'boss.halt': 'idle' },
      },
    },
  } as never)
  return { boss: defineActor({ type: 'boss', contract, logic, durability: 'durable' }), kid, done }
}

const later = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20))

it('a child that forgets does not act before the commit that started it is durable; what is sent to it comes after, in order', async () => {
  const { boss, kid, done } = family()
  const journal = gatedJournal()
  const { runtime } = await openRuntime({ journal, actors: [boss, kid] })
  const ref = await runtime.spawn(boss, { key: 'b' })
  journal.shut()
  const sent = ref.send({ type: 'boss.go' })
  await later()
  expect(done).toEqual([])
  journal.open()
  await sent
  await runtime.idle()
  expect(done).toEqual(['entered', 'noted 1', 'noted 2'])
})

it('it does not act at all when that commit fails', async () => {
  const { boss, kid, done } = family()
  const journal = gatedJournal()
  const { runtime, clock } = await openRuntime({ journal, actors: [boss, kid] })
  const ref = await runtime.spawn(boss, { key: 'b' })
  journal.failNext(new Error('disk full'))
  await expect(ref.send({ type: 'boss.go' })).rejects.toMatchObject({ code: 'STORAGE' })
  await clock.advance('1s')
  expect((await ref.state()).value).toBe('idle')
  expect(done).toEqual([])
})

it('it is not stopped before the commit that stops it is durable', async () => {
  const { boss, kid } = family()
  const journal = gatedJournal()
  const { runtime } = await openRuntime({ journal, actors: [boss, kid] })
  const ref = await runtime.spawn(boss, { key: 'b' })
  await ref.send({ type: 'boss.go' })
  journal.shut()
  const sent = ref.send({ type: 'boss.halt' })
  await later()
  expect(runtime.actors()).toContain('local/kid/boss/b/kid')
  journal.open()
  await sent
  expect(runtime.actors()).toEqual(['local/boss/b'])
})

it('it is not there before it started, and known to be lost all the same', async () => {
  const { boss, kid } = family()
  const journal = gatedJournal()
  const first = await openRuntime({ journal, actors: [boss, kid] })
  await (await first.runtime.spawn(boss, { key: 'b' })).send({ type: 'boss.go' })
  const { runtime } = await openRuntime({ journal, actors: [boss, kid] })
  expect(await runtime.ref(boss, 'b').ask({ type: 'boss.lost' })).toEqual(['INTERRUPTED'])
})

it('one that is started and stopped in one commit never was', async () => {
  const { boss, kid, done } = family()
  const journal = gatedJournal()
  const { runtime } = await openRuntime({ journal, actors: [boss, kid] })
  const ref = await runtime.spawn(boss, { key: 'b' })
  await Promise.all([ref.send({ type: 'boss.go' }), ref.send({ type: 'boss.halt' })])
  await runtime.idle()
  expect(runtime.actors()).toEqual(['local/boss/b'])
  expect(done).toEqual([])
})
