import { setup } from 'xstate'
import { expect, it } from 'vitest'
import { defineActor, defineContract, fromTask, type TaskScope } from '../../../runtime/index.ts'
import { relayActor } from '../../support/runtime/durable-family.ts'
import { gatedJournal } from '../../support/runtime/gated-journal.ts'
import { openRuntime } from '../../support/runtime/open-runtime.ts'

const contract = defineContract({ messages: { 'boss.stop': {} } })
const relay = relayActor()

/** An ephemeral actor whose task spawns a durable one. */
function bossOf(fresh: boolean) {
  const work = fromTask(async ({ spawn }: TaskScope<undefined>) => {
    await spawn(relay, { key: 'one', input: { next: null }, fresh })
    await new Promise(() => {})
  })
  const logic = setup({ actors: { work } }).createMachine({
    initial: 'busy',
    states: {
      busy: { invoke: { src: 'work', onError: 'refused' }, on: { 'boss.stop': 'over' } },
      refused: {},
      over: { type: 'final' },
    },
  } as never)
  return defineActor({ type: 'boss', contract, logic })
}

it('the chart of an ephemeral actor hears that it cannot start a durable one', async () => {
  const heard: unknown[] = []
  const logic = setup({
    actors: { relay: relay.hosted.source },
    actions: { hear: ({ event }) => heard.push((event as unknown as { error: unknown }).error) },
  }).createMachine({
    initial: 'busy',
    states: { busy: { invoke: { src: 'relay', onError: { target: 'refused', actions: 'hear' } } }, refused: {} },
  } as never)
  const boss = defineActor({ type: 'boss', contract, logic })
  const { runtime } = await openRuntime({ journal: gatedJournal(), actors: [relay, boss] })
  const ref = await runtime.spawn(boss, { key: 'b' })
  await runtime.idle()
  expect((await ref.state()).value).toBe('refused')
  expect(heard).toMatchObject([{ code: 'INVALID_MESSAGE' }])
})

it.each([false, true])(
  'a durable actor whose owner was lost ends with who spawns it again (fresh: %s)',
  async (fresh) => {
    const boss = bossOf(fresh)
    const journal = gatedJournal()
    const first = await openRuntime({ journal, actors: [relay, boss] })
    await first.runtime.spawn(boss, { key: 'b' })
    await expect.poll(() => first.runtime.actors()).toContain('local/relay/one')
    await first.runtime.ref(relay, 'one').send({ type: 'relay.pass', n: 7 })
    const { runtime } = await openRuntime({ journal, actors: [relay, boss] })
    const ref = await runtime.spawn(boss, { key: 'b' })
    await expect.poll(() => runtime.actors()).toContain('local/relay/one')
    expect(await runtime.ref(relay, 'one').ask({ type: 'relay.seen' })).toEqual({ seen: [7] })
    await ref.send({ type: 'boss.stop' })
    await expect.poll(() => runtime.actors()).toEqual([])
  },
)

it.each([
  [false, 'busy'],
  [true, 'refused'],
])('one that has a living owner stays with it (fresh: %s)', async (fresh, value) => {
  const boss = bossOf(fresh)
  const { runtime } = await openRuntime({ journal: gatedJournal(), actors: [relay, boss] })
  await runtime.spawn(boss, { key: 'a' })
  await expect.poll(() => runtime.actors()).toContain('local/relay/one')
  const other = await runtime.spawn(boss, { key: 'b' })
  await runtime.idle()
  await new Promise((resolve) => setTimeout(resolve, 10))
  expect((await other.state()).value).toBe(value)
  if (value === 'busy') await other.send({ type: 'boss.stop' })
  expect(runtime.actors()).toContain('local/relay/one')
})

it('one that nobody owned is found, and not taken', async () => {
  const boss = bossOf(false)
  const { runtime } = await openRuntime({ journal: gatedJournal(), actors: [relay, boss] })
  await runtime.spawn(relay, { key: 'one', input: { next: null } })
  const ref = await runtime.spawn(boss, { key: 'b' })
  await new Promise((resolve) => setTimeout(resolve, 10))
  await ref.send({ type: 'boss.stop' })
  expect(runtime.actors()).toEqual(['local/relay/one'])
})

it('one whose journal failed for a while stays with its owner', async () => {
  const journal = gatedJournal()
  const boss = bossOf(true)
  const { runtime, clock } = await openRuntime({ journal, actors: [relay, boss] })
  const ref = await runtime.spawn(boss, { key: 'a' })
  await expect.poll(() => runtime.actors()).toContain('local/relay/one')
  const one = runtime.ref(relay, 'one')
  await one.send({ type: 'relay.pass', n: 1 })
  journal.failNext(new Error('disk full'))
  await expect(one.send({ type: 'relay.pass', n: 2 })).rejects.toMatchObject({ code: 'STORAGE' })
  await clock.advance('1s')
  expect(await one.ask({ type: 'relay.seen' })).toEqual({ seen: [1] })
  await ref.send({ type: 'boss.stop' })
  await expect.poll(() => runtime.actors()).toEqual([])
})
