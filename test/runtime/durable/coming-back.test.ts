import { expect, it } from 'vitest'
import { type Journal, TroupeError } from '../../../runtime/index.ts'
import { memoryJournal } from '../../../transports/memory/index.ts'
import { alteredReads } from '../../support/runtime/altered-reads.ts'
import { relayActor } from '../../support/runtime/durable-family.ts'
import { gatedJournal } from '../../support/runtime/gated-journal.ts'
import { openRuntime } from '../../support/runtime/open-runtime.ts'
import { code } from '../../support/runtime/outcome.ts'

const relay = relayActor()

it('what is sent to an actor while it comes back is taken in the order it was sent', async () => {
  const journal = gatedJournal()
  const first = await openRuntime({ journal, actors: [relay] })
  await first.runtime.spawn(relay, { key: 'a', input: { next: null } })
  await first.runtime.stop()
  const { runtime } = await openRuntime({ journal, actors: [relay] })
  const numbers = Array.from({ length: 100 }, (_, at) => at)
  const sent: Promise<void>[] = []
  for (const n of numbers) {
    sent.push(runtime.ref(relay, 'a').send({ type: 'relay.pass', n }))
    await Promise.resolve()
  }
  await Promise.all(sent)
  expect(await runtime.ref(relay, 'a').ask({ type: 'relay.seen' })).toEqual({ seen: numbers })
})

it('a record that is damaged keeps nobody back of those that come back with it', async () => {
  const inner = memoryJournal()
  const keys = Array.from({ length: 300 }, (_, at) => `k${at}`)
  const first = await openRuntime({ journal: inner, actors: [relay] })
  await Promise.all(keys.map((key) => first.runtime.spawn(relay, { key, input: { next: null } })))
  await first.runtime.stop()
  const damaged = new TroupeError('STORAGE', 'it is damaged', { lasting: true })
  const journal = alteredReads(inner, async (address, read) => {
    if (address.endsWith('/k7')) throw damaged
    return read()
  })
  const { runtime } = await openRuntime({ journal, actors: [relay] })
  const looks = await Promise.allSettled(keys.map((key) => runtime.ref(relay, key).state()))
  const refused = looks.flatMap((look, at) => (look.status === 'rejected' ? [[keys[at], look.reason.code]] : []))
  expect(refused).toEqual([['k7', 'STORAGE']])
})

it('when many cannot be read at once, each who waits is told, and the next who asks finds its actor', async () => {
  const inner = memoryJournal()
  const keys = ['a', 'b', 'c']
  const first = await openRuntime({ journal: inner, actors: [relay] })
  await Promise.all(keys.map((key) => first.runtime.spawn(relay, { key, input: { next: null } })))
  await first.runtime.stop()
  let fails = true
  const journal: Journal = {
    ...inner,
    async own(realm, name, options) {
      const shard = await inner.own(realm, name, options)
      return {
        ...shard,
        async readEach(addresses) {
          if (fails) throw new Error('the medium did not answer')
          return shard.readEach(addresses)
        },
      }
    },
  }
  const { runtime } = await openRuntime({ journal, actors: [relay] })
  const look = () => Promise.all(keys.map((key) => code(runtime.ref(relay, key).state())))
  expect(await look()).toEqual(['STORAGE', 'STORAGE', 'STORAGE'])
  fails = false
  expect((await Promise.all(keys.map((key) => runtime.ref(relay, key).state()))).map(({ status }) => status)).toEqual(
    keys.map(() => 'active'),
  )
})
