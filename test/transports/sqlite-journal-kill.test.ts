import { expect, it } from 'vitest'
import { setTimeout as pause } from 'node:timers/promises'
import { sqlite } from '../../transports/sqlite/index.ts'
import { collected } from '../support/conformance/sample-record.ts'
import { journalWorker } from '../support/transports/journal-worker.ts'
import { scratchFolder } from '../support/transports/scratch-folder.ts'

const scratch = scratchFolder()

it.each(['D1', 'D2'] as const)(
  'has all that was acknowledged (%s) after a kill -9 at any moment, and of what was under way all or nothing',
  async (durability) => {
    const path = scratch('runs.sqlite')
    let last = 0
    for (let round = 0; round < 10; round++) {
      const worker = journalWorker(path, { durability })
      await worker.tell('own')
      const flood = worker.flood(last + 1)
      await worker.started()
      await pause(Math.random() * 120)
      await worker.kill()
      const acknowledged = (await flood).at(-1) ?? 0
      expect(acknowledged).toBeGreaterThan(last)

      const journal = sqlite(path)
      const shard = await journal.own('test', 's')
      const commits = new Map((await collected(shard.records())).map(({ address, commit }) => [address, commit]))
      last = commits.get('test/thing/a' as never) ?? 0
      expect([acknowledged, acknowledged + 1]).toContain(last)
      expect([...commits.values()]).toEqual(Array.from({ length: last % 2 === 0 ? 6 : 5 }, () => last))
      const letters = (await collected(shard.letters())).map(({ id }) => id)
      expect(letters).toEqual([last - 2, last - 1, last].filter((commit) => commit > 0).map((commit) => `l${commit}`))
      await journal.close()
    }
  },
)
