import { explore, type Simulation } from 'troupe/testing'
import { memoryJournal } from 'troupe/transports/memory'
import { describe, expect, it } from 'vitest'
import { household } from './chores-actor.ts'
import { journalContents } from './journal-contents.ts'
import { persistently } from './persistently.ts'
import { seedCount } from './seed-count.ts'
import { createSentMessages, expectEffectivelyOnce } from './sent-messages.ts'

async function chores(world: Simulation): Promise<void> {
  const journal = memoryJournal()
  const node = world.node('node', { journal, actors: [household] })
  const sent = createSentMessages()
  await world.run(async () => {
    await persistently(world, () => node.call((runtime) => runtime.spawn(household, { key: 'h' })))
    for (let count = 0; count < 5; count++) {
      const id = `c:${count}`
      const sending = sent.track(
        id,
        node.call((runtime) => runtime.ref(household, 'h').send({ type: 'chore.begin', id })),
      )
      if (world.random.next() < 0.5) await sending
      await world.pass(world.random.next() * 1_500)
    }
    await world.pass('2s')
  })
  await world.settle()
  const { records } = await journalContents(journal)
  const { value, context } = records.get('local/household/h')?.snapshot ?? {}
  const { told, finished } = context as { told: readonly string[]; finished: readonly string[] }
  expect(value).toBe('idle')
  expectEffectivelyOnce(finished, sent)
  expect(told, 'every stage is told once, in order').toEqual(
    finished.flatMap((id) => [1, 2, 3].map((n) => `${id}/${n}`)),
  )
  expect([...records.keys()], 'a child that was heard leaves nothing behind').toEqual(['local/household/h'])
}

describe('families of durable actors', () => {
  it('go on together after any crash: each word of a child is heard once, and so is its end', async () => {
    await explore({ seeds: seedCount(0.15) }, chores)
  })
})
