import { assign, setup } from 'xstate'
import { expect, it } from 'vitest'
import { type Address, defineActor, defineContract, tell } from '../../../runtime/index.ts'
import { relayActor } from '../../support/runtime/durable-family.ts'
import { gatedJournal } from '../../support/runtime/gated-journal.ts'
import { openRuntime } from '../../support/runtime/open-runtime.ts'

const NUMBERS = Array.from({ length: 10 }, (_, n) => n)
const SINK = 'local/sink/s' as Address

const sink = relayActor({ type: 'sink', mailbox: { capacity: 2 } })
const speaker = relayActor({ type: 'speaker' })
const bossContract = defineContract({ messages: { 'boss.go': {}, 'boss.stop': {} } })

/** A durable actor whose chart has a child that says ten things to the sink, and then ends or is stopped. */
function bossOf(kind: 'ends' | 'is stopped') {
  const child = setup({
    types: {} as { input: { from: number } },
    actions: Object.fromEntries(
      NUMBERS.map((n) => [
        `say${n}`,
        tell(SINK, ({ context }) => ({ type: 'relay.pass', n: (context as { from: number }).from + n })),
      ]),
    ),
  }).createMachine({
    context: ({ input }: { input: { from: number } }) => input,
    entry: NUMBERS.map((n) => ({ type: `say${n}` })),
    initial: 'saying',
    states: { saying: kind === 'ends' ? { always: 'over' } : {}, over: { type: 'final' } },
  } as never)
  const logic = setup({
    types: {} as { context: { round: number } },
    actors: { child },
    actions: { count: assign({ round: ({ context }) => context.round + 1 }) },
  }).createMachine({
    context: { round: -1 },
    initial: 'idle',
    states: {
      idle: { on: { 'boss.go': 'busy' } },
      busy: {
        entry: 'count',
        invoke: {
          src: 'child',
          id: 'kid',
          input: ({ context }: { context: { round: number } }) => ({ from: context.round * 10 }),
        },
        on: { 'xstate.done.actor.kid': 'idle', 'boss.stop': 'idle' },
      },
    },
  } as never)
  return defineActor({ type: 'boss', contract: bossContract, logic, durability: 'durable' })
}

it.each(['ends', 'is stopped'] as const)(
  'what a child committed to say arrives though it %s before it is taken',
  async (kind) => {
    const boss = bossOf(kind)
    const { runtime, clock } = await openRuntime({ journal: gatedJournal(), actors: [sink, boss] })
    const s = await runtime.spawn(sink, { key: 's', input: { next: null } })
    const b = await runtime.spawn(boss, { key: 'b' })
    await b.send({ type: 'boss.go' })
    await b.send({ type: 'boss.stop' })
    await clock.advance('10s')
    expect(await s.ask({ type: 'relay.seen' })).toEqual({ seen: NUMBERS })
  },
)

it.each(['ends', 'is stopped'] as const)(
  'and in the next process, where the child %s and left a record only as long as that',
  async (kind) => {
    const boss = bossOf(kind)
    const journal = gatedJournal()
    const first = await openRuntime({ journal, actors: [sink, boss] })
    await first.runtime.spawn(sink, { key: 's', input: { next: null } })
    const b = await first.runtime.spawn(boss, { key: 'b' })
    await b.send({ type: 'boss.go' })
    await b.send({ type: 'boss.stop' })
    // The next process takes the journal over: nothing more is written here.
    const { runtime, clock } = await openRuntime({ journal, actors: [sink, boss] })
    await clock.advance('10s')
    expect(await runtime.ref(sink, 's').ask({ type: 'relay.seen' })).toEqual({ seen: NUMBERS })
    await runtime.stop()
    const last = journal.appended.flatMap(({ removed }) => removed)
    expect(last.filter((address) => address.includes('/kid'))).toHaveLength(1)
  },
)

it('a child that begins under the name of one with something to say goes on with it, in order', async () => {
  const boss = bossOf('ends')
  const journal = gatedJournal()
  const first = await openRuntime({ journal, actors: [sink, boss] })
  await first.runtime.spawn(sink, { key: 's', input: { next: null } })
  const b = await first.runtime.spawn(boss, { key: 'b' })
  await b.send({ type: 'boss.go' })
  await first.runtime.idle()
  const { runtime, clock } = await openRuntime({ journal, actors: [sink, boss], wake: 'asked' })
  await runtime.ref(boss, 'b').send({ type: 'boss.go' })
  await clock.advance('10s')
  const expected = [...NUMBERS, ...NUMBERS.map((n) => n + 10)]
  expect(await runtime.ref(sink, 's').ask({ type: 'relay.seen' })).toEqual({ seen: expected })
})

it.each(['this process', 'the next process'])(
  'an actor spawned anew in %s goes on with what its last life had to say',
  async (where) => {
    const journal = gatedJournal()
    const options = { journal, actors: [sink, speaker], wake: 'asked' } as const
    const first = await openRuntime(options)
    await first.runtime.spawn(sink, { key: 's', input: { next: null } })
    const a = await first.runtime.spawn(speaker, { key: 'a', input: { next: SINK } })
    await Promise.all(NUMBERS.map((n) => a.send({ type: 'relay.pass', n })))
    await a.stop()
    const second = where === 'this process' ? first : await openRuntime(options)
    const again = await second.runtime.spawn(speaker, { key: 'a', input: { next: SINK } })
    await again.send({ type: 'relay.pass', n: 10 })
    const third = await openRuntime({ journal, actors: [sink, speaker] })
    await third.clock.advance('10s')
    expect(await third.runtime.ref(sink, 's').ask({ type: 'relay.seen' })).toEqual({ seen: [...NUMBERS, 10] })
    expect(await third.runtime.ref(speaker, 'a').ask({ type: 'relay.seen' })).toEqual({ seen: [10] })
  },
)
