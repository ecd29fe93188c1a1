import { address } from 'troupe'
import { explore, EVERY_FAULT, type Simulation } from 'troupe/testing'
import { memory, memoryJournal } from 'troupe/transports/memory'
import { describe, expect, it } from 'vitest'
import { journalContents } from './journal-contents.ts'
import { linkActor } from './link-actor.ts'
import { seedCount } from './seed-count.ts'
import { createSentMessages, expectEffectivelyOnce, expectOrder } from './sent-messages.ts'

const north = linkActor('north')
const south = linkActor('south')
const at = (type: string, key: string) => address('local', type, key)

// Two chains, within a shard and from shard to shard, that meet in one actor.
async function chains(world: Simulation): Promise<void> {
  const transport = memory({ clock: world.clock })
  const [first, second] = [memoryJournal(), memoryJournal()]
  const a = world.node('a', { journal: first, transport, actors: [north] })
  const b = world.node('b', { journal: second, transport, actors: [south] })
  const sent = createSentMessages()

  async function client(name: string, head: string): Promise<void> {
    for (let count = 0; count < 4; count++) {
      const id = `${name}:${count}`
      const sending = sent.track(
        id,
        a.call((runtime) => runtime.ref(north, head).send({ type: 'link.pass', id })),
      )
      if (world.random.next() < 0.5) await sending
      if (world.random.next() < 0.2) await world.pass(world.random.next() * 5_000)
    }
  }

  await world.run(async () => {
    const spawn = async (node: typeof a, definition: typeof north, key: string, next: string | null) => {
      for (;;) {
        const done = await node
          .call((runtime) => runtime.spawn(definition, { key, input: { next } }))
          .then(
            () => true,
            () => false,
          )
        if (done) return
        await world.pass('100ms')
      }
    }
    await spawn(b, south, 'end', null)
    await spawn(a, north, 'one', at('north', 'two'))
    await spawn(a, north, 'two', at('south', 'end'))
    await spawn(a, north, 'side', at('south', 'end'))
    await Promise.all([client('x', 'one'), client('y', 'one'), client('z', 'side')])
    await world.pass('5s')
  })
  await world.settle()
  const [here, there] = [await journalContents(first), await journalContents(second)]
  const seen = (contents: typeof here, type: string, key: string) =>
    (contents.records.get(at(type, key))?.snapshot.context as { seen: string[] }).seen
  const [one, two, side, end] = [
    seen(here, 'north', 'one'),
    seen(here, 'north', 'two'),
    seen(here, 'north', 'side'),
    seen(there, 'south', 'end'),
  ]
  expectEffectivelyOnce([...one, ...side], sent)
  expect(two).toEqual(one)
  expect(end.toSorted()).toEqual([...one, ...side].toSorted())
  expectOrder(end)
  expect([...here.letters, ...there.letters]).toEqual([])
}

describe('messages to durable actors', () => {
  it('are applied once when acknowledged, at most once when not, in order, along chains of actors', async () => {
    const seen = await explore({ seeds: seedCount(0.3), faults: EVERY_FAULT }, chains)
    expect(seen.faults).toBeGreaterThan(seen.seeds)
  })
})
