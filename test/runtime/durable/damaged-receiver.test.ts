import { expect, it } from 'vitest'
import { type Journal, TroupeError } from '../../../runtime/index.ts'
import { memoryJournal } from '../../../transports/memory/index.ts'
import { alteredReads } from '../../support/runtime/altered-reads.ts'
import { relayActor } from '../../support/runtime/durable-family.ts'
import { openRuntime } from '../../support/runtime/open-runtime.ts'

const relay = relayActor()

// Reads of `b` fail for as long as `trouble` says how.
function troubled(trouble: () => TroupeError | null, counted: { reads: number }): Journal {
  return alteredReads(memoryJournal(), async (address, read) => {
    const failure = address.endsWith('/b') ? trouble() : null
    if (!failure) return read()
    counted.reads++
    throw failure
  })
}

async function opened(trouble: () => TroupeError | null) {
  const counted = { reads: 0 }
  const journal = troubled(trouble, counted)
  const first = await openRuntime({ journal, actors: [relay] })
  await first.runtime.spawn(relay, { key: 'b', input: { next: null } })
  await first.runtime.stop()
  const { runtime, clock } = await openRuntime({ journal, actors: [relay] })
  const a = await runtime.spawn(relay, { key: 'a', input: { next: 'local/relay/b' } })
  return { runtime, clock, a, counted }
}

it('a message to an actor whose record is damaged is a dead letter, and is not tried for ever', async () => {
  let damaged = false
  const damage = new TroupeError('STORAGE', 'the record of local/relay/b is damaged', { lasting: true })
  const { runtime, clock, a, counted } = await opened(() => (damaged ? damage : null))
  damaged = true
  await a.send({ type: 'relay.pass', n: 1 })
  await clock.advance('1m')
  expect(counted.reads).toBe(1)
  expect(runtime.deadLetters.list().map(({ to, error }) => [to, error.code])).toEqual([['local/relay/b', 'STORAGE']])
})

it('a receiver that cannot be read is tried less and less often, and gets the message in the end', async () => {
  let fails = false
  const { runtime, clock, a, counted } = await opened(() => (fails ? new TroupeError('STORAGE', 'no answer') : null))
  fails = true
  await a.send({ type: 'relay.pass', n: 1 })
  await clock.advance('1m')
  expect(counted.reads).toBeGreaterThan(5)
  expect(counted.reads).toBeLessThan(20)
  fails = false
  await clock.advance('10s')
  expect(await runtime.ref(relay, 'b').ask({ type: 'relay.seen' })).toEqual({ seen: [1] })
})
