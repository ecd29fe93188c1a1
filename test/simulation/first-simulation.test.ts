import { createSimulation, explore, type Simulation } from 'troupe/testing'
import { memoryJournal } from 'troupe/transports/memory'
import { expect, it } from 'vitest'
import { tallyActor } from '../support/runtime/tally-actor.ts'
import { persistently } from './persistently.ts'

const tally = tallyActor()

async function addUp(world: Simulation): Promise<void> {
  const node = world.node('shop', { journal: memoryJournal(), actors: [tally] })
  let least = 0
  await world.run(async () => {
    await persistently(world, () => node.call((runtime) => runtime.spawn(tally, { key: 't' })))
    for (let count = 0; count < 5; count++) {
      const sent = node.call((runtime) => runtime.ref(tally, 't').send({ type: 'tally.add', by: 1 }))
      await sent.then(
        () => least++,
        () => {},
      )
      await world.pass('200ms')
    }
  })
  await world.settle()
  const asking = world.run(() => node.call((runtime) => runtime.ref(tally, 't').ask({ type: 'tally.get' })))
  const { total } = await asking
  expect(total).toBeGreaterThanOrEqual(least)
  expect(total).toBeLessThanOrEqual(5)
}

it('what was acknowledged is there, and nothing twice', async () => {
  await explore({ seeds: 100 }, addUp)
})

it('a node that is killed by hand goes on where its journal is', async () => {
  const world = createSimulation({ seed: 1, faults: {} })
  const node = world.node('shop', { journal: memoryJournal(), actors: [tally] })
  await world.run(() => node.call((runtime) => runtime.spawn(tally, { key: 't', input: { start: 7 } })))
  node.crash()
  node.restart()
  const answer = world.run(() => node.call((runtime) => runtime.ref(tally, 't').ask({ type: 'tally.get' })))
  expect(await answer).toEqual({ total: 7 })
  expect(world.report.trace.map(({ what }) => what)).toEqual(['starts', 'is killed', 'starts'])
})

it('a scenario that waits for what never comes is told so', async () => {
  const world = createSimulation({ seed: 1, faults: {} })
  await expect(world.run(() => new Promise(() => {}))).rejects.toMatchObject({ code: 'TIMEOUT', where: 'seed 1' })
})
