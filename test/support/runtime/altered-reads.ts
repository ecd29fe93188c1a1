import type { Journal, Reading } from '../../../runtime/ports/journal.ts'
import type { Address } from '../../../runtime/protocol/address.ts'
import { asTroupeError } from '../../../runtime/protocol/errors.ts'
import type { ActorRecord } from '../../../runtime/protocol/record.ts'

/** Reads one record its own way; `read` reads it as the journal does. */
export type AlteredRead = (
  address: Address,
  read: () => Promise<ActorRecord | undefined>,
) => Promise<ActorRecord | undefined>

/** A journal whose owners' reads go another way, however many records they ask for at once. */
export function alteredReads(inner: Journal, alter: AlteredRead): Journal {
  return {
    ...inner,
    async own(realm, name, options) {
      const shard = await inner.own(realm, name, options)
      const read = (address: Address) => alter(address, () => shard.read(address))
      return { ...shard, read, readEach: (addresses) => Promise.all(addresses.map((at) => readingOf(read(at)))) }
    },
  }
}

async function readingOf(record: Promise<ActorRecord | undefined>): Promise<Reading> {
  try {
    return { record: await record, error: null }
  } catch (thrown) {
    return { record: undefined, error: asTroupeError(thrown, 'STORAGE') }
  }
}
