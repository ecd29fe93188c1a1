import type { Address } from '../protocol/address.ts'
import type { TroupeError } from '../protocol/errors.ts'
import type { ActorRecord, DeadLetterRecord } from '../protocol/record.ts'

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
  /**
   * Takes a shard of a realm over from whoever had it. Rejects with CONFLICT where the medium knows that another holds it,
   * INCOMPATIBLE when the medium belongs to another realm or a newer version, STORAGE when it refuses.
   */
  own(realm: string, shard: string, options?: OwnOptions): Promise<ShardJournal>
  /** What is committed in all shards of a realm, without owning any. Rejects like `own`, but never with CONFLICT. */
  view(realm: string): Promise<JournalView>
  /** Resolves when everything appended is as durable as the class says. */
  close(): Promise<void>
}

/** How a shard is owned. */
export interface OwnOptions {
  /**
   * The epoch under which the caller owned it last, whose hold this one replaces: it is owned only if nobody has owned it
   * since. CONFLICT otherwise.
   */
  readonly after?: number
}

/** What a commit survives: nothing (D0), a killed process (D1), a lost machine as far as fsync goes (D2). */
export type Durability = 'D0' | 'D1' | 'D2'

/**
 * What can be read of committed records. One that is damaged rejects with STORAGE that is `lasting`, one of a newer format with INCOMPATIBLE;
 * both name its address. It does not hide the others: the iterator's `next` goes on after such a rejection.
 */
export interface JournalView {
  /** The newest record of an address; undefined when it has none or was removed. */
  read(address: Address): Promise<ActorRecord | undefined>
  /** The newest record of every address, in the order of their last writes; those of one type, when it is given. */
  records(type?: string): AsyncIterable<ActorRecord>
  /** The dead letters, the oldest first. */
  letters(): AsyncIterable<DeadLetterRecord>
}

/** One owner's hold on one shard. */
export interface ShardJournal extends JournalView {
  readonly shard: string
  readonly epoch: number
  /**
   * What `read` makes of each address, in their order: many at the price of few. One that cannot be read says so in its
   * place and hides no other; rejects when the medium as a whole cannot be read.
   */
  readEach(addresses: readonly Address[]): Promise<readonly Reading[]>
  /** Writes everything that changed since the last append. Rejects with CONFLICT when the shard has a later owner. */
  append(batch: CommitBatch): Promise<void>
  /** Which actors have something to do by themselves, and when: their `wake`, where they have one and have not ended. */
  wakes(): AsyncIterable<Wake>
  /** Removes the records of actors that have ended and whose `until` has passed. Resolves to how many. Fenced like `append`. */
  expire(now: number): Promise<number>
  /** Gives the shard back: others need not wait for it, and an append under this hold fails with CONFLICT. */
  release(): Promise<void>
}

/** What was read at one address. */
export interface Reading {
  /** Undefined when there is none, or when it cannot be read. */
  readonly record: ActorRecord | undefined
  /** Why it cannot be read: what `read` rejects with. */
  readonly error: TroupeError | null
}

/** When an actor has something to do by itself. */
export interface Wake {
  readonly address: Address
  /** Milliseconds since 1970; 0 for at once. */
  readonly wake: number
}

/**
 * What one append writes. An address may be in it only once: INVALID_MESSAGE otherwise, as for a value that is not plain
 * data, and nothing is written. A shard keeps its newest 10 000 dead letters.
 */
export interface CommitBatch {
  readonly records: readonly ActorRecord[]
  readonly removed: readonly Address[]
  readonly letters?: readonly DeadLetterRecord[]
  /** The ids of dead letters that are settled. */
  readonly buried?: readonly string[]
}
