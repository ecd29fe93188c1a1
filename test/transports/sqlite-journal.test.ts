import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sqlite } from '../../transports/sqlite/index.ts'
import { journalConformance } from '../conformance/journal.conformance.ts'

journalConformance('sqlite', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'troupe-journal-'))
  const path = join(folder, 'runs.sqlite')
  const journal = sqlite(path, { durability: 'D1' })
  let again: ReturnType<typeof sqlite> | undefined
  return {
    journal,
    reopen: async () => {
      await journal.close()
      again = sqlite(path, { durability: 'D1' })
      return again
    },
    clean: async () => {
      await journal.close()
      await again?.close()
      rmSync(folder, { recursive: true })
    },
  }
})
