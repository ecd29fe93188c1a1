import type { Runtime } from 'troupe'
import { EVERY_FAULT, explore, type SimulatedNode, type Simulation } from 'troupe/testing'
import { memory, memoryJournal } from 'troupe/transports/memory'
import { describe, expect, it } from 'vitest'
import { journalContents } from './journal-contents.ts'
import { linkActor, seenBy } from './link-actor.ts'
import { persistently } from './persistently.ts'
import { seedCount } from './seed-count.ts'

const south = linkActor('south')

// Resolves to how often the world outside saw a state.
async function watched(world: Simulation): Promise<number> {
  const transport = memory({ clock: world.clock })
  const journal = memoryJournal()
  const host = world.node('host', { journal, transport, actors: [south] })
  const away = world.node('away', { transport })
  const views: (readonly string[])[] = []
  const answered: string[] = []
  const ref = (runtime: Runtime) => runtime.ref(south, 'end')

  async function use(node: SimulatedNode, name: string): Promise<void> {
    for (let count = 0; count < 5; count++) {
      const id = `${name}:${count}`
      await node
        .call(async (runtime) => {
          ref(runtime).on('link.changed', ({ seen }) => views.push(seen))
          const isRead = world.random.next() < 0.4
          const answer = isRead
            ? await ref(runtime).ask({ type: 'link.list' })
            : await ref(runtime).ask({ type: 'link.add', id })
          views.push(answer.seen)
          if (!isRead) answered.push(id)
        })
        .catch(() => {})
      await world.pass(world.random.next() * 500)
    }
  }

  await world.run(async () => {
    await persistently(world, () => host.call((runtime) => runtime.spawn(south, { key: 'end', input: { next: null } })))
    await Promise.all([use(host, 'x'), use(away, 'y')])
  })
  await world.settle()
  const final = seenBy(await journalContents(journal), 'south/end')
  for (const view of views) expect(view, 'what was seen is what was committed').toEqual(final.slice(0, view.length))
  for (const id of answered) expect(final).toContain(id)
  return views.length
}

describe('what an actor says to the world outside', () => {
  it('is durable before it is heard: answers and events show nothing that a crash takes back', async () => {
    let views = 0
    const { seeds } = await explore(
      { seeds: seedCount(0.1), faults: { ...EVERY_FAULT, duplicate: 0 } },
      async (world) => void (views += await watched(world)),
    )
    expect(views).toBeGreaterThan(seeds)
  })
})
