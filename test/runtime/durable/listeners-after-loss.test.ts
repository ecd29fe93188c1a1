import { expect, it } from 'vitest'
import { gatedJournal } from '../../support/runtime/gated-journal.ts'
import { openRuntime } from '../../support/runtime/open-runtime.ts'
import { tallyActor } from '../../support/runtime/tally-actor.ts'

const tally = tallyActor()
const add = { type: 'tally.add', by: 1 } as const

it('who listens to a durable actor hears it again after a failed append, until the listener is taken off', async () => {
  const journal = gatedJournal()
  const { runtime, clock } = await openRuntime({ journal, actors: [tally] })
  const ref = await runtime.spawn(tally, { key: 'k' })
  const heard: number[] = []
  const briefly: number[] = []
  const takeOff = ref.on('tally.changed', ({ total }) => briefly.push(total))
  ref.on('tally.changed', ({ total }) => heard.push(total))
  await ref.send(add)
  for (const total of [2, 3]) {
    journal.failNext(new Error('no room'))
    await expect(ref.send(add)).rejects.toMatchObject({ code: 'STORAGE' })
    await clock.advance('1s')
    await ref.send(add)
    expect(heard.at(-1)).toBe(total)
    takeOff()
  }
  expect(heard).toEqual([1, 2, 3])
  expect(briefly).toEqual([1, 2])
})
