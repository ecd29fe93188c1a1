import type { Scheduler } from '../ports/scheduler.ts'
import type { CommitBatch, ShardJournal } from '../ports/journal.ts'
import type { Address } from '../protocol/address.ts'
import { asTroupeError, TroupeError } from '../protocol/errors.ts'
import type { ActorRecord, DeadLetterRecord } from '../protocol/record.ts'
import type { Cell } from './cell.ts'
import type { Leaver } from './leavers.ts'
import { livingCell } from './restart-state.ts'

/**
 * One shard as its owner holds it: what changed since the last append, and what waits for the next one.
 *
 * Actors of the shard run ahead of the journal, in memory. A turn touches its actor; what the turn asks of the world
 * outside the shard is held. One append is in flight at a time. When it is acknowledged, what was held when it was made
 * leaves, in order; whatever gathered meanwhile goes into the next one. So:
 *
 * - no effect is seen before the commit that caused it, nor out of its order;
 * - an append is a consistent cut of the shard: a message between two of its actors is settled at both ends, or at none;
 * - the more there is to write, the more goes into one append.
 *
 * An append that fails loses the shard: nobody knows whether it happened. What was held is refused, the actors are
 * dropped, and only the journal says where they go on (see store.ts).
 */
export interface Shard {
  readonly name: string
  readonly epoch: number
  readonly journal: ShardJournal
  /** Set once the shard is lost; nothing of it is written any more. */
  readonly lost: TroupeError | null
  /** Actors that have ended, and have something to say yet. */
  readonly leavers: Map<Address, Leaver>
  /** How many effects wait until the journal has what caused them. */
  readonly waiting: number
  /** The actor changed and is to be written. */
  touch(cell: Cell): void
  /** The actor is to have no record any more. */
  forget(cell: Cell): void
  /** True while the journal has an older record of the actor than memory, or one too many. */
  isBehind(address: Address): boolean
  /** A read of the journal begins: from now on it is noted what changes. Gives the moment. */
  beginRead(): number
  /** True for an actor that changed in memory since a read began that has not ended: what is read of it is out of date. */
  changedSince(address: Address, moment: number): boolean
  endRead(): void
  addLetter(letter: DeadLetterRecord): void
  bury(letter: string): void
  /** Runs the effect once everything that changed up to now is durable; `refuse` instead, when the shard is lost. */
  hold(effect: () => void, refuse?: (error: TroupeError) => void): void
  /** Resolves when everything that changed up to now is durable. Rejects when the shard is lost. */
  settled(): Promise<void>
  /** As `settled`, with an append even if nothing changed: it resolves only while the shard is still this node's. */
  confirm(): Promise<void>
  /** Waits for the journal no longer: the shard is lost. */
  abandon(error: TroupeError): void
}

/** What a shard needs of its node. */
export interface ShardFacts {
  readonly journal: ShardJournal
  readonly scheduler: Scheduler
  readonly recordOf: (cell: Cell) => ActorRecord
  /** An append failed. */
  readonly lose: (shard: Shard, error: TroupeError) => void
}

interface Held {
  readonly effect: () => void
  readonly refuse: ((error: TroupeError) => void) | undefined
}

// Where one read always follows on another, there must be an end to what is noted.
const MOST_CHANGES = 10_000

/** Makes the shard of a journal that was just owned. */
export function createShard({ journal, scheduler, recordOf, lose }: ShardFacts): Shard {
  let touched = new Map<Address, Cell>()
  let removed = new Set<Address>()
  let letters: DeadLetterRecord[] = []
  let buried: string[] = []
  let held: Held[] = []
  // What leaves with the append in flight.
  let going: Held[] = []
  // When each actor last changed, as a number that counts changes; kept while the journal is read.
  const changes = new Map<Address, number>()
  let moment = 0
  let reads = 0
  // Up to this moment it is forgotten which: then they all count as changed.
  let blurred = 0
  let leaving: CommitBatch | null = null
  let confirming = false
  let writing = false
  let scheduled = false
  let lost: TroupeError | null = null

  function wake(): void {
    if (scheduled || writing || lost) return
    scheduled = true
    // Once the messages at hand have been processed: they share the append.
    scheduler.later(() => {
      scheduled = false
      void write()
    })
  }

  function noteChange(address: Address): void {
    if (reads === 0) return
    if (changes.size >= MOST_CHANGES) {
      blurred = moment
      changes.clear()
    }
    changes.set(address, ++moment)
  }

  function isSettled(): boolean {
    return !writing && touched.size + removed.size + letters.length + buried.length + held.length === 0
  }

  function untilWritten(): Promise<void> {
    return new Promise((resolve, reject) => shard.hold(resolve, reject))
  }

  async function write(): Promise<void> {
    if (writing || lost) return
    writing = true
    while (!lost && touched.size + removed.size + letters.length + buried.length + held.length > 0) {
      going = held
      held = []
      try {
        leaving = take()
        if (leaving) await journal.append(leaving)
      } catch (thrown) {
        fail(asTroupeError(thrown, 'STORAGE'))
      }
      // Given up meanwhile, or failed: who waited was told.
      if (lost) break
      leaving = null
      const acknowledged = going
      going = []
      for (const { effect } of acknowledged) effect()
    }
    writing = false
  }

  function take(): CommitBatch | null {
    if (!confirming && touched.size + removed.size + letters.length + buried.length === 0) return null
    confirming = false
    const batch = { records: [...touched.values()].map(recordOf), removed: [...removed], letters, buried }
    touched = new Map()
    removed = new Set()
    letters = []
    buried = []
    return batch
  }

  function fail(error: TroupeError): void {
    if (lost) return
    lost = error
    const waiting = [...going, ...held]
    going = []
    held = []
    lose(shard, error)
    const told = tellable(error, journal.shard)
    for (const { refuse } of waiting) refuse?.(told)
  }

  const shard: Shard = {
    name: journal.shard,
    epoch: journal.epoch,
    journal,
    leavers: new Map(),
    get lost() {
      return lost
    },
    get waiting() {
      return going.length + held.length
    },
    touch(former) {
      const cell = livingCell(former)
      if (lost || cell.durable?.forgotten) return
      const known = touched.get(cell.address)
      if (known && known.incarnation > cell.incarnation) return
      touched.set(cell.address, cell)
      noteChange(cell.address)
      removed.delete(cell.address)
      wake()
    },
    forget(cell) {
      if (cell.durable) cell.durable.forgotten = true
      const known = touched.get(cell.address)
      // Another life of the address may have begun already.
      if (known && known.incarnation > cell.incarnation) return
      touched.delete(cell.address)
      removed.add(cell.address)
      noteChange(cell.address)
      wake()
    },
    isBehind(address) {
      if (touched.has(address) || removed.has(address)) return true
      if (!leaving) return false
      return leaving.removed.includes(address) || leaving.records.some((record) => record.address === address)
    },
    beginRead() {
      reads++
      return moment
    },
    changedSince: (address, since) => (changes.get(address) ?? blurred) > since,
    endRead() {
      reads--
      if (reads === 0) changes.clear()
    },
    addLetter(letter) {
      letters.push(letter)
      wake()
    },
    bury(letter) {
      buried.push(letter)
      wake()
    },
    hold(effect, refuse) {
      if (lost) {
        refuse?.(tellable(lost, journal.shard))
        return
      }
      held.push({ effect, refuse })
      wake()
    },
    settled: () => (!lost && isSettled() ? Promise.resolve() : untilWritten()),
    confirm() {
      confirming = true
      return untilWritten()
    },
    abandon: fail,
  }
  return shard
}

/** What those learn who wait for a lost shard: unless the medium failed, it is certain that nothing was written. */
export function tellable(error: TroupeError, shard: string): TroupeError {
  if (error.code === 'INVALID_MESSAGE') {
    return new TroupeError('UNAVAILABLE', `nothing of shard ${shard} was written: ${error.message}`, {
      where: shard,
      hint: `send again: its actors come back, all but ${error.where ?? 'the one at fault'}`,
      cause: error,
    })
  }
  if (error.code !== 'CONFLICT') return error
  return new TroupeError('UNAVAILABLE', `shard ${shard} was taken over by another process: nothing was written`, {
    where: shard,
    hint: 'its actors go on there: send again, to that one',
    cause: error,
  })
}
