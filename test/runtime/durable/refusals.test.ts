import { expect, it } from 'vitest'
import { TroupeError } from '../../../runtime/index.ts'
import { gatedJournal } from '../../support/runtime/gated-journal.ts'
import { openRuntime } from '../../support/runtime/open-runtime.ts'
import { tallyActor } from '../../support/runtime/tally-actor.ts'

const tally = tallyActor()

it('nobody learns that an actor failed on a message before its dead letter is durable', async () => {
  const journal = gatedJournal()
  const { runtime } = await openRuntime({ journal, actors: [tally] })
  const ref = await runtime.spawn(tally, { key: 'a' })
  journal.shut()
  let refused = false
  const sent = ref.send({ type: 'tally.break' }).catch(() => {
    refused = true
  })
  await runtime.idle()
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(refused).toBe(false)
  journal.open()
  await sent
  expect(refused).toBe(true)
  expect(await runtime.deadLetters.kept()).toHaveLength(1)
})

it('who sent a message that an actor failed on hears STORAGE when its dead letter could not be kept', async () => {
  const journal = gatedJournal()
  const { runtime } = await openRuntime({ journal, actors: [tally] })
  const ref = await runtime.spawn(tally, { key: 'a' })
  journal.failNext(new TroupeError('STORAGE', 'the disk is full'))
  await expect(ref.send({ type: 'tally.break' })).rejects.toMatchObject({ code: 'STORAGE' })
})
