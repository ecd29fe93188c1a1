import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sqlite } from '../../transports/sqlite/index.ts'
import { journalConformance } from '../conformance/journal.conformance.ts'

journalConformance('sqlite', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'troupe-journal-'))
  const path = join(folder, 'runs.sqlite')
  // The suite owns a shard over and over; that this needs leave is tested with the owners.
  const options = { durability: 'D1', takeOver: true } as const
  const journal = sqlite(path, options)
  let again: ReturnType<typeof sqlite> | undefined
  return {
    journal,
    reopen: async () => {
      await journal.close()
      again = sqlite(path, options)
      return again
    },
    clean: async () => {
      await journal.close()
      await again?.close()
      rmSync(folder, { recursive: true })
    },
  }
})
