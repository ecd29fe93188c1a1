import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Journal, ShardJournal } from '../../runtime/ports/journal.ts'
import { natsJournal } from '../../transports/nats/index.ts'
import { collected, sampleLetter, sampleRecord, thing } from '../support/conformance/sample-record.ts'
import { type NatsCluster, natsCluster } from '../support/nats/nats-cluster.ts'

let cluster: NatsCluster
let journal: Journal
beforeAll(async () => {
  cluster = await natsCluster()
  journal = natsJournal({ servers: cluster.urls, replicas: 3, patience: '3s' })
}, 60_000)
afterAll(async () => {
  await journal.close()
  await cluster.close()
})

async function ownAgain(after: number): Promise<ShardJournal> {
  for (const until = Date.now() + 40_000; ; ) {
    try {
      return await journal.own('test', 's', { after })
    } catch (error) {
      if ((error as { code?: string }).code === 'CONFLICT' || Date.now() > until) throw error
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
}

it('loses nothing that was acknowledged, and writes nothing twice, when the server that leads is killed', async () => {
  let shard = await journal.own('test', 's')
  let acknowledged = 0
  const failures: unknown[] = []
  const surprises: string[] = []
  for (let round = 1; round <= 2; round++) {
    const leader = await cluster.leader('troupe-test-journal')
    let killed = false
    while (acknowledged < round * 200) {
      const commit = acknowledged + 1
      try {
        await shard.append({ records: [sampleRecord('a', commit)], removed: [], letters: [sampleLetter(`l${commit}`)] })
        acknowledged = commit
      } catch (error) {
        failures.push((error as { code?: unknown }).code)
        shard = await ownAgain(shard.epoch)
        acknowledged = (await shard.read(thing('a')))?.commit ?? 0
        if (acknowledged !== commit && acknowledged !== commit - 1) surprises.push(`${commit} became ${acknowledged}`)
      }
      if (killed || acknowledged < round * 200 - 150) continue
      killed = true
      await leader.kill()
    }
    const letters = (await collected(shard.letters())).map(({ id }) => id)
    expect(letters).toEqual(Array.from({ length: acknowledged }, (_, at) => `l${at + 1}`))
    await leader.restart()
  }
  expect(surprises).toEqual([])
  expect(new Set(failures)).toEqual(new Set(['STORAGE']))
}, 120_000)
