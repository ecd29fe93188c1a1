import { explore, type Simulation } from 'troupe/testing'
import { memoryJournal } from 'troupe/transports/memory'
import { describe, expect, it } from 'vitest'
import { journalContents } from './journal-contents.ts'
import { persistently } from './persistently.ts'
import { seedCount } from './seed-count.ts'
import { createSentMessages, expectEffectivelyOnce } from './sent-messages.ts'
import { type WorkOutcome, workerActor } from './piecework-actor.ts'

interface Run {
  readonly id: string
  readonly key: string
}

// Resolves to how often work was cut off, and how often it was run again.
async function works(world: Simulation): Promise<{ readonly interrupted: number; readonly repeated: number }> {
  const runs: Run[] = []
  const worker = workerActor(async ({ input, idempotencyKey }) => {
    runs.push({ id: input.id, key: idempotencyKey })
    await world.pass(world.random.next() * 500)
    if (world.random.next() < 0.1) throw new Error('broken on purpose')
    return input.id
  })
  const journal = memoryJournal()
  const node = world.node('node', { journal, actors: [worker] })
  const sent = createSentMessages()
  await world.run(async () => {
    await persistently(world, () => node.call((runtime) => runtime.spawn(worker, { key: 'w' })))
    for (let count = 0; count < 8; count++) {
      const isOnce = world.random.next() < 0.5
      const id = `${isOnce ? 'once' : 'again'}:${count}`
      const type = isOnce ? 'work.do' : 'work.repeat'
      const sending = sent.track(
        id,
        node.call((runtime) => runtime.ref(worker, 'w').send({ type, id })),
      )
      if (world.random.next() < 0.5) await sending
      if (world.random.next() < 0.3) await world.pass(world.random.next() * 1_000)
    }
    await world.pass('2s')
  })
  await world.settle()
  const record = (await journalContents(journal)).records.get('local/worker/w')
  const { outcomes = [] } = (record?.snapshot.context ?? {}) as { outcomes?: readonly WorkOutcome[] }
  expect(record?.snapshot.value).toBe('idle')
  expectEffectivelyOnce(
    outcomes.map(({ id }) => id),
    sent,
  )
  for (const { id, outcome } of outcomes) {
    const keys = runs.filter((run) => run.id === id).map(({ key }) => key)
    const mayBe = id.startsWith('once') ? ['done', 'CRASHED', 'INTERRUPTED'] : ['done', 'CRASHED']
    expect(mayBe, `the chart hears what became of ${id}`).toContain(outcome)
    const [least, most] = [outcome === 'INTERRUPTED' ? 0 : 1, id.startsWith('once') ? 1 : Infinity]
    expect(keys.length, `${id} was run`).toBeGreaterThanOrEqual(least)
    expect(keys.length, `${id} is not repeated`).toBeLessThanOrEqual(most)
    expect(new Set(keys).size, `${id} has one key`).toBeLessThanOrEqual(1)
  }
  expect(new Set(runs.map(({ key }) => key)).size, 'a key for each').toBe(new Set(runs.map(({ id }) => id)).size)
  const interrupted = outcomes.filter(({ outcome }) => outcome === 'INTERRUPTED').length
  return { interrupted, repeated: runs.length - new Set(runs.map(({ key }) => key)).size }
}

describe('tasks of durable actors', () => {
  it('run once at most, or again under the same key where declared, and the chart hears of each', async () => {
    const total = { interrupted: 0, repeated: 0 }
    await explore({ seeds: seedCount(0.15) }, async (world) => {
      const { interrupted, repeated } = await works(world)
      total.interrupted += interrupted
      total.repeated += repeated
    })
    expect(total.interrupted).toBeGreaterThan(0)
    expect(total.repeated).toBeGreaterThan(0)
  })
})
