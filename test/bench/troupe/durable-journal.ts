import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Journal } from '../../../runtime/ports/journal.ts'
import { memoryJournal } from '../../../transports/memory/index.ts'
import { sqlite } from '../../../transports/sqlite/index.ts'
import type { Durability } from '../bench-case.ts'

/** Where a file for a journal can be: in a folder of its own. */
export function journalPath(): string {
  return join(mkdtempSync(join(tmpdir(), 'journal-')), 'journal.sqlite')
}

/** A journal of a durability class: in memory, or in a file. */
export function durableJournal(durability: Durability): Journal {
  return durability === 'D0' ? memoryJournal() : sqlite(journalPath(), { durability })
}
