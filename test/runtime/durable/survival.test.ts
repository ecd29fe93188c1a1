import { describe, expect, it } from 'vitest'
import { createRuntime, TroupeError } from '../../../runtime/index.ts'
import { gatedJournal } from '../../support/runtime/gated-journal.ts'
import { openRuntime } from '../../support/runtime/open-runtime.ts'
import { tallyActor } from '../../support/runtime/tally-actor.ts'

const tally = tallyActor()

/** A runtime after another over one journal, each stopped before the next. */
async function lives() {
  const journal = gatedJournal()
  const open = async () => openRuntime({ journal, actors: [tally] })
  return { journal, open }
}

describe('a durable actor', () => {
  it('goes on in another process where it was', async () => {
    const { open } = await lives()
    const first = await open()
    const ref = await first.runtime.spawn(tally, { key: 'a', input: { start: 5 } })
    await ref.send({ type: 'tally.add', by: 3 })
    await first.runtime.stop()
    const second = await open()
    expect(second.runtime.actors()).toEqual([])
    expect(await second.runtime.ref(tally, 'a').ask({ type: 'tally.take', by: 2 })).toEqual({ total: 10 })
  })

  it('is found by whoever spawns it again, and keeps its state over the new input', async () => {
    const { open } = await lives()
    const first = await open()
    await (await first.runtime.spawn(tally, { key: 'a', input: { start: 5 } })).send({ type: 'tally.add', by: 1 })
    await first.runtime.stop()
    const { runtime } = await open()
    const ref = await runtime.spawn(tally, { key: 'a', input: { start: 100 } })
    expect(await ref.ask({ type: 'tally.get' })).toEqual({ total: 6 })
  })

  it('has its timers in the next process, at their old times', async () => {
    const { open } = await lives()
    const first = await open()
    const ref = await first.runtime.spawn(tally, { key: 'a' })
    await ref.send({ type: 'tally.later', by: 0 })
    await first.clock.advance('20s')
    await first.runtime.stop()
    const { runtime, clock } = await open()
    await clock.advance('59s')
    expect(runtime.actors()).toEqual([])
    await clock.advance('2s')
    expect(await runtime.ref(tally, 'a').ask({ type: 'tally.get' })).toEqual({ total: 1_000 })
  })

  it('fires a timer at once that came due while no process had it', async () => {
    const { journal, open } = await lives()
    const first = await open()
    const ref = await first.runtime.spawn(tally, { key: 'a' })
    await ref.send({ type: 'tally.later', by: 0 })
    await first.runtime.stop()
    const { runtime, clock } = await openRuntime({ journal, actors: [tally] })
    await clock.setTo(clock.now() + 86_400_000)
    expect(await runtime.ref(tally, 'a').ask({ type: 'tally.get' })).toEqual({ total: 1_000 })
  })

  it('that is done stays done, and its result can be fetched', async () => {
    const { open } = await lives()
    const first = await open()
    const ref = await first.runtime.spawn(tally, { key: 'a', input: { start: 7 } })
    await ref.send({ type: 'tally.close' })
    await first.runtime.stop()
    const { runtime } = await open()
    expect(await runtime.ref(tally, 'a').result()).toEqual({ total: 7 })
    const again = await runtime.spawn(tally, { key: 'a', input: { start: 1 } })
    expect(await again.result()).toEqual({ total: 7 })
    expect((await again.state()).status).toBe('done')
  })

  it('that was stopped can be started anew', async () => {
    const { open } = await lives()
    const first = await open()
    const ref = await first.runtime.spawn(tally, { key: 'a', input: { start: 7 } })
    await ref.stop()
    await first.runtime.stop()
    const { runtime } = await open()
    await expect(runtime.ref(tally, 'a').send({ type: 'tally.add', by: 1 })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    })
    const again = await runtime.spawn(tally, { key: 'a', input: { start: 1 } })
    expect(await again.ask({ type: 'tally.get' })).toEqual({ total: 1 })
  })

  it('is refused by a runtime without a journal, which says what to give', async () => {
    const { runtime } = await openRuntime({ actors: [tally] })
    const spawned = runtime.spawn(tally, { key: 'a' })
    await expect(spawned).rejects.toMatchObject({ hint: expect.stringContaining('journal:') as string })
  })

  it('is forgotten when its result is no longer kept', async () => {
    const { journal } = await lives()
    const brief = tallyActor({ keepResult: '1h' })
    const first = await openRuntime({ journal, actors: [brief] })
    await (await first.runtime.spawn(brief, { key: 'a' })).send({ type: 'tally.close' })
    await first.clock.advance('61m')
    await first.runtime.stop()
    const { runtime } = await openRuntime({ journal, actors: [brief] })
    await expect(runtime.ref(brief, 'a').result()).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })
})

describe('what a durable actor was sent', () => {
  it('is acknowledged when it is durable, not before', async () => {
    const { journal, open } = await lives()
    const { runtime } = await open()
    const ref = await runtime.spawn(tally, { key: 'a' })
    journal.shut()
    const order: string[] = []
    const sent = ref.send({ type: 'tally.add', by: 1 }).then(() => order.push('acknowledged'))
    const asked = ref.ask({ type: 'tally.take', by: 1 }).then(() => order.push('answered'))
    await runtime.idle()
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(order).toEqual([])
    journal.open()
    await Promise.all([sent, asked])
    expect(order).toEqual(['acknowledged', 'answered'])
  })

  it('is written down together, however much came at once', async () => {
    const { journal, open } = await lives()
    const { runtime } = await open()
    const refs = await Promise.all(Array.from({ length: 10 }, (_, key) => runtime.spawn(tally, { key: `k${key}` })))
    const before = journal.appended.length
    await Promise.all(refs.map((ref) => ref.send({ type: 'tally.add', by: 1 })))
    expect(journal.appended.length - before).toBe(1)
    expect(journal.appended.at(-1)?.records).toHaveLength(10)
  })

  it('is kept as a dead letter when the actor fails on it, and can be replayed from there', async () => {
    const { open } = await lives()
    const first = await open()
    const ref = await first.runtime.spawn(tally, { key: 'a', input: { start: 2 } })
    await expect(ref.send({ type: 'tally.break' })).rejects.toMatchObject({ code: 'CRASHED' })
    await ref.send({ type: 'tally.add', by: 1 })
    await first.runtime.stop()
    const { runtime } = await open()
    const [letter] = await runtime.deadLetters.kept()
    expect(letter).toMatchObject({ to: 'local/tally/a', event: { type: 'tally.break' }, error: { code: 'CRASHED' } })
    await runtime.deadLetters.replay(letter?.id ?? '')
    const after = await runtime.deadLetters.kept()
    expect(after.map(({ event }) => event.type)).toEqual(['tally.break'])
    expect(after[0]?.id).not.toBe(letter?.id)
    await runtime.deadLetters.discard(after[0]?.id ?? '')
    expect(await runtime.deadLetters.kept()).toEqual([])
    expect(await runtime.ref(tally, 'a').ask({ type: 'tally.get' })).toEqual({ total: 3 })
  })
})

describe('a shard whose append fails', () => {
  const full = new TroupeError('STORAGE', 'the disk is full')

  it.each([true, false])('is read again, whether the append happened (%s) or not, and goes on', async (happened) => {
    const journal = gatedJournal()
    const { runtime, clock } = await openRuntime({ journal, actors: [tally] })
    const ref = await runtime.spawn(tally, { key: 'a', input: { start: 1 } })
    journal.failNext(full, { happened })
    await expect(ref.send({ type: 'tally.add', by: 10 })).rejects.toMatchObject({ code: 'STORAGE' })
    await expect(ref.send({ type: 'tally.add', by: 100 })).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    await clock.advance('1s')
    expect(await ref.ask({ type: 'tally.get' })).toEqual({ total: happened ? 11 : 1 })
  })

  it('is left alone once another process owns it', async () => {
    const journal = gatedJournal()
    const old = await openRuntime({ journal, actors: [tally] })
    const ref = await old.runtime.spawn(tally, { key: 'a' })
    const successor = await createRuntime({ journal, actors: [tally] })
    await successor.ref(tally, 'a').send({ type: 'tally.add', by: 1 })
    await expect(ref.send({ type: 'tally.add', by: 50 })).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    await old.clock.advance('1h')
    await expect(ref.ask({ type: 'tally.get' })).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    expect(await successor.ref(tally, 'a').ask({ type: 'tally.get' })).toEqual({ total: 1 })
    await successor.stop()
  })
})

describe('a durable actor with nothing to do', () => {
  it('leaves memory and comes back with its next message', async () => {
    const { open } = await lives()
    const { runtime, clock } = await open()
    const ref = await runtime.spawn(tally, { key: 'a', input: { start: 4 } })
    await clock.advance('11m')
    expect(runtime.actors()).toEqual([])
    expect(await ref.ask({ type: 'tally.get' })).toEqual({ total: 4 })
    expect(runtime.actors()).toEqual(['local/tally/a'])
  })

  it('comes back for its timer', async () => {
    const journal = gatedJournal()
    const quick = tallyActor({ restAfter: 0 })
    const { runtime, clock } = await openRuntime({ journal, actors: [quick] })
    const ref = await runtime.spawn(quick, { key: 'a' })
    await ref.send({ type: 'tally.later', by: 0 })
    await clock.advance('31s')
    expect(runtime.actors()).toEqual([])
    await clock.advance('30s')
    expect(await ref.ask({ type: 'tally.get' })).toEqual({ total: 1_000 })
  })

  it('stays while somebody listens to it', async () => {
    const { open } = await lives()
    const { runtime, clock } = await open()
    const ref = await runtime.spawn(tally, { key: 'a' })
    const off = ref.on('tally.changed', () => {})
    await clock.advance('11m')
    expect(runtime.actors()).toEqual(['local/tally/a'])
    off()
    await clock.advance('11m')
    expect(runtime.actors()).toEqual([])
  })
})
