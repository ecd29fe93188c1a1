import { setup } from 'xstate'
import { expect, it } from 'vitest'
import { defineActor, defineContract, watch } from '../../../runtime/index.ts'
import { memoryJournal } from '../../../transports/memory/index.ts'
import { failingReads } from '../../support/runtime/failing-reads.ts'
import { gatedJournal } from '../../support/runtime/gated-journal.ts'
import { openRuntime } from '../../support/runtime/open-runtime.ts'
import { tallyActor } from '../../support/runtime/tally-actor.ts'

const tally = tallyActor()
const watcher = defineActor({
  type: 'watcher',
  durability: 'durable',
  contract: defineContract({ messages: {} }),
  logic: setup({ actions: { look: watch('local/tally/t' as never) } }).createMachine({
    id: 'watcher',
    entry: 'look',
    initial: 'looking',
    states: { looking: { on: { 'troupe.down': 'told' } }, told: {} },
  }),
})

it('a durable actor goes on watching after its process was stopped in order', async () => {
  const journal = gatedJournal()
  const open = async () => openRuntime({ journal, actors: [tally, watcher] as never })
  const first = await open()
  await first.runtime.spawn(tally, { key: 't' })
  await first.runtime.spawn(watcher, { key: 'w' })
  await first.clock.advance(1)
  await first.runtime.stop()
  const { runtime, clock } = await open()
  await clock.advance(1)
  await runtime.ref(tally, 't').send({ type: 'tally.close' })
  await clock.advance(1)
  expect((await runtime.ref(watcher, 'w').state()).value).toBe('told')
})

it('who watches an actor whose record cannot be read for a moment hears of its end, and not before', async () => {
  const journal = failingReads(memoryJournal())
  const open = async () => openRuntime({ journal, actors: [tally, watcher] as never })
  const first = await open()
  await first.runtime.spawn(tally, { key: 't' })
  await first.runtime.stop()
  const { runtime, clock } = await open()
  journal.failReads(3, '/tally/')
  const ref = await runtime.spawn(watcher, { key: 'w' })
  await clock.advance('10s')
  expect((await ref.state()).value).toBe('looking')
  await runtime.ref(tally, 't').send({ type: 'tally.close' })
  await clock.advance(1)
  expect((await ref.state()).value).toBe('told')
})
