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
    if (world.random.next() < 0.1) await world.pass(world.random.next() * 60_000)
  }
}

async function stopNowAndThen(world: Simulation, node: SimulatedNode): Promise<void> {
  await world.pass(world.random.next() * 10_000)
  if (world.random.next() < 0.5) return
  await node.stop().catch(() => {})
  node.restart()
}

/** Three chains, within a shard and from shard to shard, that meet on their way. `medium` makes the journals of their nodes. */
export async function chains(
  world: Simulation,
  medium: (node: string) => Journal = () => memoryJournal(),
): Promise<void> {
  const transport = memory({ clock: world.clock })
  const [first, second] = [medium('a'), medium('b')]
  const a = world.node('a', { journal: first, transport, actors: [north] })
  const b = world.node('b', { journal: second, transport, actors: [south] })
  const sent = createSentMessages()
  await world.run(async () => {
    const spawn = (node: SimulatedNode, definition: LinkDefinition, key: string, next: string | null) =>
      persistently(world, () => node.call((runtime) => runtime.spawn(definition, { key, input: { next } })))
    await spawn(b, south, 'end', null)
    await spawn(a, north, 'two', at('south', 'end'))
    await spawn(a, north, 'left', at('north', 'two'))
    await spawn(a, north, 'right', at('north', 'two'))
    await spawn(a, north, 'side', at('south', 'end'))
    const client = (name: string) => ({ world, node: a, sent, name })
    await Promise.all([
      stopNowAndThen(world, a),
      stopNowAndThen(world, b),
      sendSome(client('x'), north, 'left'),
      sendSome(client('y'), north, 'left'),
      sendSome(client('w'), north, 'right'),
      sendSome(client('v'), north, 'right'),
      sendSome(client('z'), north, 'side'),
    ])
    await world.pass('5s')
  })
  await world.settle()
  const [here, there] = [await journalContents(first), await journalContents(second)]
  const heads = ['left', 'right', 'side'].map((key) => seenBy(here, `north/${key}`))
  const [left = [], right = []] = heads
  const [two, end] = [seenBy(here, 'north/two'), seenBy(there, 'south/end')]
  expectEffectivelyOnce(heads.flat(), sent)
  expect(two.toSorted()).toEqual([...left, ...right].toSorted())
  expect(end.toSorted()).toEqual(heads.flat().toSorted())
  for (const head of [left, right]) expect(two.filter((id) => head.includes(id))).toEqual(head)
  expect(end.filter((id) => two.includes(id))).toEqual(two)
  expectOrder(end)
  expect([...here.letters, ...there.letters]).toEqual([])
}
