import { address } from 'troupe'
import { type CommitEntry, EVERY_FAULT, explore, type SimulatedNode, type Simulation } from 'troupe/testing'
import { memory, memoryJournal } from 'troupe/transports/memory'
import { describe, expect, it } from 'vitest'
import { journalContents } from './journal-contents.ts'
import { linkActor, seenBy } from './link-actor.ts'
import { persistently } from './persistently.ts'
import { seedCount } from './seed-count.ts'
import { createSentMessages, expectEffectivelyOnce } from './sent-messages.ts'

const north = linkActor('north')
const south = linkActor('south')

// Two nodes think that they own the shard, and take it from each other, while clients and an actor elsewhere write to its
// actor. Resolves to how often it changed hands.
async function rivals(world: Simulation): Promise<number> {
  const [journal, elsewhere] = [memoryJournal(), memoryJournal()]
  const transport = memory({ clock: world.clock })
  const nodes = ['left', 'right'].map((name) => world.node(name, { journal, transport, actors: [south] }))
  const away = world.node('away', { journal: elsewhere, transport, actors: [north] })
  const sent = createSentMessages()

  async function use(node: SimulatedNode, name: string): Promise<void> {
    for (let count = 0; count < 8; count++) {
      const id = `${name}:${count}`
      const sending = sent.track(
        id,
        node.call((runtime) => runtime.ref(south, 'end').send({ type: 'link.pass', id })),
      )
      if (world.random.next() < 0.5) await sending
      await world.pass(world.random.next() * 400)
    }
  }

  async function tell(): Promise<void> {
    for (let count = 0; count < 8; count++) {
      const id = `head:${count}`
      await sent.track(
        id,
        away.call((runtime) => runtime.ref(north, 'head').send({ type: 'link.pass', id })),
      )
      await world.pass(world.random.next() * 400)
    }
  }

  async function takeOver(): Promise<void> {
    for (let turn = 0; turn < 4; turn++) {
      await world.pass(world.random.next() * 1_000)
      nodes[turn % 2]?.restart()
    }
  }

  await world.run(async () => {
    const input = { next: address('local', 'south', 'end') }
    const spawn = (node: SimulatedNode) =>
      node.call((runtime) => runtime.spawn(south, { key: 'end', input: { next: null } }))
    await persistently(world, () => Promise.any(nodes.map(spawn)))
    await persistently(world, () => away.call((runtime) => runtime.spawn(north, { key: 'head', input })))
    await Promise.all([...nodes.map((node) => use(node, node.name)), tell(), takeOver()])
  })
  await world.settle()
  const [here, there] = [await journalContents(journal), await journalContents(elsewhere)]
  expectEffectivelyOnce(seenBy(here, 'south/end'), sent)
  const passedOn = seenBy(here, 'south/end').filter((id) => id.startsWith('head'))
  expect(passedOn, 'what an actor sent arrives, whoever owns the shard').toEqual(seenBy(there, 'north/head'))
  const commits = world.report.commits.filter((entry) => entry.journal === journal)
  expect(commits.map(({ epoch }) => epoch)).toEqual(commits.map(({ epoch }) => epoch).toSorted((a, b) => a - b))
  expectForward(commits)
  return new Set(commits.map(({ epoch }) => epoch)).size - 1
}

/** What was committed of an actor never goes back to before. */
function expectForward(commits: readonly CommitEntry[]): void {
  const last = new Map<string, readonly [number, number]>()
  for (const { address, incarnation, commit } of commits.flatMap(({ records }) => records)) {
    const [life, step] = last.get(address) ?? [0, 0]
    expect(incarnation > life || (incarnation === life && commit >= step), `${address} goes forward`).toBe(true)
    last.set(address, [incarnation, commit])
  }
}

describe('one writer', () => {
  it('commits for a shard at a time: who was taken over writes nothing more, and nothing acknowledged is lost', async () => {
    let handovers = 0
    const faults = { ...EVERY_FAULT, duplicate: 0 }
    const { seeds } = await explore(
      { seeds: seedCount(0.1), faults },
      async (world) => void (handovers += await rivals(world)),
    )
    expect(handovers).toBeGreaterThan(seeds)
  })
})
