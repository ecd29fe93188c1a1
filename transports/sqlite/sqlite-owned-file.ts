import { realpathSync, statSync } from 'node:fs'
import { hostname } from 'node:os'
import type { DatabaseSync } from 'node:sqlite'
import type { ShardJournal } from '../../runtime/ports/journal.ts'
import { TroupeError } from '../../runtime/protocol/errors.ts'
import { openFile, prepareFile } from './sqlite-file.ts'
import { holdFile } from './sqlite-owner.ts'
import { type ShardFile, sqliteShard, takenOver } from './sqlite-shard.ts'

/** A file that this process may write to. */
export interface OwnedFile {
  readonly db: DatabaseSync
  /** Throws CONFLICT when the shard was owned by another after the epoch, if one is given. */
  own(shard: string, after?: number): Omit<ShardJournal, 'release'>
  close(): void
}

/** How to own a file. */
export interface OwnedFileOptions {
  readonly path: string
  readonly realm: string
  readonly durability: 'D1' | 'D2'
  readonly takeOver: boolean
  readonly patience: number
  /** Runs what touches the file, and speaks for its failures. */
  readonly guard: ShardFile['guard']
}

/** Milliseconds between two tries to hold a file that was taken over. */
const SEEK_EVERY = 1_000

/** Opens a file and holds it. Throws CONFLICT when another process does, unless it is to be taken over. */
export function ownFile(options: OwnedFileOptions): OwnedFile {
  const { path, realm, durability, patience } = options
  const db = openFile(path, patience)
  // Two names of one file have one lock.
  const real = realpathSync(path)
  let hold: ReturnType<typeof holdFile> = null
  try {
    hold = holdFile(real)
    if (!hold && !options.takeOver) throw heldElsewhere(db, path)
    prepareFile(db, path, realm, durability)
  } catch (thrown) {
    db.close()
    hold?.release()
    throw thrown
  }
  return workingFile(db, real, hold, options)
}

function workingFile(
  db: DatabaseSync,
  real: string,
  hold: ReturnType<typeof holdFile>,
  { path, guard }: OwnedFileOptions,
): OwnedFile {
  const { dev, ino } = statSync(real)
  const begin = db.prepare('BEGIN IMMEDIATE')
  const commit = db.prepare('COMMIT')
  const rollback = db.prepare('ROLLBACK')
  const raise = db.prepare('UPDATE journal SET epoch = epoch + 1, owner = ? RETURNING epoch')
  const find = db.prepare('SELECT epoch FROM shards WHERE name = ?')
  const take = db.prepare(
    'INSERT INTO shards (name, epoch) VALUES (?, ?) ON CONFLICT DO UPDATE SET epoch = excluded.epoch RETURNING id',
  )
  // Epochs are counted for the whole file, so that epoch and turn order the writes of all shards and owners.
  let latest = 0
  let turn = 0
  let nextSeek = 0

  // What is written to a file that has no name any more is lost without an error.
  function assertInPlace(): void {
    const found = statSync(real, { throwIfNoEntry: false })
    if (found?.ino === ino && found.dev === dev) return
    throw new TroupeError('STORAGE', `${path} was moved, deleted or replaced while its owner was at work`, {
      where: path,
      hint: 'stop this process, put the file back in its place, start again',
    })
  }

  // Who took the file over holds it once its former owner has let go: then nobody else takes it without leave.
  function seekHold(): void {
    const now = performance.now()
    if (hold || now < nextSeek) return
    nextSeek = now + SEEK_EVERY
    try {
      hold = holdFile(real)
    } catch {
      // What was written is written. The file stays open to who comes next, as it was.
    }
  }

  const file: ShardFile = {
    db,
    path,
    guard,
    transact: (work) =>
      guard(() => {
        assertInPlace()
        begin.run()
        try {
          const result = work()
          commit.run()
          seekHold()
          return result
        } catch (thrown) {
          // SQLite itself has rolled back what a full disk broke off.
          if (db.isTransaction) rollback.run()
          throw thrown
        }
      }),
    nextTurn: () => ({ epoch: latest, turn: turn++ }),
  }

  return {
    db,
    own(shard, after) {
      const [id, epoch] = file.transact(() => {
        if (after !== undefined && find.get(shard)?.['epoch'] !== after) throw takenOver(path, shard, after)
        const epoch = Number(raise.get(`process ${process.pid} on ${hostname()}`)?.['epoch'])
        return [Number(take.get(shard, epoch)?.['id']), epoch]
      })
      latest = epoch
      turn = 0
      return sqliteShard(file, shard, id, epoch)
    },
    close() {
      try {
        db.exec('PRAGMA wal_checkpoint(TRUNCATE)')
      } catch {
        // The log stays as it is, and whoever opens the file next folds it in.
      }
      db.close()
      hold?.release()
    },
  }
}

function heldElsewhere(db: DatabaseSync, path: string): TroupeError {
  let owner = 'another process'
  try {
    owner = String(db.prepare('SELECT owner FROM journal').get()?.['owner'] ?? owner)
  } catch {
    // It is being made at this moment.
  }
  return new TroupeError('CONFLICT', `${path} is owned by ${owner}`, {
    where: path,
    hint: 'stop that one first; or open the file with `takeOver: true`, and it cannot commit any more',
  })
}
