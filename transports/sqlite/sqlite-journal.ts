import { resolve } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import type { Journal, ShardJournal } from '../../runtime/ports/journal.ts'
import { assertChoice } from '../../runtime/protocol/choice.ts'
import { type Duration, milliseconds } from '../../runtime/protocol/duration.ts'
import { isTroupeError, TroupeError } from '../../runtime/protocol/errors.ts'
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
  assertChoice(durability, ['D1', 'D2'], 'durability')
  const at = fileAt(path)
  let owned: OwnedFile | null = null
  const holds = new Map<string, Hold>()
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

  // A shard has one hold at a time: who owns it anew replaces the one before.
  function held(shard: Omit<ShardJournal, 'release'>): ShardJournal {
    const hold: Hold = { epoch: shard.epoch, stands: true }
    let released = false
    holds.set(shard.shard, hold)
    async function kept<T>(work: () => Promise<T>): Promise<T> {
      if (released) throw givenBack(at, shard)
      try {
        return await work()
      } catch (thrown) {
        if (isTroupeError(thrown, 'CONFLICT') || isTroupeError(thrown, 'STORAGE')) hold.stands = false
        throw thrown
      }
    }
    return {
      ...shard,
      append: (batch) => kept(() => shard.append(batch)),
      expire: (now) => kept(() => shard.expire(now)),
      async release() {
        released = true
        if (holds.get(shard.shard) !== hold) return
        holds.delete(shard.shard)
        letGo()
      },
    }
  }

  // The file is let go with the last shard that is held of it.
  function letGo(): void {
    if (holds.size > 0) return
    owned?.close()
    owned = null
  }

  return {
    name: 'sqlite',
    durability,
    own: async (realm, shard, { after } = {}) =>
      guard(() => {
        const former = holds.get(shard)
        if (former?.stands && former.epoch !== after && !takeOver) throw heldHere(at, shard)
        try {
          owned ??= ownFile({ path: at, realm, durability, takeOver, patience, guard })
          assertRealm(owned.db, at, realm)
          return held(owned.own(shard, after))
        } catch (thrown) {
          letGo()
          throw thrown
        }
      }),
    view: async (realm) =>
      guard(() => {
        reader ??= openReader(at, patience)
        assertRealm(reader, at, realm)
        return viewOf(reader, guard, null)
      }),
    async close() {
      if (closed) return
      closed = true
      reader?.close()
      owned?.close()
      owned = null
    },
  }
}

/** An owner's hold on a shard. It stands until an append fails: then it is lost, or in doubt. */
interface Hold {
  readonly epoch: number
  stands: boolean
}

function heldHere(at: string, shard: string): TroupeError {
  return new TroupeError('CONFLICT', `shard ${shard} of ${at} is owned through this journal already`, {
    where: shard,
    hint: 'stop the runtime that uses it first; or give `sqlite` `takeOver: true`, and that one cannot commit any more',
  })
}

function givenBack(at: string, { shard, epoch }: Pick<ShardJournal, 'shard' | 'epoch'>): TroupeError {
  return new TroupeError('CONFLICT', `shard ${shard} of ${at} was given back: epoch ${epoch} has ended`, {
    where: shard,
    hint: 'own it again and read what has become of its actors',
  })
}

function fileAt(path: string): string {
  // SQLite would take these for databases that nothing survives.
  if (path !== '' && path !== ':memory:') return resolve(path)
  throw new TroupeError('INVALID_MESSAGE', `'${path}' names no file`, {
    where: 'path',
    hint: 'name a file, or take memoryJournal() where nothing has to last',
  })
}
