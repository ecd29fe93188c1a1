import { address } from 'troupe'
import { explore, type SimulatedNode, type Simulation } from 'troupe/testing'
import { memory, memoryJournal } from 'troupe/transports/memory'
import { describe, expect, it } from 'vitest'
import { journalContents } from './journal-contents.ts'
import { linkActor, seenBy } from './link-actor.ts'
import { persistently } from './persistently.ts'
import { seedCount } from './seed-count.ts'

const north = linkActor('north')
const south = linkActor('south')
// Within a shard, to another one, and to nobody.
const ROUTES = { near: 'north/end', far: 'south/end', nowhere: 'south/nobody', lost: 'north/nobody' }

// Resolves to how many messages nobody could take.
async function undeliverable(world: Simulation): Promise<number> {
  const transport = memory({ clock: world.clock })
  const [first, second] = [memoryJournal(), memoryJournal()]
  const a = world.node('a', { journal: first, transport, actors: [north] })
  const b = world.node('b', { journal: second, transport, actors: [south] })
  const spawn = (node: SimulatedNode, type: typeof north, key: string, next: string | null) =>
    persistently(world, () => node.call((runtime) => runtime.spawn(type, { key, input: { next } })))

  async function use(key: string): Promise<void> {
    for (let count = 0; count < 5; count++) {
      const id = `${world.random.next() < 0.4 ? 'bad-' : ''}${key}:${count}`
      await a.call((runtime) => runtime.ref(north, key).send({ type: 'link.pass', id })).catch(() => {})
      await world.pass(world.random.next() * 500)
    }
  }

  let closed: string | null = null
  async function close(): Promise<void> {
    await world.pass(world.random.next() * 3_000)
    const isNear = world.random.next() < 0.5
    const closing = isNear
      ? a.call((runtime) => runtime.ref(north, 'end').send({ type: 'link.close' }))
      : b.call((runtime) => runtime.ref(south, 'end').send({ type: 'link.close' }))
    await closing.then(
      () => {
        closed = isNear ? 'local/north/end' : 'local/south/end'
      },
      () => {},
    )
  }

  await world.run(async () => {
    await spawn(a, north, 'end', null)
    await spawn(b, south, 'end', null)
    for (const [key, to] of Object.entries(ROUTES)) {
      const [type, name] = to.split('/') as [string, string]
      await spawn(a, north, key, address('local', type, name))
    }
    await Promise.all([...Object.keys(ROUTES).map(use), close()])
  })
  await world.settle()
  const [here, there] = [await journalContents(first), await journalContents(second)]
  const ended = closed && { ...here.records.get(closed), ...there.records.get(closed) }.snapshot?.status
  expect([null, 'done'], 'who has ended stays ended').toContain(ended)
  const passedOn = Object.keys(ROUTES).flatMap((key) => seenBy(here, `north/${key}`))
  const taken = [...seenBy(here, 'north/end'), ...seenBy(there, 'south/end')]
  const isLetterOfActor = ({ from }: { from: string }) => !from.includes('/client/')
  const letters = [...here.letters, ...there.letters].filter(isLetterOfActor)
  const dead = letters.map(({ event }) => (event as unknown as { id: string }).id)
  expect([...taken, ...dead].toSorted(), 'what was sent was taken, or is a dead letter').toEqual(passedOn.toSorted())
  expect(
    taken.filter((id) => id.startsWith('bad')),
    'what breaks an actor changes nothing',
  ).toEqual([])
  return dead.length
}

describe('a message of a durable actor that nobody can take', () => {
  it('is one dead letter in a journal, whatever crashes, and holds nothing up', async () => {
    let dead = 0
    const { seeds } = await explore(
      { seeds: seedCount(0.1) },
      async (world) => void (dead += await undeliverable(world)),
    )
    expect(dead).toBeGreaterThan(seeds)
  })
})
