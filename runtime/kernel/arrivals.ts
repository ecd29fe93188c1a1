import type { Reading } from '../ports/journal.ts'
import type { Scheduler } from '../ports/scheduler.ts'
import type { Address } from '../protocol/address.ts'
import { asTroupeError, type TroupeError } from '../protocol/errors.ts'
import type { ActorRecord } from '../protocol/record.ts'
import type { Cell } from './cell.ts'
import { findRoot, readFamily } from './family.ts'
import type { Kernel } from './kernel.ts'
import { restoreFamily } from './restore.ts'
import type { Shard } from './shard.ts'

/**
 * Durable actors on their way back into memory. Their records are read once, however many wait for them, and together
 * with those of all that were asked for in the same turn of the event loop. Who waits goes on in the order it came. When
 * the shard is lost, so are they: what was read of it may be old.
 */
export interface Arrivals {
  /** Calls back with the actor once its family is back; undefined when it has no record. */
  await(address: Address, then: Reached): void
  /** The actor has begun meanwhile: what waits for it goes before anything that is sent from now on. */
  began(address: Address): void
}

/** Is given the actor, or why it cannot be reached. */
export type Reached = (cell: Cell | undefined, error?: TroupeError) => void

/** What arrivals need of their store. */
export interface ArrivalFacts {
  readonly scheduler: Scheduler
  /** Says why nobody may come back any more. */
  readonly barred: (address: Address) => TroupeError | null
}

// How many records are read at once: what comes back of them makes room before the next are read.
const MOST_AT_ONCE = 128

/** Makes the arrivals of a shard. */
export function createArrivals(kernel: Kernel, shard: Shard, { scheduler, barred }: ArrivalFacts): Arrivals {
  const { journal } = shard
  const waiting = new Map<Address, Reached[]>()
  const families = new Map<Address, Promise<void>>()
  // Whose records are to be read with the next ones.
  const asked = new Set<Address>()

  function ask(address: Address): void {
    if (asked.size === 0) scheduler.soon(() => void readAsked())
    asked.add(address)
  }

  async function readAsked(): Promise<void> {
    const addresses = [...asked]
    asked.clear()
    for (let from = 0; from < addresses.length; from += MOST_AT_ONCE) {
      await bringBack(addresses.slice(from, from + MOST_AT_ONCE).filter(isToBeRead))
    }
  }

  function isToBeRead(address: Address): boolean {
    if (!waiting.has(address)) return false
    if (isBehind(address)) {
      shard.settled().then(
        () => ask(address),
        (thrown: unknown) => answer(address, thrown),
      )
      return false
    }
    const leaver = shard.leavers.get(address)
    if (!leaver) return true
    kernel.registry.recall(leaver.ended)
    answer(address)
    return false
  }

  async function bringBack(addresses: readonly Address[]): Promise<void> {
    if (addresses.length === 0) return
    const moment = shard.beginRead()
    try {
      const readings = await journal.readEach(addresses)
      for (const [at, address] of addresses.entries()) takeUp(address, readings[at] as Reading, moment)
    } catch (thrown) {
      for (const address of addresses) answer(address, thrown)
    } finally {
      shard.endRead()
    }
  }

  function takeUp(address: Address, { record, error }: Reading, moment: number): void {
    // It came back with its family.
    if (!waiting.has(address)) return
    if (error) return answer(address, error)
    // Nobody else can have brought back what has no family: all that want it wait here.
    const isAlone = !record || record.ended || (!record.parent && Object.keys(record.children).length === 0)
    if (!isAlone) return bringBackKin(record, moment)
    if (isOutdated(address, moment)) return ask(address)
    if (!record) return answer(address)
    try {
      restore([record])
    } catch (thrown) {
      answer(address, thrown)
    }
  }

  function bringBackKin(record: ActorRecord, moment: number): void {
    const { address } = record
    withFamily(record, moment).then(
      (isBack) => (isBack ? answer(address) : ask(address)),
      (thrown: unknown) => answer(address, thrown),
    )
  }

  /** Resolves to false when what was read of the actor, or of its family's head, is out of date. */
  async function withFamily(record: ActorRecord, moment: number): Promise<boolean> {
    // Goes on with the read that found the record: what has changed since then counts.
    shard.beginRead()
    try {
      const root = await findRoot(journal, record)
      if (isOutdated(root.address, moment)) return false
      if (root.ended || (!root.parent && Object.keys(root.children).length === 0)) {
        restore([root])
        return true
      }
      // One at a time for a family: two that read it would bring it back twice.
      let family = families.get(root.address)
      if (!family) {
        family = bringBackFamily(root.address).finally(() => families.delete(root.address))
        families.set(root.address, family)
      }
      await family
      return true
    } finally {
      shard.endRead()
    }
  }

  async function bringBackFamily(root: Address): Promise<void> {
    while (isBehind(root)) await shard.settled()
    const moment = shard.beginRead()
    try {
      const records = await readFamily(journal, root)
      if (isOutdated(root, moment)) return await bringBackFamily(root)
      restore(records)
    } finally {
      shard.endRead()
    }
  }

  // One that has just ended, or was just forgotten: what the journal says of it is out of date.
  function isBehind(address: Address): boolean {
    return shard.isBehind(address) && !kernel.registry.cells.has(address)
  }

  // It came back by another way while it was read, and has left memory again.
  function isOutdated(root: Address, moment: number): boolean {
    return shard.changedSince(root, moment) && !kernel.registry.cells.has(root)
  }

  function restore(records: readonly ActorRecord[]): void {
    for (const { address } of records) {
      const bar = barred(address)
      if (bar) throw bar
    }
    restoreFamily(kernel, shard, records)
    // Before anything else can be sent to them: they would take it before what has waited.
    for (const { address } of records) answer(address)
  }

  function answer(address: Address, thrown?: unknown): void {
    const callbacks = waiting.get(address) ?? []
    waiting.delete(address)
    const bar = barred(address)
    // One that the next owner brought back meanwhile is not for those who waited here: others may have gone first.
    const cell = bar ? undefined : kernel.registry.cells.get(address)
    const error = bar ?? (cell || thrown === undefined ? undefined : asTroupeError(thrown, 'STORAGE'))
    if (error && !shard.lost) kernel.hub.record({ kind: 'actor.quarantined', address, error: error.toJSON() })
    for (const then of callbacks) then(cell, error)
  }

  return {
    await(address, then) {
      const others = waiting.get(address)
      if (others) return void others.push(then)
      waiting.set(address, [then])
      ask(address)
    },
    began(address) {
      if (waiting.has(address)) answer(address)
    },
  }
}
