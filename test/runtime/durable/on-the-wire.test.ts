import { expect, it } from 'vitest'
import { createVirtualClock } from '../../../runtime/testing.ts'
import { memory } from '../../../transports/memory/index.ts'
import { gatedJournal } from '../../support/runtime/gated-journal.ts'
import { openRuntime } from '../../support/runtime/open-runtime.ts'
import { tallyActor } from '../../support/runtime/tally-actor.ts'

it('an actor that comes back is found from other nodes, whichever of them host its type', async () => {
  const tally = tallyActor()
  const journal = gatedJournal()
  const first = await openRuntime({ transport: memory(), journal, actors: [tally] })
  await (await first.runtime.spawn(tally, { key: 'a', input: { start: 3 } })).send({ type: 'tally.later', by: 0 })
  await first.runtime.stop()
  const clock = createVirtualClock()
  const shared = { clock, transport: memory({ clock }) }
  const other = await openRuntime({ ...shared, journal: gatedJournal(), actors: [tally] })
  await openRuntime({ ...shared, journal, actors: [tally] })
  await clock.advance('61s')
  const client = await openRuntime(shared)
  for (let ask = 0; ask < 4; ask++) {
    expect(await client.runtime.ref(tally, 'a').ask({ type: 'tally.get' })).toEqual({ total: 1_003 })
  }
  expect(other.runtime.actors()).toEqual([])
})
