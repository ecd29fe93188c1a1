import type { Address } from '../protocol/address.ts'
import type { TroupeError } from '../protocol/errors.ts'
import type { OutboxRecord, TaskRecord } from '../protocol/record.ts'
import type { Cell } from './cell.ts'
import type { Shard } from './shard.ts'

/** What a durable actor has beside its cell. It is written down with the cell whenever that changes. */
export interface DurableState {
  readonly shard: Shard
  readonly input: unknown
  /** Messages to durable actors that these have not done with, by their seq, in that order. */
  readonly outbox: Map<number, OutboxRecord>
  /** The last message taken of each sender on another shard, the longest unheard of first. */
  readonly inbox: Map<Address, Watermark>
  /** Messages of such senders that stand in its mailbox: one that comes again meanwhile waits for the first. */
  readonly arriving: Map<string, Promise<void>>
  /** Leaf work under way. */
  readonly tasks: Map<string, TaskRecord>
  /** Children that have ended, and have something to say yet. */
  leavers: Set<Address> | null
  /** Whose it was, when that did not come back with it. */
  formerParent: Address | null
  ended: { readonly at: number; readonly until: number } | null
  /** Set once it has ended and nobody will ask what came of it. */
  unwanted: boolean
  /** The later life of its address that has taken its outbox over. */
  successor: Cell | null
  /** Set once its record is removed: it is not written again. */
  forgotten: boolean
  /** Set once its cell was taken out of memory: why. */
  dropped: TroupeError | null
  /** Receivers whose mailboxes were full, and the first message they refused: it and what follows waits, in its order. */
  blocked: Map<Address, number> | null
  /** How long it waited, in milliseconds, before it last tried those again that have taken nothing since. */
  delays: Map<Address, number> | null
  /** When it last took a message, in milliseconds since 1970. */
  usedAt: number
}

/** How far the messages of a sender have been taken. */
export interface Watermark {
  /** The sender's incarnation. */
  readonly epoch: number
  readonly seq: number
}

// A sender that was silent for so many others has nothing left to send again.
const SENDERS = 4_096

/** The durable state of an actor that begins. */
export function createDurableState(shard: Shard, input: unknown, now: number): DurableState {
  return {
    shard,
    input,
    outbox: new Map(),
    inbox: new Map(),
    arriving: new Map(),
    tasks: new Map(),
    leavers: null,
    formerParent: null,
    ended: null,
    unwanted: false,
    successor: null,
    forgotten: false,
    dropped: null,
    blocked: null,
    delays: null,
    usedAt: now,
  }
}

/** True for a message that has been taken before. */
export function isSeen({ inbox }: DurableState, from: Address, message: Watermark): boolean {
  return isTaken(inbox.get(from), message)
}

/** True for a message up to which, or further, those of its sender have been taken. */
export function isTaken(last: Watermark | undefined, { epoch, seq }: Watermark): boolean {
  return last !== undefined && (epoch < last.epoch || (epoch === last.epoch && seq <= last.seq))
}

/** Remembers that a message was taken. */
export function markSeen({ inbox }: DurableState, from: Address, watermark: Watermark): void {
  inbox.delete(from)
  inbox.set(from, watermark)
  if (inbox.size <= SENDERS) return
  for (const oldest of inbox.keys()) {
    inbox.delete(oldest)
    return
  }
}
