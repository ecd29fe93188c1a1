import type { Address } from '../protocol/address.ts'
import type { ActorRecord } from '../protocol/record.ts'

/**
 * Where the records of durable actors rest.
 *
 * A shard is the unit of ownership, commit and recovery. Whoever owns it last is its owner: each `own` raises the shard's
 * epoch, and an append carries the epoch under which it was made. An append is all or nothing and is fenced: after a
 * later `own` it fails whole with CONFLICT, so of two that think they own a shard only one can commit. An append that
 * fails with STORAGE may have happened or not: the owner has to own again and read before it goes on.
 */
export interface Journal {
  readonly name: string
  readonly durability: Durability
  /** Takes a shard over from whoever had it. Rejects with STORAGE when the medium refuses. */
  own(shard: string): Promise<ShardJournal>
  /** Resolves when everything appended is as durable as the class says. */
  close(): Promise<void>
}

/** What a commit survives: nothing (D0), a killed process (D1), a lost machine as far as fsync goes (D2). */
export type Durability = 'D0' | 'D1' | 'D2'

/** One owner's hold on one shard. */
export interface ShardJournal {
  readonly shard: string
  readonly epoch: number
  /** Writes everything that changed since the last append. Rejects with CONFLICT when the shard has a later owner. */
  append(batch: CommitBatch): Promise<void>
  /** The newest record of an address; undefined when it has none or was removed. */
  read(address: Address): Promise<ActorRecord | undefined>
  /** The newest record of every address, in the order of their last writes. */
  records(): AsyncIterable<ActorRecord>
}

/** What one append writes. An address may be in only one of the lists. */
export interface CommitBatch {
  readonly records: readonly ActorRecord[]
  readonly removed: readonly Address[]
}
