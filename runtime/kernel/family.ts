import type { JournalView, ShardJournal } from '../ports/journal.ts'
import type { Address } from '../protocol/address.ts'
import type { ActorRecord } from '../protocol/record.ts'

/**
 * A family is a durable actor with all that it owns, and what these own. It is active as a whole or not at all, so an actor
 * and its parent always find each other in memory.
 */

/** The record at the head of the family that an actor with this record belongs to. */
export async function findRoot(journal: JournalView, of: ActorRecord): Promise<ActorRecord> {
  let record = of
  // Who has ended is no part of a family any more: only its result is left.
  while (record.parent && !record.ended) {
    const { address } = record
    const parent = await journal.read(record.parent.address)
    // Who has ended owns nothing any more: what it left behind stands for itself.
    if (!parent || Object.values(parent.children).every((child) => child !== address)) return record
    record = parent
  }
  return record
}

/** The records of a family, parents before their children. */
export async function readFamily(journal: ShardJournal, root: Address): Promise<ActorRecord[]> {
  const records: ActorRecord[] = []
  let generation = [root]
  while (generation.length > 0) {
    const found: ActorRecord[] = []
    for (const { record, error } of await journal.readEach(generation)) {
      if (error) throw error
      if (record) found.push(record)
    }
    records.push(...found)
    generation = found.flatMap(({ children }) => Object.values(children))
  }
  return records
}
