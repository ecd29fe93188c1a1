import { expect, it } from 'vitest'
import { relayActor } from '../../support/runtime/durable-family.ts'
import { gatedJournal } from '../../support/runtime/gated-journal.ts'
import { openRuntime } from '../../support/runtime/open-runtime.ts'

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
