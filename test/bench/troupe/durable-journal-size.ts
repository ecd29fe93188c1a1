import { deepStrictEqual } from 'node:assert/strict'
import { statSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { createRuntime } from '../../../runtime/index.ts'
import { sqlite } from '../../../transports/sqlite/index.ts'
import type { Probe } from '../bench-case.ts'
import { tally } from './durable-counter.ts'
import { journalPath } from './durable-journal.ts'

const ACTORS = 1_000

/** What is to be known of a journal. */
export interface JournalSizes {
  /** Bytes of its file, once it is closed. */
  readonly closed: number
  /** Bytes of its file and of the log beside it, before it is closed. */
  readonly open: number
  /** Bytes of the records in it. */
  readonly live: number
}

/** Troupe: a size of a journal in which 1 000 actors have committed so many times together. */
export function durableJournalSize(commits: number, size: keyof JournalSizes): Probe {
  return {
    check: async () => deepStrictEqual((await sizesAfter(ACTORS)).live > 0, true),
    sample: async () => (await sizesAfter(commits))[size],
  }
}

async function sizesAfter(commits: number): Promise<JournalSizes> {
  const path = journalPath()
  const runtime = await createRuntime({ journal: sqlite(path), actors: [tally] })
  const refs = await Promise.all(
    Array.from({ length: ACTORS }, (_, index) => runtime.spawn(tally, { key: `t-${index}`, input: { due: null } })),
  )
  for (let done = ACTORS; done < commits; done += ACTORS) {
    await Promise.all(refs.map((ref) => ref.send({ type: 'tally.add' })))
  }
  const open = bytesOf(path) + bytesOf(`${path}-wal`)
  await runtime.stop()
  return { closed: bytesOf(path), open, live: liveBytes(path) }
}

/** The bytes of all records in a journal. */
export function liveBytes(path: string): number {
  const db = new DatabaseSync(path, { readOnly: true })
  const { live } = db.prepare('SELECT sum(length(bytes)) AS live FROM records').get() ?? {}
  db.close()
  return Number(live)
}

/** The bytes of a file; 0 for none. */
export function bytesOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}
