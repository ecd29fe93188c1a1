import { resolve } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import type { Journal } from '../../runtime/ports/journal.ts'
import { type Duration, milliseconds } from '../../runtime/protocol/duration.ts'
import { TroupeError } from '../../runtime/protocol/errors.ts'
import { sqliteFailure } from './sqlite-failure.ts'
import { assertRealm, openReader } from './sqlite-file.ts'
import { type OwnedFile, ownFile } from './sqlite-owned-file.ts'
import { viewOf } from './sqlite-view.ts'

/** What `sqlite` takes. */
export interface SqliteOptions {
  /** What a commit survives: `D2` a lost machine (each is synced to the disk), `D1` a killed process. Default: `D2`. */
  readonly durability?: 'D1' | 'D2'
  /** Owns the file although another process holds it. That one cannot commit from then on. */
  readonly takeOver?: boolean
  /** How long to wait for a lock that another process holds on the file. This process stands still. Default: `1s`. */
  readonly patience?: Duration
}

/**
 * A journal in a file. The file is opened when a shard is first owned or viewed, and made if need be; one process at a time
 * can own it, any number can look at it.
 *
 * @example
 * const runtime = await createRuntime({ journal: sqlite('runs.sqlite'), actors: [ticket] })
 */
export function sqlite(path: string, options: SqliteOptions = {}): Journal {
  const { durability = 'D2', takeOver = false } = options
  const patience = milliseconds(options.patience ?? '1s')
  const at = fileAt(path)
  let owned: OwnedFile | null = null
  let reader: DatabaseSync | null = null
  let closed = false

  function guard<T>(work: () => T): T {
    if (closed) {
      throw new TroupeError('STORAGE', `the journal ${at} is closed`, {
        where: at,
        hint: 'open it before use, close it last',
      })
    }
    try {
      return work()
    } catch (thrown) {
      throw sqliteFailure(at, thrown)
    }
  }

  return {
    name: 'sqlite',
    durability,
    own: async (realm, shard) =>
      guard(() => {
        owned ??= ownFile({ path: at, realm, durability, takeOver, patience, guard })
        assertRealm(owned.db, at, realm)
        return owned.own(shard)
      }),
    view: async (realm) =>
      guard(() => {
        const db = owned?.db ?? (reader ??= openReader(at, patience))
        assertRealm(db, at, realm)
        return viewOf(db, guard, null)
      }),
    async close() {
      if (closed) return
      closed = true
      reader?.close()
      owned?.close()
    },
  }
}

function fileAt(path: string): string {
  // SQLite would take these for databases that nothing survives.
  if (path !== '' && path !== ':memory:') return resolve(path)
  throw new TroupeError('INVALID_MESSAGE', `'${path}' names no file`, {
    where: 'path',
    hint: 'name a file, or take memoryJournal() where nothing has to last',
  })
}
