import type { DatabaseSync, SQLOutputValue } from 'node:sqlite'
import type { Reading, ShardJournal } from '../../runtime/ports/journal.ts'
import type { Address } from '../../runtime/protocol/address.ts'
import { TroupeError } from '../../runtime/protocol/errors.ts'
import { encodeBatch } from '../../runtime/protocol/record-codec.ts'
import { sqliteFailure } from './sqlite-failure.ts'
import { eachOf, intactRecord, sumOf, viewOf } from './sqlite-view.ts'

/** How many dead letters a shard keeps: the oldest make room. */
const MOST_LETTERS = 10_000
/** How many pages one `expire` gives back to the disk at most: it is housekeeping and must not be felt. */
const PAGES_AT_ONCE = 2_000

/** What a shard needs of the file it lies in. */
export interface ShardFile {
  readonly db: DatabaseSync
  readonly path: string
  /** Runs what touches the file, and speaks for its failures. */
  guard<T>(work: () => T): T
  /** Runs the work in one transaction: all of it, or nothing. */
  transact<T>(work: () => T): T
  /** The place of the next write among all writes. */
  nextTurn(): { readonly epoch: number; readonly turn: number }
}

/** One owner's hold on one shard of a file. Each append is one transaction, which first asks whether the hold still stands. */
export function sqliteShard(file: ShardFile, name: string, id: number, epoch: number): Omit<ShardJournal, 'release'> {
  const { db, guard, transact } = file
  const begin = db.prepare('BEGIN')
  const end = db.prepare('COMMIT')
  const find = db.prepare(`SELECT sum, bytes FROM records WHERE shard = ${id} AND address = ?`)
  // Without the names of its columns a row costs a third less.
  find.setReturnArrays(true)
  const current = db.prepare('SELECT epoch FROM shards WHERE id = ?')
  const put = db.prepare(
    `INSERT INTO records (shard, address, epoch, turn, due, ended, sum, bytes) VALUES (${id}, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET epoch = excluded.epoch, turn = excluded.turn, due = excluded.due, ended = excluded.ended,
     sum = excluded.sum, bytes = excluded.bytes`,
  )
  const remove = db.prepare(`DELETE FROM records WHERE shard = ${id} AND address = ?`)
  const addLetter = db.prepare(`INSERT OR REPLACE INTO letters (shard, letter, sum, bytes) VALUES (${id}, ?, ?, ?)`)
  const bury = db.prepare(`DELETE FROM letters WHERE shard = ${id} AND letter = ?`)
  const countLetters = db.prepare(`SELECT count(*) AS count FROM letters WHERE shard = ${id}`)
  const dropLetters = db.prepare(
    `DELETE FROM letters WHERE id IN (SELECT id FROM letters WHERE shard = ${id} ORDER BY id LIMIT ?)`,
  )
  const wakes = db.prepare(
    `SELECT address, due FROM records WHERE shard = ${id} AND ended = 0 AND due IS NOT NULL ORDER BY due`,
  )
  const expire = db.prepare(`DELETE FROM records WHERE shard = ${id} AND ended = 1 AND due IS NOT NULL AND due <= ?`)

  function assertOwned(): void {
    if (current.get(id)?.['epoch'] !== epoch) throw takenOver(file.path, name, epoch)
  }

  function readingOf(address: Address): Reading {
    try {
      const [sum, bytes] = (find.get(address) ?? []) as readonly SQLOutputValue[]
      return { record: bytes === undefined ? undefined : intactRecord(address, sum, bytes), error: null }
    } catch (thrown) {
      return { record: undefined, error: sqliteFailure(file.path, thrown) }
    }
  }

  return {
    shard: name,
    epoch,
    readEach: async (addresses) =>
      guard(() => {
        if (addresses.length === 1) return addresses.map(readingOf)
        // In one transaction: each read alone would lock the file for itself.
        begin.run()
        try {
          return addresses.map(readingOf)
        } finally {
          if (db.isTransaction) end.run()
        }
      }),
    async append(batch) {
      const { records, letters } = encodeBatch(batch)
      transact(() => {
        assertOwned()
        for (const { address, wake, until, bytes } of records) {
          const { epoch, turn } = file.nextTurn()
          put.run(address, epoch, turn, until ?? wake, until === null ? 0 : 1, sumOf(bytes), bytes)
        }
        for (const address of batch.removed) remove.run(address)
        for (const letter of letters) addLetter.run(letter.id, sumOf(letter.bytes), letter.bytes)
        for (const letter of batch.buried ?? []) bury.run(letter)
        if (letters.length > 0) {
          const excess = Number(countLetters.get()?.['count']) - MOST_LETTERS
          if (excess > 0) dropLetters.run(excess)
        }
      })
    },
    wakes: () =>
      eachOf(
        () => guard(() => wakes.all()),
        ({ address, due }) => ({ address: String(address) as Address, wake: Number(due) }),
      ),
    expire: async (now) =>
      transact(() => {
        assertOwned()
        const { changes } = expire.run(now)
        if (changes > 0) db.exec(`PRAGMA incremental_vacuum(${PAGES_AT_ONCE})`)
        return Number(changes)
      }),
    ...viewOf(db, guard, id),
  }
}

/** The error of an owner whose shard has a later one. */
export function takenOver(path: string, shard: string, epoch: number): TroupeError {
  return new TroupeError('CONFLICT', `shard ${shard} of ${path} was taken over: epoch ${epoch} has ended`, {
    where: shard,
    hint: 'drop its actors and read them again after owning it',
  })
}
