import { type CommitEntry, explore, type SimulatedNode, type Simulation } from 'troupe/testing'
import { memoryJournal } from 'troupe/transports/memory'
import { describe, expect, it } from 'vitest'
import { journalContents } from './journal-contents.ts'
import { linkActor, seenBy } from './link-actor.ts'
import { persistently } from './persistently.ts'
import { seedCount } from './seed-count.ts'
import { createSentMessages, expectEffectivelyOnce } from './sent-messages.ts'

const south = linkActor('south')

// Two nodes think that they own the shard, and take it from each other. Resolves to how often it changed hands.
async function rivals(world: Simulation): Promise<number> {
  const journal = memoryJournal()
  const nodes = ['left', 'right'].map((name) => world.node(name, { journal, actors: [south] }))
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

  async function takeOver(): Promise<void> {
    for (let turn = 0; turn < 4; turn++) {
      await world.pass(world.random.next() * 1_000)
      nodes[turn % 2]?.restart()
    }
  }

  await world.run(async () => {
    const spawn = (node: SimulatedNode) =>
      node.call((runtime) => runtime.spawn(south, { key: 'end', input: { next: null } }))
    await persistently(world, () => Promise.any(nodes.map(spawn)))
    await Promise.all([...nodes.map((node) => use(node, node.name)), takeOver()])
  })
  await world.settle()
  expectEffectivelyOnce(seenBy(await journalContents(journal), 'south/end'), sent)
  const { commits } = world.report
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
    const { seeds } = await explore({ seeds: seedCount(0.1) }, async (world) => void (handovers += await rivals(world)))
    expect(handovers).toBeGreaterThan(seeds)
  })
})
