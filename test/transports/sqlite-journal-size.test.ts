import { statSync } from 'node:fs'
import { expect, it } from 'vitest'
import { sqlite } from '../../transports/sqlite/index.ts'
import { sampleLetter, sampleRecord } from '../support/conformance/sample-record.ts'
import { scratchFolder } from '../support/transports/scratch-folder.ts'

const scratch = scratchFolder()
const LOG = 17_000_000

it('a file stays as large as what lives in it, however often that is written', async () => {
  const path = scratch('runs.sqlite')
  const journal = sqlite(path, { durability: 'D1' })
  const shard = await journal.own('test', 's')
  for (let commit = 0; commit < 30_000; commit++) {
    await shard.append({
      records: [sampleRecord(`k${commit % 100}`, commit, { wake: commit })],
      removed: [],
      letters: [sampleLetter(`l${commit}`)],
      buried: [`l${commit - 10}`],
    })
  }
  expect(statSync(path).size).toBeLessThan(300_000)
  expect(statSync(`${path}-wal`).size).toBeLessThan(LOG)
  await journal.close()
  expect(statSync(path).size).toBeLessThan(300_000)
  expect(statSync(`${path}-wal`, { throwIfNoEntry: false })).toBeUndefined()
})

it('a file gives back the room of actors that are forgotten', async () => {
  const path = scratch('runs.sqlite')
  const journal = sqlite(path, { durability: 'D1' })
  const shard = await journal.own('test', 's')
  const ended = { ended: { at: 0, until: 1 }, wake: 1, input: 'x'.repeat(2_000) }
  for (let group = 0; group < 20; group++) {
    const records = Array.from({ length: 100 }, (_, at) => sampleRecord(`k${group}-${at}`, 1, ended))
    await shard.append({ records, removed: [] })
  }
  await shard.append({ records: [sampleRecord('alive', 1)], removed: [] })
  expect(await shard.expire(1)).toBe(2_000)
  await journal.close()
  expect(statSync(path).size).toBeLessThan(300_000)
})
