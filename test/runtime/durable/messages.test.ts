import { describe, expect, it, vi } from 'vitest'
import { type Address, TroupeError } from '../../../runtime/index.ts'
import { memory } from '../../../transports/memory/index.ts'
import { relayActor } from '../../support/runtime/durable-family.ts'
import { gatedJournal } from '../../support/runtime/gated-journal.ts'
import { openRuntime } from '../../support/runtime/open-runtime.ts'

const relay = relayActor()
const lastOf = 'local/relay/z'

async function chain(journal = gatedJournal()) {
  const opened = await openRuntime({ journal, actors: [relay] })
  const z = await opened.runtime.spawn(relay, { key: 'z', input: { next: null } })
  const a = await opened.runtime.spawn(relay, { key: 'a', input: { next: lastOf } })
  return { ...opened, journal, a, z }
}

describe('a message from one durable actor to another', () => {
  it('arrives once, in the same append when both are at home', async () => {
    const { a, z, journal, runtime } = await chain()
    const before = journal.appended.length
    await a.send({ type: 'relay.pass', n: 1 })
    expect(await z.ask({ type: 'relay.seen' })).toEqual({ seen: [1] })
    const first = journal.appended[before]
    expect(first?.records.map(({ address }) => address).sort()).toEqual(['local/relay/a', 'local/relay/z'])
    expect(first?.records.flatMap(({ outbox }) => outbox)).toEqual([])
    await runtime.idle()
  })

  it.each([true, false])(
    'is at both ends or at none after a crash, with the append done (%s) or not',
    async (happened) => {
      const { a, journal, clock, runtime } = await chain()
      journal.failNext(new TroupeError('STORAGE', 'power is gone'), { happened })
      await expect(a.send({ type: 'relay.pass', n: 1 })).rejects.toMatchObject({ code: 'STORAGE' })
      await clock.advance('1s')
      const seen = happened ? [1] : []
      expect(await runtime.ref(relay, 'a').ask({ type: 'relay.seen' })).toEqual({ seen })
      expect(await runtime.ref(relay, 'z').ask({ type: 'relay.seen' })).toEqual({ seen })
    },
  )

  it('reaches one that rests', async () => {
    const { a, runtime, clock } = await chain()
    await clock.advance('11m')
    expect(runtime.actors()).toEqual([])
    await a.send({ type: 'relay.pass', n: 1 })
    await a.send({ type: 'relay.pass', n: 2 })
    expect(await runtime.ref(relay, 'z').ask({ type: 'relay.seen' })).toEqual({ seen: [1, 2] })
  })

  it('is a dead letter when nobody is there, and what follows goes on', async () => {
    const { runtime } = await openRuntime({ journal: gatedJournal(), actors: [relay] })
    const a = await runtime.spawn(relay, { key: 'a', input: { next: 'local/relay/nobody' } })
    await a.send({ type: 'relay.pass', n: 1 })
    await a.ask({ type: 'relay.seen' })
    const letters = await runtime.deadLetters.kept()
    expect(letters).toMatchObject([{ to: 'local/relay/nobody', from: 'local/relay/a', error: { code: 'NOT_FOUND' } }])
  })

  it('waits in order for a receiver whose mailbox is full', async () => {
    const narrow = relayActor({ mailbox: { capacity: 2 } })
    const { runtime, clock } = await openRuntime({ journal: gatedJournal(), actors: [narrow] })
    const z = await runtime.spawn(narrow, { key: 'z', input: { next: null } })
    const a = await runtime.spawn(narrow, { key: 'a', input: { next: lastOf } })
    const numbers = Array.from({ length: 40 }, (_, at) => at)
    for (const n of numbers) await a.send({ type: 'relay.pass', n })
    await clock.advance('10s')
    expect(await z.ask({ type: 'relay.seen' })).toEqual({ seen: numbers })
    expect(runtime.deadLetters.list()).toEqual([])
  })
})

describe('a message to a durable actor on another node', () => {
  it('is taken once, however often it comes', async () => {
    const wire = memory()
    const far = await openRuntime({ transport: wire, journal: gatedJournal(), actors: [relay] })
    const z = await far.runtime.spawn(relay, { key: 'z', input: { next: null } })
    let lose = 2
    const lossy: typeof wire = {
      ...wire,
      join: async (node) => {
        const link = await wire.join(node)
        const request: typeof link.request = async (to, frame, options) => {
          const answer = await link.request(to, frame, options)
          // It arrived, and the answer did not.
          if (to === (lastOf as Address) && lose-- > 0) throw new TroupeError('UNAVAILABLE', 'the line is cut')
          return answer
        }
        return { ...link, request }
      },
    }
    const sender = relayActor({ type: 'sender' })
    const near = await openRuntime({ transport: lossy, journal: gatedJournal(), actors: [sender] })
    const a = await near.runtime.spawn(sender, { key: 'a', input: { next: lastOf } })
    for (const n of [1, 2, 3]) await a.send({ type: 'relay.pass', n })
    await near.clock.advance('1s')
    await vi.waitFor(async () => expect(await z.ask({ type: 'relay.seen' })).toEqual({ seen: [1, 2, 3] }))
    expect(lose).toBeLessThan(0)
  })
})
