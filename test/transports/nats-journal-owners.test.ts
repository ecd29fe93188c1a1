import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import type { Journal, ShardJournal } from '../../runtime/ports/journal.ts'
import { natsJournal } from '../../transports/nats/index.ts'
import { collected, sampleLetter, sampleRecord, thing } from '../support/conformance/sample-record.ts'
import { natsJournalWorker, type NatsJournalWorker } from '../support/nats/nats-journal-worker.ts'
import { type NatsServer, natsServer } from '../support/nats/nats-server.ts'
import { plainClient } from '../support/nats/plain-client.ts'

let server: NatsServer
let journal: Journal
const workers: NatsJournalWorker[] = []
beforeAll(async () => {
  server = await natsServer()
})
afterAll(() => server.close())
beforeEach(() => {
  journal = natsJournal({ servers: server.url, patience: '1s' })
})
afterEach(async () => {
  for (const worker of workers.splice(0)) await worker.kill()
  await journal.close()
  const client = await plainClient(server.url)
  await client.request('$JS.API.STREAM.DELETE.troupe-test-journal', '')
  client.close()
})

function worker(size?: number): NatsJournalWorker {
  const made = natsJournalWorker(server.url, size)
  workers.push(made)
  return made
}

const append = (shard: ShardJournal, key: string, commit: number) =>
  shard.append({ records: [sampleRecord(key, commit)], removed: [] })

/** Everything of the shard is of one batch of a worker. Gives which. */
async function expectOneBatch(shard: ShardJournal): Promise<number> {
  const records = await collected(shard.records())
  const commits = new Map(records.map(({ address, commit }) => [address, commit]))
  const last = commits.get(thing('a')) ?? 0
  expect([...commits.values()]).toEqual(Array.from({ length: last % 2 === 0 ? 6 : 5 }, () => last))
  const letters = (await collected(shard.letters())).map(({ id }) => id)
  expect(letters).toEqual([last - 2, last - 1, last].filter((commit) => commit > 0).map((commit) => `l${commit}`))
  return last
}

it.each([
  ['one message', 500],
  ['several messages', 400_000],
])(
  'has all that was acknowledged after a kill -9 of the owner at any moment, and of what was under way all or nothing (%s)',
  async (_, size) => {
    let last = 0
    for (let round = 0; round < 6; round++) {
      const owner = worker(size)
      await owner.tell('own')
      owner.flood(last + 1)
      await owner.answered()
      await pause(Math.random() * 120)
      await owner.kill()
      const acknowledged = Number(owner.flooded.at(-1)?.value)
      expect(acknowledged).toBeGreaterThan(last)
      last = await expectOneBatch(await journal.own('test', 's'))
      expect([acknowledged, acknowledged + 1]).toContain(last)
    }
  },
)

it('a process that stood still while another owned its shard cannot write any more, nor half of what it was writing', async () => {
  for (let round = 0; round < 5; round++) {
    const zombie = worker()
    await zombie.tell('own')
    zombie.flood(1)
    await zombie.answered()
    await pause(Math.random() * 50)
    zombie.signal('SIGSTOP')
    const shard = await journal.own('test', 's')
    const found = await expectOneBatch(shard)
    await append(shard, 'mine', 1)
    zombie.signal('SIGCONT')
    await expect.poll(() => zombie.flooded.at(-1)?.error).toBeDefined()
    expect(zombie.flooded.at(-1)?.error).toMatchObject({ code: 'CONFLICT', where: 's' })
    expect((await zombie.tell('append 9000')).error).toMatchObject({ code: 'CONFLICT', where: 's' })
    await append(shard, 'mine', 2)
    await shard.append({ records: [], removed: [thing('mine')] })
    expect(await expectOneBatch(await journal.own('test', 's'))).toBe(found)
    const all = await collected((await journal.own('test', 's')).records())
    const letters = await collected(shard.letters())
    const clear = { records: [], removed: all.map(({ address }) => address), buried: letters.map(({ id }) => id) }
    await (await journal.own('test', 's')).append(clear)
  }
})

it('of two that own a shard at the same time one commits at most, two hundred times', async () => {
  const rival = natsJournal({ servers: server.url })
  let both = 0
  for (let round = 1; round <= 200; round++) {
    const [a, b] = await Promise.all([journal.own('test', 's'), rival.own('test', 's')])
    expect(a.epoch).not.toBe(b.epoch)
    const outcomes = await Promise.allSettled([append(a, 'a', round), append(b, 'b', round)])
    const won = outcomes.map(({ status }) => status === 'fulfilled')
    if (won[0] && won[1]) both++
    expect(won).toEqual([a.epoch > b.epoch, b.epoch > a.epoch])
    const view = await journal.view('test')
    const written = [await view.read(thing('a')), await view.read(thing('b'))].map((found) => found?.commit === round)
    expect(written).toEqual(won)
  }
  expect(both).toBe(0)
  await rival.close()
})

it('of two that come back after the same epoch one owns the shard', async () => {
  const rival = natsJournal({ servers: server.url })
  let { epoch } = await journal.own('test', 's')
  for (let round = 0; round < 50; round++) {
    const comeBack = [journal.own('test', 's', { after: epoch }), rival.own('test', 's', { after: epoch })]
    const outcomes = await Promise.allSettled(comeBack)
    const owned = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []))
    expect(owned).toHaveLength(1)
    expect(outcomes.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'CONFLICT' } })
    epoch = owned[0]?.epoch ?? 0
  }
  await rival.close()
})

it('owns a shard from an owner that writes without a pause', async () => {
  const busy = worker()
  await busy.tell('own')
  busy.flood(1)
  await busy.answered()
  const shard = await journal.own('test', 's')
  await append(shard, 'mine', 1)
  expect(await shard.read(thing('mine'))).toBeDefined()
})

it('an append without an answer is in doubt, and its owner comes back to what became of it', async () => {
  const shard = await journal.own('test', 's')
  await append(shard, 'a', 1)
  server.signal('SIGSTOP')
  const doubtful = append(shard, 'a', 2)
  await expect(doubtful).rejects.toMatchObject({ code: 'STORAGE', retryable: true })
  await expect(append(shard, 'a', 3)).rejects.toMatchObject({ code: 'STORAGE' })
  const coming = journal.own('test', 's', { after: shard.epoch })
  await expect(coming).rejects.toMatchObject({ code: 'STORAGE' })
  server.signal('SIGCONT')
  const again = await journal.own('test', 's', { after: shard.epoch })
  expect((await again.read(thing('a')))?.commit).toBe(2)
  await append(again, 'a', 4)
  await expect(append(shard, 'a', 5)).rejects.toMatchObject({ code: 'STORAGE' })
  expect((await again.read(thing('a')))?.commit).toBe(4)
})

it('goes on after the server was killed and is back, with all that was acknowledged', async () => {
  let shard = await journal.own('test', 's')
  let acknowledged = 0
  for (let round = 0; round < 3; round++) {
    const flood = (async () => {
      for (let commit = acknowledged + 1; ; commit++) {
        await shard.append({ records: [sampleRecord('a', commit)], removed: [], letters: [sampleLetter(`l${commit}`)] })
        acknowledged = commit
      }
    })()
    await pause(50 + Math.random() * 100)
    await server.kill()
    await expect(flood).rejects.toMatchObject({ code: 'STORAGE', retryable: true })
    await server.restart()
    shard = await journal.own('test', 's', { after: shard.epoch })
    const last = (await shard.read(thing('a')))?.commit ?? 0
    expect([acknowledged, acknowledged + 1]).toContain(last)
    expect(await collected(shard.letters())).toHaveLength(last)
    acknowledged = last
  }
})
