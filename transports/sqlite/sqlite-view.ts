import type { DatabaseSync, SQLOutputValue } from 'node:sqlite'
import { crc32 } from 'node:zlib'
import type { JournalView } from '../../runtime/ports/journal.ts'
import type { Address } from '../../runtime/protocol/address.ts'
import { TroupeError } from '../../runtime/protocol/errors.ts'
import type { ActorRecord } from '../../runtime/protocol/record.ts'
import { decodeLetter, decodeRecord } from '../../runtime/protocol/record-codec.ts'

type Row = Record<string, SQLOutputValue>

/** What can be read of all shards of a file, or of one. `guard` runs what touches the file, and speaks for its failures. */
export function viewOf(db: DatabaseSync, guard: <T>(read: () => T) => T, shard: number | null): JournalView {
  const scope = shard === null ? '' : `shard = ${shard} AND`
  const newest = db.prepare(
    `SELECT sum, bytes FROM records WHERE ${shard === null ? 'shard IN (SELECT id FROM shards) AND' : scope} address = ?
     ORDER BY epoch DESC, turn DESC LIMIT 1`,
  )
  const recordIds = db.prepare(`SELECT id FROM records WHERE ${scope} true ORDER BY epoch, turn`)
  const typeIds = db.prepare(
    `SELECT id FROM records WHERE ${shard === null ? 'shard IN (SELECT id FROM shards) AND' : scope} address >= ? AND address < ?
     ORDER BY epoch, turn`,
  )
  const record = db.prepare('SELECT address, sum, bytes FROM records WHERE id = ?')
  const letterIds = db.prepare(`SELECT id FROM letters WHERE ${scope} true ORDER BY id`)
  const letter = db.prepare('SELECT letter, sum, bytes FROM letters WHERE id = ?')
  const realm = db.prepare('SELECT realm FROM journal')

  return {
    read: async (address) =>
      guard(() => {
        const row = newest.get(address)
        return row && intactRecord(address, row['sum'], row['bytes'])
      }),
    records: (type) =>
      eachOf(
        () =>
          guard(() => {
            if (type === undefined) return recordIds.all()
            // An address is realm/type/key, and 0 comes after the slash.
            const start = `${String(realm.get()?.['realm'])}/${type}`
            return typeIds.all(`${start}/`, `${start}0`)
          }),
        ({ id }) =>
          guard(() => {
            const row = record.get(id ?? null)
            if (!row) return undefined
            const address = String(row['address']) as Address
            return intactRecord(address, row['sum'], row['bytes'])
          }),
      ),
    letters: () =>
      eachOf(
        () => guard(() => letterIds.all()),
        ({ id }) =>
          guard(() => {
            const row = letter.get(id ?? null)
            if (!row) return undefined
            const name = String(row['letter'])
            return decodeLetter(name, intact(name, row['sum'], row['bytes']))
          }),
      ),
  }
}

/**
 * What `read` makes of each row that `list` gives, at the time it is asked for. No read stays open in between: it would
 * keep the log from being folded back into the file. A row that rejects does not end the iteration.
 */
export function eachOf<T>(list: () => readonly Row[], read: (row: Row) => T | undefined): AsyncIterable<T> {
  return {
    [Symbol.asyncIterator]() {
      let rows: readonly Row[] | null = null
      let at = 0
      return {
        async next() {
          if (rows === null) {
            rows = []
            rows = list()
          }
          while (at < rows.length) {
            const value = read(rows[at++] as Row)
            if (value !== undefined) return { done: false, value }
          }
          return { done: true, value: undefined }
        },
        async return() {
          rows = []
          return { done: true, value: undefined }
        },
      }
    },
  }
}

/** The checksum that tells damage. */
export function sumOf(bytes: Uint8Array): number {
  return crc32(bytes)
}

/** The record in two columns of a row. Throws like `decodeRecord`, and for bytes that are not those of their checksum. */
export function intactRecord(address: Address, sum: SQLOutputValue | undefined, bytes: unknown): ActorRecord {
  return decodeRecord(address, intact(address, sum, bytes))
}

function intact(where: string, sum: SQLOutputValue | undefined, bytes: unknown): Uint8Array {
  if (bytes instanceof Uint8Array && sumOf(bytes) === sum) return bytes
  throw new TroupeError('STORAGE', `what rests of ${where} is damaged: its checksum is not that of its bytes`, {
    where,
    hint: 'restore the journal from a copy, or remove this one from it',
    lasting: true,
  })
}
