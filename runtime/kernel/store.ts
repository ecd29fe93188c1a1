import type { Journal } from '../ports/journal.ts'
import type { Scheduler } from '../ports/scheduler.ts'
import { type Address, parseAddress } from '../protocol/address.ts'
import type { DeadLetterRecord } from '../protocol/record.ts'
import { asTroupeError, TroupeError } from '../protocol/errors.ts'
import type { ActorRecord } from '../protocol/record.ts'
import type { Cell } from './cell.ts'
import { recordOf } from './cell-record.ts'
import { isTaken, type Watermark } from './durable-state.ts'
import type { Kernel } from './kernel.ts'
import { dropCell } from './drop.ts'
import { findRoot, readFamily } from './family.ts'
import { restoreFamily } from './restore.ts'
import { watchForRest } from './resting.ts'
import { stopping } from './stopping.ts'
import { replayLetter } from './replay.ts'
import { createShard, type Shard } from './shard.ts'

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
  /** True for a message that its actor took, and which comes again now that the actor has ended. */
  tookBefore(address: Address, from: Address, message: Watermark): Promise<boolean>
  /** Brings back what has something to do by itself, now or at its time. */
  recover(): Promise<void>
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
  /** Gives the shard back, everything written. */
  release(): Promise<void>
}

/** Is given the actor, or why it cannot be reached. */
export type Reached = (cell: Cell | undefined, error?: TroupeError) => void

/** Actors on their way back into memory, and who waits for them. */
interface Arrivals {
  readonly waiting: Map<Address, Reached[]>
  readonly loading: Map<Address, Promise<void>>
}

const SHARD = 'main'
const FIRST_RETRY = 100
const LONGEST_RETRY = 10_000
const FORGET_EVERY = 3_600_000

/** Opens the store of a node: owns its shard. Rejects as `Journal.own` does. */
export async function openStore(kernel: Kernel, journal: Journal, scheduler: Scheduler): Promise<Store> {
  let arrivals: Arrivals = { waiting: new Map(), loading: new Map() }
  let shard = await own()
  let closed = false
  let stopForgetting = (): void => {}
  const stopResting = watchForRest(kernel)

  async function own(): Promise<Shard> {
    return createShard({ journal: await journal.own(kernel.realm, SHARD), scheduler, recordOf, lose })
  }

  function lose(lost: Shard, error: TroupeError): void {
    for (const cell of [...kernel.registry.cells.values()]) {
      if (cell.durable?.shard === lost) dropCell(kernel, cell, error)
    }
    kernel.hub.record({ kind: 'shard', shard: lost.name, epoch: lost.epoch, state: 'lost', error: error.toJSON() })
    if (error.code !== 'CONFLICT') void ownAgain(FIRST_RETRY)
  }

  async function ownAgain(delay: number): Promise<void> {
    await new Promise<void>((resolve) => void kernel.wheel.set(kernel.clock.now() + delay, resolve))
    if (closed) return
    try {
      shard = await own()
      // What is still on its way back comes from before the loss.
      arrivals = { waiting: new Map(), loading: new Map() }
      await recover()
    } catch (thrown) {
      const error = asTroupeError(thrown, 'STORAGE')
      kernel.hub.record({ kind: 'shard', shard: SHARD, epoch: shard.epoch, state: 'lost', error: error.toJSON() })
      if (error.code !== 'CONFLICT') void ownAgain(Math.min(delay * 2, LONGEST_RETRY))
    }
  }

  async function recover(): Promise<void> {
    const { name, epoch } = shard
    await forgetEnded()
    let found = 0
    for await (const { address, wake } of shard.journal.wakes()) {
      found++
      arouse(kernel, store, address, wake)
    }
    kernel.hub.record({ kind: 'shard', shard: name, epoch, state: 'owned', wakes: found })
  }

  // What cannot be forgotten now is forgotten the next time.
  async function forgetEnded(): Promise<void> {
    stopForgetting()
    const now = kernel.clock.now()
    if (!shard.lost) await shard.journal.expire(now).catch(() => {})
    if (!closed) stopForgetting = kernel.clock.alarm(now + FORGET_EVERY, () => void forgetEnded(), { background: true })
  }

  // A record that was read before the shard was lost may be old: it is not taken up by the next one.
  async function bringBack(owned: Shard, { loading }: Arrivals, address: Address): Promise<void> {
    const restore = (records: readonly ActorRecord[]): Promise<void> => {
      if (closed) throw stopping(address)
      if (owned.lost) throw lostShard(address, owned.lost)
      return restoreFamily(kernel, owned, records)
    }
    // One that has just ended, or was just forgotten: what the journal says of it is out of date.
    if (owned.isBehind(address)) await owned.settled()
    const root = await findRoot(owned.journal, address)
    // Nobody else can have brought back what has no family: all that want it wait here.
    if (!root || (!root.parent && Object.keys(root.children).length === 0)) return restore(root ? [root] : [])
    // One at a time for a family: two that read it would bring it back twice.
    let restored = loading.get(root.address)
    if (!restored) {
      restored = readFamily(owned.journal, root.address)
        .then(restore)
        .finally(() => loading.delete(root.address))
      loading.set(root.address, restored)
    }
    await restored
  }

  function answer({ waiting }: Arrivals, address: Address, error?: TroupeError): void {
    const callbacks = waiting.get(address) ?? []
    waiting.delete(address)
    const cell = kernel.registry.cells.get(address)
    for (const then of callbacks) then(cell, cell ? undefined : error)
  }

  const store: Store = {
    get epoch() {
      return shard.epoch
    },
    isHome: (address) => kernel.registry.definitions.get(parseAddress(address).type)?.policies.durability === 'durable',
    shardOf(address) {
      if (shard.lost) throw lostShard(address, shard.lost)
      return shard
    },
    reach(address, then) {
      const cell = kernel.registry.cells.get(address)
      if (cell) return then(cell)
      if (closed) return then(undefined, stopping(address))
      if (shard.lost) return then(undefined, lostShard(address, shard.lost))
      const [owned, among] = [shard, arrivals]
      const others = among.waiting.get(address)
      if (others) return void others.push(then)
      among.waiting.set(address, [then])
      bringBack(owned, among, address).then(
        () => answer(among, address),
        (thrown: unknown) => {
          const error = asTroupeError(thrown, 'STORAGE')
          if (!owned.lost) kernel.hub.record({ kind: 'actor.quarantined', address, error: error.toJSON() })
          answer(among, address, error)
        },
      )
    },
    async tookBefore(address, from, message) {
      const record = await shard.journal.read(address)
      return isTaken(record?.inbox[from], message)
    },
    recover,
    letters: () => shard.journal.letters(),
    replay: (letter) => replayLetter(kernel, store, shard, letter),
    discard(id) {
      shard.bury(id)
      return shard.settled()
    },
    settled: () => shard.settled().catch(() => {}),
    shut() {
      closed = true
      stopResting()
      stopForgetting()
    },
    async release() {
      await store.settled()
      await shard.journal.release()
    },
  }
  return store
}

// Its time may come while it rests: it is brought back for it then.
function arouse(kernel: Kernel, store: Store, address: Address, wake: number): void {
  const nothing = (): void => {}
  if (wake <= kernel.clock.now()) store.reach(address, nothing)
  else kernel.wheel.set(wake, () => store.reach(address, nothing))
}

function lostShard(address: Address, cause: TroupeError): TroupeError {
  return new TroupeError('UNAVAILABLE', `the shard of ${address} is lost: ${cause.message}`, {
    where: address,
    hint: cause.code === 'CONFLICT' ? 'another process owns it now: talk to that one' : 'it is being recovered',
    cause,
  })
}
