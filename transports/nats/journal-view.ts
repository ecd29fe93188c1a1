import type { JournalView } from '../../runtime/ports/journal.ts'
import { type Address, parseAddress } from '../../runtime/protocol/address.ts'
import type { ActorRecord, DeadLetterRecord } from '../../runtime/protocol/record.ts'
import { decodeLetter, decodeRecord } from '../../runtime/protocol/record-codec.ts'
import { byOrigin, type IndexEntry, type JournalIndex } from './journal-index.ts'
import { eachRead, type JournalReader, type Wanted } from './journal-reader.ts'
import type { Segment } from './journal-segment.ts'

/** Where a view looks. */
export interface ViewSource {
  readonly reader: JournalReader
  /** The indexes of all that it shows, up to date. Throws when the journal is closed. */
  readonly indexes: () => Promise<readonly JournalIndex[]>
}

/** What can be read of some indexes. */
export function createJournalView({ reader, indexes }: ViewSource): JournalView {
  return {
    async read(address) {
      const newest = (await indexes())
        .flatMap((index) => {
          const entry = index.records.get(address)
          return entry ? [[index, entry] as const] : []
        })
        .sort(byOrigin)
        .at(-1)
      if (!newest) return undefined
      const [found] = await reader.read([wantedRecord(newest[0], address)])
      if (found?.error) throw found.error
      return found?.value
    },
    records: (type) =>
      eachRead(reader.read, async () => {
        const found = (await indexes()).map((index) =>
          [...index.records]
            .filter(([address]) => type === undefined || parseAddress(address).type === type)
            .map(([address, entry]) => [wantedRecord(index, address), entry] as const),
        )
        return inOrder(found)
      }),
    letters: () =>
      eachRead(reader.read, async () => {
        const found = (await indexes()).map((index) =>
          [...index.letters].map(([id, entry]) => [wantedLetter(index, id), entry] as const),
        )
        return inOrder(found)
      }),
  }
}

/** The record of an address, to be read. */
export function wantedRecord(index: JournalIndex, address: Address): Wanted<ActorRecord> {
  return {
    name: address,
    find: () => index.records.get(address),
    take: ({ records }: Segment, at) => decodeRecord(address, records[at]?.bytes ?? new Uint8Array(0)),
  }
}

function wantedLetter(index: JournalIndex, id: string): Wanted<DeadLetterRecord> {
  return {
    name: id,
    find: () => index.letters.get(id),
    take: ({ letters }: Segment, at) => decodeLetter(id, letters[at]?.bytes ?? new Uint8Array(0)),
  }
}

// Each index has its own in order already.
function inOrder<T>(found: readonly (readonly (readonly [Wanted<T>, IndexEntry])[])[]): Wanted<T>[] {
  const [only] = found
  const all = found.length === 1 && only ? only : found.flat().sort(byOrigin)
  return all.map(([wanted]) => wanted)
}
