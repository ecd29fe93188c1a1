import type { Address } from '../protocol/address.ts'
import type { Cell } from './cell.ts'
import type { Ended } from './ended-actors.ts'
import type { Kernel } from './kernel.ts'

/** What there is at an address: an actor, how one ended, or nothing. */
export interface Found {
  readonly cell?: Cell | undefined
  readonly ended?: Ended | undefined
}

/** Brings an actor of this node's shard back into memory, if it has a record, and finds how it ended, when it has. */
export async function findBack({ store, registry }: Kernel, address: Address): Promise<Found> {
  if (!store?.isHome(address)) return {}
  return new Promise((resolve, reject) => {
    store.reach(address, (cell, error) => {
      if (error) reject(error)
      else resolve(cell ? { cell } : { ended: registry.ended(address) })
    })
  })
}

/**
 * Brings an actor of this node's shard back into memory, if it has a record. Resolves to how it ended, when it has. Memory
 * keeps few of those, and any number may come back at once: call `registry.recall` with it before it is looked up.
 */
export async function comeBack(kernel: Kernel, address: Address): Promise<Ended | undefined> {
  return (await findBack(kernel, address)).ended
}
