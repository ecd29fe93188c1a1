import { address } from 'troupe'
import { EVERY_FAULT, explore, type SimulatedNode, type Simulation } from 'troupe/testing'
import { memory, memoryJournal } from 'troupe/transports/memory'
import { expect, it } from 'vitest'
import { type FallibleDefinition, fallibleActor } from './fallible-actor.ts'
import { journalContents } from './journal-contents.ts'
import { seenBy } from './link-actor.ts'
import { persistently } from './persistently.ts'
import { seedCount } from './seed-count.ts'
import { createSentMessages, expectEffectivelyOnce, type SentMessages } from './sent-messages.ts'

const near = fallibleActor('near')
const far = fallibleActor('far')
const FOR_EVER = { intensity: 1_000, period: '1h' } as const

// A chain within a shard and on to another one, of which each actor breaks down now and then.
async function brokenChain(world: Simulation): Promise<void> {
  const transport = memory({ clock: world.clock })
  const [here, there] = [memoryJournal(), memoryJournal()]
  const a = world.node('a', { journal: here, transport, actors: [near], supervision: FOR_EVER })
  const b = world.node('b', { journal: there, transport, actors: [far], supervision: FOR_EVER })
  const sent = createSentMessages()
  await world.run(async () => {
    const spawn = (node: SimulatedNode, definition: FallibleDefinition, key: string, next: string | null) =>
      persistently(world, () => node.call((runtime) => runtime.spawn(definition, { key, input: { next } })))
    await spawn(b, far, 'end', null)
    await spawn(a, near, 'two', address('local', 'far', 'end'))
    await spawn(a, near, 'head', address('local', 'near', 'two'))
    await Promise.all([
      ...['x', 'y'].map((name) => sendAll(world, a, sent, name)),
      breakSome(world, a, near, 'head'),
      breakSome(world, a, near, 'two'),
      breakSome(world, b, far, 'end'),
    ])
    await world.pass('15s')
  })
  await world.settle()
  const [first, second] = [await journalContents(here), await journalContents(there)]
  const head = seenBy(first, 'near/head')
  expectEffectivelyOnce(head, sent)
  expect(seenBy(first, 'near/two')).toEqual(head)
  expect(seenBy(second, 'far/end')).toEqual(head)
}

async function sendAll(world: Simulation, node: SimulatedNode, sent: SentMessages, name: string): Promise<void> {
  for (let count = 0; count < 5; count++) {
    const id = `${name}:${count}`
    const sending = sent.track(
      id,
      node.call((runtime) => runtime.ref(near, 'head').send({ type: 'fallible.pass', id })),
    )
    if (world.random.next() < 0.5) await sending
    if (world.random.next() < 0.4) await world.pass(world.random.next() * 1_000)
  }
}

async function breakSome(world: Simulation, node: SimulatedNode, to: FallibleDefinition, key: string): Promise<void> {
  for (let count = 0; count < 4; count++) {
    await world.pass(world.random.next() * 800)
    await node.call((runtime) => runtime.ref(to, key).send({ type: 'fallible.break' })).catch(() => {})
  }
}

it('messages through actors that are restarted, on nodes that crash, are applied once and in order', async () => {
  const seen = await explore({ from: 5000, seeds: 2000, faults: EVERY_FAULT }, brokenChain)
  expect(seen.faults).toBeGreaterThan(seen.seeds)
})
