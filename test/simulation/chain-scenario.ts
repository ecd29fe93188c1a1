import { address } from 'troupe'
import type { SimulatedNode, Simulation } from 'troupe/testing'
import { memory, memoryJournal } from 'troupe/transports/memory'
import { expect } from 'vitest'
import type { Journal } from '../../runtime/ports/journal.ts'
import { journalContents } from './journal-contents.ts'
import { type LinkDefinition, linkActor, seenBy } from './link-actor.ts'
import { persistently } from './persistently.ts'
import { createSentMessages, expectEffectivelyOnce, expectOrder, type SentMessages } from './sent-messages.ts'

const north = linkActor('north')
const south = linkActor('south')
const at = (type: string, key: string) => address('local', type, key)

/** Who sends, and who keeps account of it. */
export interface Client {
  readonly world: Simulation
  readonly node: SimulatedNode
  readonly sent: SentMessages
  readonly name: string
}

/** Sends four messages, now and then without waiting for the one before. */
export async function sendSome({ world, node, sent, name }: Client, to: LinkDefinition, key: string): Promise<void> {
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

/**
 * Two chains, within a shard and from shard to shard, that meet in one actor. `spoil` plants a fault in their journals.
 */
export async function chains(
  world: Simulation,
  spoil: (journal: Journal) => Journal = (journal) => journal,
): Promise<void> {
  const transport = memory({ clock: world.clock })
  const [first, second] = [memoryJournal(), memoryJournal()]
  const a = world.node('a', { journal: spoil(first), transport, actors: [north] })
  const b = world.node('b', { journal: spoil(second), transport, actors: [south] })
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
