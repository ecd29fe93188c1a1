import type { Journal, OwnOptions } from '../ports/journal.ts'
import type { Scheduler } from '../ports/scheduler.ts'
import { type Address, parseAddress } from '../protocol/address.ts'
import { asTroupeError, TroupeError } from '../protocol/errors.ts'
import type { DeadLetterRecord } from '../protocol/record.ts'
import { createAlarmBook } from './alarm-book.ts'
import { type Arrivals, createArrivals, type Reached } from './arrivals.ts'
import { recordOf } from './cell-record.ts'
import { dropCell } from './drop.ts'
import { isTaken, type Watermark } from './durable-state.ts'
import type { Kernel } from './kernel.ts'
import { replayLetter } from './replay.ts'
import { watchForRest } from './resting.ts'
import { createShard, type Shard, tellable } from './shard.ts'
import { stopping } from './stopping.ts'

/**
 * The durable actors of a node: the shard that it owns, and the way from an address to a cell.
 *
 * A durable actor is active (it has a cell) or at rest (it has only its record). Whoever wants it reaches for it: the
 * record is read, its family is brought back together, and what waited for it goes on in the order it came.
 *
 * When an append fails, the shard is lost. Its cells are dropped without a word: what they were is in doubt. The store owns
 * the shard again, and what has something to do by itself is brought back from the journal; when another process has
 * taken the shard over, it leaves it there.
 */
export interface Store {
  /** Of the shard; counts its owners. */
  readonly epoch: number
  /** True for an actor whose record is, or would be, in a shard of this node. */
  isHome(address: Address): boolean
  /** The shard of an address. Throws UNAVAILABLE while it is lost. */
  shardOf(address: Address): Shard
  /** Calls back with the actor, brought back if need be: at once, when it is active. Undefined when there is none. */
  reach(address: Address, then: Reached): void
  /** An actor has begun: who reaches for it already goes before anybody who does so from now on. */
  began(address: Address): void
  /**
   * True for a message that its actor took, and which comes again now that the actor has ended. Rejects with UNAVAILABLE when
   * the shard is another's by now: then only that one knows.
   */
  tookBefore(address: Address, from: Address, message: Watermark): Promise<boolean>
  /** Brings back what has something to do by itself, now or at its time. */
  recover(): Promise<void>
  /** Does so again before long: another type is hosted by now. */
  recoverSoon(): void
  /** The actor has left memory, and has to be back at the time. */
  restUntil(address: Address, due: number): void
  /** The dead letters that are kept, the oldest first. */
  letters(): AsyncIterable<DeadLetterRecord>
  /** Sends a dead letter to its actor again. Resolves when what came of it is durable; then it is a letter no more. */
  replay(letter: DeadLetterRecord): Promise<void>
  /** Drops a dead letter. */
  discard(id: string): Promise<void>
  /** Resolves when everything is durable. Does not reject. */
  settled(): Promise<void>
  /** Nobody is brought back any more. */
  shut(): void
  /** The journal did not do something in time, and is not waited for any more. */
  abandon(what: string): void
  /** Gives the shard back, everything written. */
  release(): Promise<void>
}

const SHARD = 'main'
const FIRST_RETRY = 100
const LONGEST_RETRY = 10_000
// How many overdue actors are brought back before the next are: their records are read together.
const AT_ONCE = 128
const FORGET_EVERY = 3_600_000

/** What a store is opened with. */
export interface StoreFacts {
  readonly journal: Journal
  readonly scheduler: Scheduler
  /** Which actors with something to do are brought back without being asked for. */
  readonly wake: 'all' | 'asked'
}

/** Opens the store of a node: owns its shard. Rejects as `Journal.own` does. */
export async function openStore(kernel: Kernel, { journal, scheduler, wake }: StoreFacts): Promise<Store> {
  const nothing = (): void => {}
  const alarms = createAlarmBook(kernel, (address) => void arouse(address))
  const unwritable = new Map<string, TroupeError>()
  let shard = await own()
  let arrivals = arrivalsOf(shard)
  // Set once somebody else owns what this node has lost.
  let rival: TroupeError | null = null
  // Who was active when the shard was lost, and whose time came since: they come back even where others wait to be asked for.
  const interrupted = new Set<Address>()
  const missed = new Set<Address>()
  let closed = false
  let stopForgetting = nothing
  const stopResting = watchForRest(kernel)

  async function own(options?: OwnOptions): Promise<Shard> {
    return createShard({ journal: await journal.own(kernel.realm, SHARD, options), scheduler, recordOf, lose })
  }

  function arrivalsOf(owned: Shard): Arrivals {
    const barred = (address: Address): TroupeError | null => {
      if (closed) return stopping(address)
      return owned.lost ? lostShard(address, rival ?? owned.lost) : (unwritable.get(address) ?? null)
    }
    return createArrivals(kernel, owned, { scheduler, barred })
  }

  function lose(lost: Shard, error: TroupeError): void {
    for (const cell of [...kernel.registry.cells.values()]) {
      if (cell.durable?.shard !== lost) continue
      interrupted.add(cell.address)
      dropCell(kernel, cell, tellable(error, lost.name))
    }
    kernel.hub.record({ kind: 'shard', shard: lost.name, epoch: lost.epoch, state: 'lost', error: error.toJSON() })
    // What cannot be written down must not take the others along again: it stays as it was, until another process.
    if (error.code === 'INVALID_MESSAGE' && error.where) unwritable.set(error.where, error)
    if (error.code !== 'CONFLICT') retry(FIRST_RETRY, ownAgain)
  }

  async function ownAgain(): Promise<void> {
    if (!shard.lost) return
    const owned = await own({ after: shard.epoch })
    if (closed) return owned.journal.release()
    shard = owned
    arrivals = arrivalsOf(shard)
    retry(0, recover)
  }

  // What fails for good is left to who owns the shard now; anything else may heal.
  function retry(delay: number, work: () => Promise<void>): void {
    kernel.wheel.set(kernel.clock.now() + delay, () => {
      if (closed) return
      work().catch((thrown: unknown) => {
        const error = asTroupeError(thrown, 'STORAGE')
        const { name, epoch } = shard
        kernel.hub.record({ kind: 'shard', shard: name, epoch, state: 'lost', error: error.toJSON() })
        if (error.code === 'CONFLICT') rival = error
        else retry(Math.min(Math.max(delay, FIRST_RETRY) * 2, LONGEST_RETRY), work)
      })
    })
  }

  async function recover(): Promise<void> {
    const { name, epoch, journal: owned } = shard
    await forgetEnded()
    const now = kernel.clock.now()
    let found = 0
    let overdue: Address[] = []
    const isAnyDue = wake === 'all' || interrupted.size > 0
    for await (const { address, wake: due } of isAnyDue ? owned.wakes() : []) {
      if (wake === 'asked' && !interrupted.has(address)) continue
      found++
      if (due > now) alarms.note(address, due)
      else if (overdue.push(address) === AT_ONCE) {
        await Promise.all(overdue.map(arouse))
        overdue = []
      }
    }
    await Promise.all(overdue.map(arouse))
    // Lost again meanwhile: then all of it is to be done again.
    if (shard.lost || shard.journal !== owned) return
    interrupted.clear()
    const late = [...missed]
    missed.clear()
    for (const address of late) void arouse(address)
    kernel.hub.record({ kind: 'shard', shard: name, epoch, state: 'owned', wakes: found })
  }

  // A record that cannot be read now is tried again: nobody may ever ask for the actor.
  function arouse(address: Address): Promise<void> {
    return new Promise((resolve) => {
      store.reach(address, (_, error) => {
        resolve()
        if (!error?.retryable || closed) return
        if (shard.lost) missed.add(address)
        else alarms.note(address, kernel.clock.now() + LONGEST_RETRY)
      })
    })
  }

  // What cannot be forgotten now is forgotten the next time.
  async function forgetEnded(): Promise<void> {
    stopForgetting()
    const now = kernel.clock.now()
    if (!shard.lost) await shard.journal.expire(now).catch(nothing)
    if (!closed) stopForgetting = kernel.clock.alarm(now + FORGET_EVERY, () => void forgetEnded(), { background: true })
  }

  const store: Store = {
    get epoch() {
      return shard.epoch
    },
    isHome: (address) => kernel.registry.definitions.get(parseAddress(address).type)?.policies.durability === 'durable',
    shardOf(address) {
      if (shard.lost) throw lostShard(address, rival ?? shard.lost)
      return shard
    },
    reach(address, then) {
      const cell = kernel.registry.cells.get(address)
      if (cell) return then(cell)
      if (closed) return then(undefined, stopping(address))
      if (shard.lost) return then(undefined, lostShard(address, rival ?? shard.lost))
      alarms.strike(address)
      arrivals.await(address, then)
    },
    began: (address) => arrivals.began(address),
    async tookBefore(address, from, message) {
      const owned = shard
      await owned.confirm().catch((cause: unknown) => {
        throw lostShard(address, asTroupeError(cause))
      })
      const record = await owned.journal.read(address)
      return isTaken(record?.inbox[from], message)
    },
    recover,
    recoverSoon: () => retry(0, recover),
    restUntil: alarms.note,
    letters: () => shard.journal.letters(),
    replay: (letter) => replayLetter(kernel, store, shard, letter),
    discard(id) {
      shard.bury(id)
      return shard.settled()
    },
    settled: () => shard.settled().catch(nothing),
    shut() {
      closed = true
      stopResting()
      stopForgetting()
    },
    abandon(what) {
      const { name, epoch } = shard
      const error = new TroupeError('STORAGE', `the journal did not ${what} before the runtime had to stop`, {
        where: name,
        hint: 'what it did not acknowledge may be written or not: look whether its medium answers',
      })
      if (shard.lost) kernel.hub.record({ kind: 'shard', shard: name, epoch, state: 'lost', error: error.toJSON() })
      else shard.abandon(error)
    },
    async release() {
      await store.settled()
      await shard.journal.release()
    },
  }
  return store
}

/** What those learn who want an actor of a shard that was lost. */
export function lostShard(address: Address, cause: TroupeError): TroupeError {
  return new TroupeError('UNAVAILABLE', `the shard of ${address} is lost: ${cause.message}`, {
    where: address,
    hint: cause.code === 'CONFLICT' ? 'another process owns it now: talk to that one' : 'it is being recovered',
    cause,
  })
}
