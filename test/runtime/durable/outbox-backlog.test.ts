import { expect, it } from 'vitest'
import { relayActor } from '../../support/runtime/durable-family.ts'
import { gatedJournal } from '../../support/runtime/gated-journal.ts'
import { openRuntime } from '../../support/runtime/open-runtime.ts'

const first = relayActor({ type: 'first' })
const narrow = relayActor({ type: 'narrow', mailbox: { capacity: 2 } })

it.each([2, 3, 13])(
  'a backlog of %i for a receiver with little room arrives once and in order in the next process',
  async (count) => {
    const journal = gatedJournal()
    const numbers = Array.from({ length: count }, (_, at) => at)
    const opened = await openRuntime({ journal, actors: [first] })
    const a = await opened.runtime.spawn(first, { key: 'a', input: { next: 'local/narrow/z' } })
    await opened.runtime.spawn(narrow, { key: 'z', input: { next: null } })
    await Promise.all(numbers.map((n) => a.send({ type: 'relay.pass', n })))
    await opened.runtime.stop()
    const { runtime, clock } = await openRuntime({ journal, actors: [first, narrow] })
    await clock.advance('10s')
    expect(await runtime.ref(narrow, 'z').ask({ type: 'relay.seen' })).toEqual({ seen: numbers })
  },
)
