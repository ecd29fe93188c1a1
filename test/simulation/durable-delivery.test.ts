import { address } from 'troupe'
import { EVERY_FAULT, explore, type SimulatedNode, type Simulation } from 'troupe/testing'
import { memory, memoryJournal } from 'troupe/transports/memory'
import { describe, expect, it } from 'vitest'
import { journalContents } from './journal-contents.ts'
import { type LinkDefinition, linkActor, seenBy } from './link-actor.ts'
import { persistently } from './persistently.ts'
import { seedCount } from './seed-count.ts'
import { createSentMessages, expectEffectivelyOnce, expectOrder, type SentMessages } from './sent-messages.ts'

const north = linkActor('north')
const south = linkActor('south')
const at = (type: string, key: string) => address('local', type, key)

interface Client {
  readonly world: Simulation
  readonly node: SimulatedNode
  readonly sent: SentMessages
  readonly name: string
}

async function sendSome({ world, node, sent, name }: Client, to: LinkDefinition, key: string): Promise<void> {
  for (let count = 0; count < 4; count++) {
    const id = `${name}:${count}`
    const sending = sent.track(
      id,
      node.call((runtime) => runtime.ref(to, key).send({ type: 'link.pass', id })),
    )
    if (world.random.next() < 0.5) await sending
    if (world.random.next() < 0.2) await world.pass(world.random.next() * 5_000)
  }
}

// Two chains, within a shard and from shard to shard, that meet in one actor.
async function chains(world: Simulation): Promise<void> {
  const transport = memory({ clock: world.clock })
  const [first, second] = [memoryJournal(), memoryJournal()]
  const a = world.node('a', { journal: first, transport, actors: [north] })
  const b = world.node('b', { journal: second, transport, actors: [south] })
  const sent = createSentMessages()
  await world.run(async () => {
    const spawn = (node: SimulatedNode, definition: LinkDefinition, key: string, next: string | null) =>
      persistently(world, () => node.call((runtime) => runtime.spawn(definition, { key, input: { next } })))
    await spawn(b, south, 'end', null)
    await spawn(a, north, 'one', at('north', 'two'))
    await spawn(a, north, 'two', at('south', 'end'))
    await spawn(a, north, 'side', at('south', 'end'))
    const client = (name: string) => ({ world, node: a, sent, name })
    await Promise.all([
      sendSome(client('x'), north, 'one'),
      sendSome(client('y'), north, 'one'),
      sendSome(client('z'), north, 'side'),
    ])
    await world.pass('5s')
  })
  await world.settle()
  const [here, there] = [await journalContents(first), await journalContents(second)]
  const [one, side, end] = [seenBy(here, 'north/one'), seenBy(here, 'north/side'), seenBy(there, 'south/end')]
  expectEffectivelyOnce([...one, ...side], sent)
  expect(seenBy(here, 'north/two')).toEqual(one)
  expect(end.toSorted()).toEqual([...one, ...side].toSorted())
  expectOrder(end)
  expect([...here.letters, ...there.letters]).toEqual([])
}

// Clients on nodes of their own, which may die as well, and one that speaks on the actor's own node.
async function clients(world: Simulation): Promise<void> {
  const transport = memory({ clock: world.clock })
  const journal = memoryJournal()
  const host = world.node('host', { journal, transport, actors: [south] })
  const away = world.node('away', { transport })
  const sent = createSentMessages()
  await world.run(async () => {
    await persistently(world, () => away.call((runtime) => runtime.spawn(south, { key: 'end', input: { next: null } })))
    const nodes = { x: host, y: away, z: away }
    const sending = Object.entries(nodes).map(([name, node]) => sendSome({ world, node, sent, name }, south, 'end'))
    await Promise.all(sending)
    await world.pass('15s')
  })
  await world.settle()
  expectEffectivelyOnce(seenBy(await journalContents(journal), 'south/end'), sent)
}

describe('messages to durable actors', () => {
  it('are applied once when acknowledged, at most once when not, in order, along chains of actors', async () => {
    const seen = await explore({ seeds: seedCount(0.2), faults: EVERY_FAULT }, chains)
    expect(seen.faults).toBeGreaterThan(seen.seeds)
  })

  it('of clients elsewhere are applied once when acknowledged, at most once when not, in order', async () => {
    // Who sends a message once counts on a wire that does not double it; only a durable sender has it told apart.
    await explore({ seeds: seedCount(0.15), faults: { ...EVERY_FAULT, duplicate: 0 } }, clients)
  })
})
