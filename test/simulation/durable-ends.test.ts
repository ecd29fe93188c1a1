import { EVERY_FAULT, explore, type Simulation } from 'troupe/testing'
import { memoryJournal } from 'troupe/transports/memory'
import { describe, expect, it } from 'vitest'
import { household } from './chores-actor.ts'
import { journalContents } from './journal-contents.ts'
import { persistently } from './persistently.ts'
import { seedCount } from './seed-count.ts'

// An actor with a child that others are writing to while it ends. Resolves to 1 when its end was acknowledged.
async function retirement(world: Simulation): Promise<number> {
  const journal = memoryJournal()
  const node = world.node('node', { journal, actors: [household] })
  let retired = 0
  let late = 0
  const use = async (name: string): Promise<void> => {
    for (let count = 0; count < 8; count++) {
      const wasRetired = retired
      const sending = node.call((runtime) => {
        return runtime.ref(household, 'h').send({ type: 'chore.begin', id: `${name}:${count}` })
      })
      const taken = await sending.then(
        () => wasRetired,
        () => 0,
      )
      late += taken
      await world.pass(world.random.next() * 400)
    }
  }
  await world.run(async () => {
    await persistently(world, () => node.call((runtime) => runtime.spawn(household, { key: 'h' })))
    const retire = async (): Promise<void> => {
      await world.pass(world.random.next() * 2_000)
      const retiring = node.call((runtime) => runtime.ref(household, 'h').send({ type: 'chore.retire' }))
      retired = await retiring.then(
        () => 1,
        () => 0,
      )
    }
    await Promise.all([use('x'), use('y'), retire()])
  })
  await world.settle()
  const { records } = await journalContents(journal)
  const { status } = records.get('local/household/h')?.snapshot ?? {}
  expect(retired === 1 ? ['done'] : ['done', 'active'], 'who has ended stays ended').toContain(status)
  expect(late, 'who has ended takes nothing more').toBe(0)
  const children = [...records.values()].filter(({ parent }) => parent).map(({ snapshot }) => snapshot.status)
  expect(status === 'done' ? children : [], 'the children of who has ended have ended').not.toContain('active')
  return retired
}

describe('the end of a durable actor', () => {
  it('is an end for good, for its children too, whatever crashes and whoever still writes to it', async () => {
    let retired = 0
    const { seeds } = await explore(
      { seeds: seedCount(0.1), faults: { ...EVERY_FAULT, slowJournal: 0.5 } },
      async (world) => void (retired += await retirement(world)),
    )
    expect(retired).toBeGreaterThan(seeds / 4)
  })
})
