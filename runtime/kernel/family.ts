import type { JournalView } from '../ports/journal.ts'
import type { Address } from '../protocol/address.ts'
import type { ActorRecord } from '../protocol/record.ts'

/**
 * A family is a durable actor with all that it owns, and what these own. It is active as a whole or not at all, so an actor
 * and its parent always find each other in memory.
 */

/** The record at the head of an actor's family; undefined when the actor has none. */
export async function findRoot(journal: JournalView, address: Address): Promise<ActorRecord | undefined> {
  let record = await journal.read(address)
  // Who has ended is no part of a family any more: only its result is left.
  while (record?.parent && !record.ended) {
    const parent = await journal.read(record.parent.address)
    // Who has ended owns nothing any more: what it left behind stands for itself.
    if (!parent || Object.values(parent.children).every((child) => child !== record?.address)) return record
    record = parent
  }
  return record
}

/** The records of a family, parents before their children. */
export async function readFamily(journal: JournalView, root: Address): Promise<ActorRecord[]> {
  const records: ActorRecord[] = []
  const next = [root]
  for (let address = next.shift(); address !== undefined; address = next.shift()) {
    const record = await journal.read(address)
    if (!record) continue
    records.push(record)
    next.push(...Object.values(record.children))
  }
  return records
}
