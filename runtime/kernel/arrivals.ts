import type { Address } from '../protocol/address.ts'
import { asTroupeError, type TroupeError } from '../protocol/errors.ts'
import type { ActorRecord } from '../protocol/record.ts'
import type { Cell } from './cell.ts'
import { findRoot, readFamily } from './family.ts'
import type { Kernel } from './kernel.ts'
import { restoreFamily } from './restore.ts'
import type { Shard } from './shard.ts'

/**
 * Durable actors on their way back into memory. Their records are read once, however many wait for them, and who waits
 * goes on in the order it came. When the shard is lost, so are they: what was read of it may be old.
 */
export interface Arrivals {
  /** Calls back with the actor once its family is back; undefined when it has no record. */
  await(address: Address, then: Reached): void
}

/** Is given the actor, or why it cannot be reached. */
export type Reached = (cell: Cell | undefined, error?: TroupeError) => void

/** Makes the arrivals of a shard. `barred` says why nobody may come back any more. */
export function createArrivals(
  kernel: Kernel,
  shard: Shard,
  barred: (address: Address) => TroupeError | null,
): Arrivals {
  const { journal } = shard
  const waiting = new Map<Address, Reached[]>()
  const families = new Map<Address, Promise<void>>()

  async function bringBack(address: Address): Promise<void> {
    while (isBehind(address)) await shard.settled()
    const leaver = shard.leavers.get(address)
    if (leaver) return kernel.registry.recall(leaver.ended)
    const moment = shard.beginRead()
    try {
      const root = await findRoot(journal, address)
      if (isOutdated(root?.address ?? address, moment)) return await bringBack(address)
      if (!root) return
      // Nobody else can have brought back what has no family: all that want it wait here.
      if (root.ended || (!root.parent && Object.keys(root.children).length === 0)) return restore([root])
      // One at a time for a family: two that read it would bring it back twice.
      let family = families.get(root.address)
      if (!family) {
        family = bringBackFamily(root.address).finally(() => families.delete(root.address))
        families.set(root.address, family)
      }
      await family
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
      bringBack(address).then(
        () => answer(address),
        (thrown: unknown) => answer(address, thrown),
      )
    },
  }
}
