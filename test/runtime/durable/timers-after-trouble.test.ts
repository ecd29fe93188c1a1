import { expect, it } from 'vitest'
import { memoryJournal } from '../../../transports/memory/index.ts'
import { failingReads } from '../../support/runtime/failing-reads.ts'
import { gatedJournal } from '../../support/runtime/gated-journal.ts'
import { openRuntime } from '../../support/runtime/open-runtime.ts'
import { tallyActor } from '../../support/runtime/tally-actor.ts'

const tally = tallyActor({ restAfter: '10s' })

// Fires after a minute, and adds a thousand.
const later = { type: 'tally.later', by: 1 } as const

it.each(['all', 'asked'] as const)("timers fire after a failed append under wake: '%s'", async (wake) => {
  const journal = gatedJournal()
  const { runtime, clock } = await openRuntime({ journal, actors: [tally], wake })
  const ref = await runtime.spawn(tally, { key: 'k' })
  const idle = await runtime.spawn(tally, { key: 'idle' })
  await ref.send(later)
  journal.failNext(new Error('no room'))
  await expect(idle.send({ type: 'tally.add', by: 1 })).rejects.toMatchObject({ code: 'STORAGE' })
  await clock.advance('5s')
  expect(runtime.actors()).not.toContain(idle.address)
  await clock.advance('57s')
  expect(runtime.actors()).toContain(ref.address)
  expect(await ref.ask({ type: 'tally.get' })).toEqual({ total: 1_000 })
})

it.each(['all', 'asked'] as const)("who rests while its shard is lost is not late under wake: '%s'", async (wake) => {
  const journal = gatedJournal()
  const { runtime, clock } = await openRuntime({ journal, actors: [tally], wake })
  const ref = await runtime.spawn(tally, { key: 'k' })
  const other = await runtime.spawn(tally, { key: 'other' })
  await ref.send(later)
  await clock.advance(59_950)
  expect(runtime.actors()).not.toContain(ref.address)
  // Due in 50 ms, and owned again in 100.
  journal.failNext(new Error('no room'))
  await expect(other.send({ type: 'tally.add', by: 1 })).rejects.toMatchObject({ code: 'STORAGE' })
  await clock.advance('1s')
  expect(runtime.actors()).toContain(ref.address)
  expect(await ref.ask({ type: 'tally.get' })).toEqual({ total: 1_000 })
})

it('a timer whose record could not be read when it was due fires all the same', async () => {
  const journal = failingReads(memoryJournal())
  const { runtime, clock } = await openRuntime({ journal, actors: [tally] })
  const ref = await runtime.spawn(tally, { key: 'k' })
  await ref.send(later)
  await clock.advance('50s')
  expect(runtime.actors()).toEqual([])
  journal.failReads(1, '/k')
  await clock.advance('15s')
  expect(runtime.actors()).toEqual([])
  await clock.advance('10s')
  expect(runtime.actors()).toEqual([ref.address])
  expect(await ref.ask({ type: 'tally.get' })).toEqual({ total: 1_000 })
})
