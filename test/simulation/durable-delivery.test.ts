import { EVERY_FAULT, explore, type Simulation } from 'troupe/testing'
import { memory, memoryJournal } from 'troupe/transports/memory'
import { describe, expect, it } from 'vitest'
import { chains, sendSome } from './chain-scenario.ts'
import { journalContents } from './journal-contents.ts'
import { linkActor, seenBy } from './link-actor.ts'
import { persistently } from './persistently.ts'
import { seedCount } from './seed-count.ts'
import { createSentMessages, expectEffectivelyOnce } from './sent-messages.ts'

const south = linkActor('south')

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
    const seen = await explore({ seeds: seedCount(0.2), faults: EVERY_FAULT }, (world) => chains(world))
    expect(seen.faults).toBeGreaterThan(seen.seeds)
  })

  it('of clients elsewhere are applied once when acknowledged, at most once when not, in order', async () => {
    // Who sends a message once counts on a wire that does not double it; only a durable sender has it told apart.
    const seen = await explore({ seeds: seedCount(0.15), faults: { ...EVERY_FAULT, duplicate: 0 } }, clients)
    expect(seen.faults).toBeGreaterThan(seen.seeds)
  })
})
