import { describe, expect, it, vi } from 'vitest'
import { type Journal, type Transport, TroupeError } from '../../../runtime/index.ts'
import { createVirtualClock } from '../../../runtime/testing.ts'
import { memory, memoryJournal } from '../../../transports/memory/index.ts'
import { alteredReads } from '../../support/runtime/altered-reads.ts'
import { relayActor } from '../../support/runtime/durable-family.ts'
import { gatedJournal } from '../../support/runtime/gated-journal.ts'
import { openRuntime } from '../../support/runtime/open-runtime.ts'
import { code } from '../../support/runtime/outcome.ts'
import { tallyActor } from '../../support/runtime/tally-actor.ts'

const relay = relayActor()
const tally = tallyActor()
const far = relayActor({ type: 'far' })

/** A wire that brings every request twice. */
function doubling(wire: Transport): Transport {
  return {
    ...wire,
    async join(node) {
      const link = await wire.join(node)
      return {
        ...link,
        request(to, frame, options) {
          link.request(to, frame, options).catch(() => {})
          return link.request(to, frame, options)
        },
      }
    },
  }
}

/** A journal that is slow to read: each read waits until it is let through. */
function slowToRead(inner: Journal): { readonly journal: Journal; shut(): void; open(): void } {
  let waiting: (() => void)[] | null = null
  const journal = alteredReads(inner, async (_, read) => {
    const record = await read()
    await new Promise<void>((resolve) => (waiting ? waiting.push(resolve) : resolve()))
    return record
  })
  return {
    journal,
    shut() {
      waiting = []
    },
    open() {
      const passes = waiting ?? []
      waiting = null
      for (const pass of passes) pass()
    },
  }
}

describe('a durable message that comes again', () => {
  it('is taken once when it comes while the first still stands in the mailbox', async () => {
    const clock = createVirtualClock()
    const transport = doubling(memory({ clock }))
    const there = await openRuntime({ clock, transport, journal: memoryJournal(), actors: [far] })
    const here = await openRuntime({ clock, transport, journal: memoryJournal(), actors: [relay] })
    const end = await there.runtime.spawn(far, { key: 'z', input: { next: null } })
    const start = await here.runtime.spawn(relay, { key: 'a', input: { next: 'local/far/z' } })
    for (const n of [1, 2, 3]) await start.send({ type: 'relay.pass', n })
    await vi.waitFor(async () => expect((await end.ask({ type: 'relay.seen' })).seen).toContain(3))
    expect(await end.ask({ type: 'relay.seen' })).toEqual({ seen: [1, 2, 3] })
  })

  it('is acknowledged when its receiver took it and has ended since', async () => {
    const clock = createVirtualClock()
    const wire = memory({ clock })
    let lost = 0
    const losing: Transport = {
      ...wire,
      async join(node) {
        const link = await wire.join(node)
        return {
          ...link,
          async request(to, frame, options) {
            const answer = await link.request(to, frame, options)
            if (lost++ === 0) throw new TroupeError('UNAVAILABLE', 'the answer is lost')
            return answer
          },
        }
      },
    }
    const there = await openRuntime({ clock, transport: wire, journal: memoryJournal(), actors: [far] })
    const here = await openRuntime({ clock, transport: losing, journal: memoryJournal(), actors: [relay] })
    const end = await there.runtime.spawn(far, { key: 'z', input: { next: null } })
    const start = await here.runtime.spawn(relay, { key: 'a', input: { next: 'local/far/z' } })
    await start.send({ type: 'relay.pass', n: 1 })
    await clock.advance(10)
    await end.stop()
    await clock.advance('1s')
    expect(lost).toBe(2)
    expect(await here.runtime.deadLetters.kept()).toEqual([])
  })
})

describe('a durable actor whose shard is lost', () => {
  it('has not been spawned, with a transport as without', async () => {
    const journal = gatedJournal()
    const { runtime } = await openRuntime({ transport: memory(), journal, actors: [relay] })
    journal.failNext(new TroupeError('STORAGE', 'the disk is full'))
    expect(await code(runtime.spawn(relay, { key: 'a', input: { next: null } }))).toBe('STORAGE')
  })

  it('has not been spawned for who found its address taken meanwhile, either', async () => {
    const clock = createVirtualClock()
    const transport = memory({ clock })
    const journal = gatedJournal()
    const first = await openRuntime({ clock, transport, journal, actors: [relay] })
    const second = await openRuntime({ clock, transport, journal: memoryJournal(), actors: [relay] })
    const start = { key: 'a', input: { next: null } }
    journal.shut()
    const spawning = code(first.runtime.spawn(relay, start))
    await clock.advance(10)
    const finding = second.runtime.spawn(relay, start)
    await clock.advance(10)
    journal.failNext(new TroupeError('STORAGE', 'the disk is full'))
    journal.open()
    expect(await spawning).toBe('STORAGE')
    const found = await finding.catch(() => null)
    expect(found === null || (await found.ask({ type: 'relay.seen' }))).toBeTruthy()
  })

  it('is unavailable, and not unknown, to who reached for it before; and is not brought back from what was read then', async () => {
    const gated = gatedJournal()
    const slow = slowToRead(gated)
    const { runtime, clock } = await openRuntime({ journal: slow.journal, actors: [relay] })
    const a = await runtime.spawn(relay, { key: 'a', input: { next: null } })
    await a.send({ type: 'relay.pass', n: 1 })
    const b = await runtime.spawn(relay, { key: 'b', input: { next: null } })
    await clock.advance('11m')
    await b.send({ type: 'relay.pass', n: 1 })
    slow.shut()
    const early = code(a.send({ type: 'relay.pass', n: 2 }))
    gated.failNext(new TroupeError('STORAGE', 'power is gone'))
    await b.send({ type: 'relay.pass', n: 2 }).catch(() => {})
    await clock.advance('1s')
    slow.open()
    expect(await early).toBe('UNAVAILABLE')
    await a.send({ type: 'relay.pass', n: 3 })
    expect(await a.ask({ type: 'relay.seen' })).toEqual({ seen: [1, 3] })
  })
})

describe('a message for a durable actor that ends before its turn', () => {
  it('is a dead letter that the journal keeps', async () => {
    const { runtime } = await openRuntime({ journal: memoryJournal(), actors: [tally] })
    const ref = await runtime.spawn(tally, { key: 'z' })
    const closing = ref.send({ type: 'tally.close' })
    const late = code(ref.send({ type: 'tally.add', by: 1 }))
    await closing
    expect(await late).toBe('NOT_FOUND')
    const kept = await runtime.deadLetters.kept()
    expect(kept).toMatchObject([{ to: ref.address, event: { type: 'tally.add' }, error: { code: 'NOT_FOUND' } }])
  })
})
