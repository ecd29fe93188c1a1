import { describe, expect, it } from 'vitest'
import type { ActorDefinition, ActorRecord } from '../../runtime/index.ts'
import { memory } from '../../transports/memory/index.ts'
import { bossActor } from '../support/runtime/boss-actor.ts'
import { chronicle } from '../support/runtime/chronicle.ts'
import { fragileActor, fragileMachine } from '../support/runtime/fragile-actor.ts'
import { gatedJournal } from '../support/runtime/gated-journal.ts'
import { openRuntime } from '../support/runtime/open-runtime.ts'
import { code } from '../support/runtime/outcome.ts'
import { senderTo } from '../support/runtime/sender-actor.ts'
import { tallyActor } from '../support/runtime/tally-actor.ts'

const BREAK = { type: 'fragile.break' } as const
const GET = { type: 'fragile.get' } as const
const add = (by: number) => ({ type: 'fragile.add', by }) as const
const backoff = { first: '1s', jitter: 0 } as const
const durability = 'durable'
const LONG = { intensity: 3, period: '1h' } as const

/** Runtimes one after the other over one journal. */
function processes(actors: readonly ActorDefinition<never>[], options: object = {}) {
  const journal = gatedJournal()
  let now: number | undefined
  return {
    journal,
    async open() {
      const { runtime, clock } = await openRuntime({ journal, actors: actors as never, supervision: LONG, ...options })
      if (now !== undefined) await clock.setTo(now)
      const stop = async () => {
        now = clock.now()
        await runtime.stop()
      }
      return { runtime, clock, stop, lines: chronicle(runtime) }
    },
    record: (address: string): ActorRecord | undefined =>
      journal.appended.flatMap(({ records }) => records).findLast((record) => record.address === address),
  }
}

describe('a durable actor that fails', () => {
  it('begins anew from its input, and nobody learns of it before that is durable', async () => {
    const fragile = fragileActor({ durability })
    const { journal, open, record } = processes([fragile] as never)
    const { runtime, clock } = await open()
    const ref = await runtime.spawn(fragile, { key: 'a', input: { start: 7 } })
    const held = code(ref.ask({ type: 'fragile.hold' }))
    await clock.advance(1)
    journal.shut()
    let told = false
    void held.then(() => (told = true))
    const sent = ref.send(BREAK).catch(() => {})
    await clock.advance(1)
    expect(told).toBe(false)
    journal.open()
    await sent
    expect(await held).toBe('CRASHED')
    expect(record(ref.address)?.restarts).toMatchObject({ own: { streak: 1 }, next: { from: 'start' } })
    await clock.advance('1s')
    expect(await ref.ask(GET)).toBe(7)
    expect(record(ref.address)?.restarts).toMatchObject({ own: { streak: 1 }, next: null })
  })

  it('is restarted in the next process at the time that was set in the last', async () => {
    const fragile = fragileActor({ durability })
    const { open } = processes([fragile] as never)
    const first = await open()
    const ref = await first.runtime.spawn(fragile, { key: 'a', input: { start: 7 } })
    await ref.send(add(1))
    await ref.send(BREAK).catch(() => {})
    await first.clock.advance(400)
    await first.stop()
    const { runtime, clock, lines } = await open()
    const asked = runtime.ref(fragile, 'a').ask(GET)
    await clock.advance(599)
    expect(lines.filter((line) => line.startsWith('started'))).toEqual(['started fragile'])
    await clock.advance(1)
    expect(await asked).toBe(7)
  })

  it('goes on from its last good state in the next process, with its timers', async () => {
    const supervision = { restart: 'transient', onPoison: 'stop', from: 'last good state', backoff } as const
    const fragile = fragileActor({ durability, supervision })
    const { open } = processes([fragile] as never)
    const first = await open()
    const ref = await first.runtime.spawn(fragile, { key: 'a', input: { start: 7 } })
    await ref.send(add(1))
    await ref.send({ type: 'fragile.later' })
    await ref.send(BREAK).catch(() => {})
    await first.stop()
    const { runtime, clock } = await open()
    await clock.advance('1s')
    expect(await runtime.ref(fragile, 'a').ask(GET)).toBe(8)
    await clock.advance('1m')
    expect(await runtime.ref(fragile, 'a').ask(GET)).toBe(1_008)
  })

  it('keeps what was put away for its next life, in the next process too', async () => {
    const fragile = fragileActor({ durability, unhandled: 'stash' })
    const { open } = processes([fragile] as never)
    const first = await open()
    const ref = await first.runtime.spawn(fragile, { key: 'a' })
    await ref.send({ type: 'fragile.later' })
    await ref.send(add(5))
    await ref.send(BREAK).catch(() => {})
    await first.stop()
    const { runtime, clock } = await open()
    await clock.advance('1s')
    expect(await runtime.ref(fragile, 'a').ask(GET)).toBe(5)
  })

  it('is written no more in the life that is over', async () => {
    const fragile = fragileActor({ durability })
    const { open, record, journal } = processes([fragile] as never)
    const { runtime, clock } = await open()
    const ref = await runtime.spawn(fragile, { key: 'a' })
    await ref.send(BREAK).catch(() => {})
    await clock.advance('1s')
    await ref.send(add(1))
    const lives = journal.appended.flatMap(({ records }) => records.map(({ incarnation }) => incarnation))
    expect(lives).toEqual([...lives].sort((one, other) => one - other))
    expect(record(ref.address)?.snapshot.context).toMatchObject({ total: 1 })
  })

  it('loses no message that the life before had sent to a durable actor', async () => {
    const tally = tallyActor()
    const sender = senderTo('local/tally/t')
    const { open, journal } = processes([tally, sender] as never)
    const { runtime, clock, stop } = await open()
    const to = await runtime.spawn(tally, { key: 't' })
    const ref = await runtime.spawn(sender, { key: 's' })
    journal.shut()
    void ref.send({ type: 'sender.send' }).catch(() => {})
    void ref.send({ type: 'sender.break' }).catch(() => {})
    await clock.advance(1)
    journal.open()
    await clock.advance('1s')
    await ref.send({ type: 'sender.send' })
    await clock.advance(1)
    expect(await to.ask({ type: 'tally.get' })).toEqual({ total: 2 })
    await stop()
    const next = await open()
    await next.clock.advance('1m')
    expect(await next.runtime.ref(tally, 't').ask({ type: 'tally.get' })).toEqual({ total: 2 })
  })
})

describe('a message between two durable actors', () => {
  it('that is taken when its sender has begun anew is not sent again', async () => {
    const supervision = { restart: 'transient', onPoison: 'stop', backoff } as const
    const tally = tallyActor({ supervision })
    const sender = senderTo('local/tally/t')
    const { open, record } = processes([tally, sender] as never)
    const { runtime, clock, stop } = await open()
    const to = await runtime.spawn(tally, { key: 't' })
    const ref = await runtime.spawn(sender, { key: 's' })
    await to.send({ type: 'tally.break' }).catch(() => {})
    await clock.advance(500)
    await ref.send({ type: 'sender.send' })
    await ref.send({ type: 'sender.break' }).catch(() => {})
    await clock.advance(1)
    expect(record(ref.address)?.outbox).toHaveLength(1)
    await clock.advance(499)
    expect(await to.ask({ type: 'tally.get' })).toEqual({ total: 1 })
    expect(record(ref.address)).toMatchObject({ outbox: [], restarts: { next: { from: 'start' } } })
    await stop()
    const next = await open()
    await next.clock.advance('1m')
    expect(await next.runtime.ref(tally, 't').ask({ type: 'tally.get' })).toEqual({ total: 1 })
  })

  it('goes by the life that sent it, whichever sends it again', async () => {
    const transport = memory()
    const [tally, sender] = [tallyActor(), senderTo('local/tally/t')]
    const there = gatedJournal()
    const other = await openRuntime({ transport, journal: there, actors: [tally] as never })
    const { open, record } = processes([sender] as never, { transport })
    const { runtime, clock } = await open()
    const to = await other.runtime.spawn(tally, { key: 't' })
    const ref = await runtime.spawn(sender, { key: 's' })
    const life = record(ref.address)?.incarnation
    there.shut()
    await ref.send({ type: 'sender.send' })
    await ref.send({ type: 'sender.break' }).catch(() => {})
    await clock.advance(1)
    expect(record(ref.address)?.outbox).toMatchObject([{ epoch: life }])
    expect(record(ref.address)?.incarnation).toBeGreaterThan(life ?? Infinity)
    there.open()
    await clock.advance('1m')
    await ref.send({ type: 'sender.send' })
    await clock.advance(1)
    expect(await to.ask({ type: 'tally.get' })).toEqual({ total: 2 })
  })
})

describe('a crash loop across processes', () => {
  it('of an actor that fails on each start ends in quarantine', async () => {
    let isBroken = false
    const fragile = fragileActor({ durability, logic: fragileMachine(() => isBroken) })
    const { open, record } = processes([fragile] as never)
    const first = await open()
    const ref = await first.runtime.spawn(fragile, { key: 'a', input: { start: 7 } })
    isBroken = true
    await ref.send(BREAK).catch(() => {})
    await first.clock.advance(1)
    await first.stop()
    let restarts = 0
    for (let n = 0; n < 5; n++) {
      const { clock, stop, lines } = await open()
      await clock.advance('5s')
      restarts += lines.filter((line) => line.startsWith('restarted')).length
      await stop()
    }
    expect(restarts).toBe(2)
    expect(record(ref.address)).toMatchObject({ quarantined: { code: 'CRASHED' }, wake: null })
  })

  it('stays in quarantine in the next process, until an operator resets it there', async () => {
    let isBroken = false
    const fragile = fragileActor({ durability, logic: fragileMachine(() => isBroken) })
    const { open, record } = processes([fragile] as never, { supervision: { intensity: 0 } })
    const first = await open()
    const ref = await first.runtime.spawn(fragile, { key: 'a', input: { start: 7 } })
    isBroken = true
    await ref.send(BREAK).catch(() => {})
    await first.stop()
    isBroken = false
    const { runtime, stop, lines, clock } = await open()
    await clock.advance('1h')
    expect(lines).toEqual([])
    const again = runtime.ref(fragile, 'a')
    expect(await code(again.ask(GET))).toBe('UNAVAILABLE')
    expect(await again.state()).toMatchObject({ status: 'error', value: 'on', error: { code: 'CRASHED' } })
    expect(await code(again.result())).toBe('CRASHED')
    await runtime.reset(ref.address)
    expect(await again.ask(GET)).toBe(7)
    expect(record(ref.address)?.quarantined).toBeUndefined()
    await stop()
    const third = await open()
    expect(await third.runtime.ref(fragile, 'a').ask(GET)).toBe(7)
  })
})

describe('a durable supervisor', () => {
  const workers = () =>
    ['one', 'two'].map((type) => fragileActor({ type, durability, logic: fragileMachine() })) as unknown as [
      ReturnType<typeof fragileActor>,
      ReturnType<typeof fragileActor>,
    ]

  it('and its group are restarted in the next process, and have their restarts counted there', async () => {
    const [one, two] = workers()
    const boss = bossActor([one, two] as never, {
      durability,
      children: { strategy: 'one_for_all', intensity: 1, period: '1h', exceeded: 'quarantine' },
    })
    const { open } = processes([one, two, boss] as never)
    const first = await open()
    await first.runtime.spawn(boss, { key: 'b' })
    await first.runtime.ref(two, 'boss/b/two').send(add(5))
    await first.runtime
      .ref(one, 'boss/b/one')
      .send(BREAK)
      .catch(() => {})
    await first.clock.advance(10)
    await first.stop()
    const { runtime, clock } = await open()
    await clock.advance('1s')
    expect(await runtime.ref(two, 'boss/b/two').ask(GET)).toBe(0)
    await runtime
      .ref(two, 'boss/b/two')
      .send(BREAK)
      .catch(() => {})
    await clock.advance(1)
    expect(await code(runtime.ref(two, 'boss/b/two').ask(GET))).toBe('UNAVAILABLE')
    expect(await runtime.ref(one, 'boss/b/one').ask(GET)).toBe(0)
  })

  it('that an escalation restarted has its children again, from their input', async () => {
    const [one, two] = workers()
    const supervision = { restart: 'transient', from: 'last good state', backoff } as const
    const boss = bossActor([one, two] as never, { durability, supervision, children: { intensity: 0 } })
    const { open } = processes([one, two, boss] as never)
    const { runtime, clock, stop } = await open()
    const ref = await runtime.spawn(boss, { key: 'b' })
    for (const worker of [one, two]) await runtime.ref(worker, `boss/b/${worker.type}`).send(add(5))
    await runtime
      .ref(one, 'boss/b/one')
      .send(BREAK)
      .catch(() => {})
    await clock.advance('1s')
    for (const worker of [one, two]) expect(await runtime.ref(worker, `boss/b/${worker.type}`).ask(GET)).toBe(0)
    expect((await ref.state()).value).toBe('at work')
    await stop()
    const next = await open()
    expect((await next.runtime.ref(boss, 'b').state()).value).toBe('at work')
    expect(await next.runtime.ref(two, 'boss/b/two').ask(GET)).toBe(0)
  })
})
