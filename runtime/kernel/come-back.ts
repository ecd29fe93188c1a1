import type { Address } from '../protocol/address.ts'
import type { Ended } from './ended-actors.ts'
import type { Kernel } from './kernel.ts'

/**
 * Brings an actor of this node's shard back into memory, if it has a record. Resolves to how it ended, when it has. Memory
 * keeps few of those, and any number may come back at once: call `registry.recall` with it before it is looked up.
 */
export async function comeBack({ store, registry }: Kernel, address: Address): Promise<Ended | undefined> {
  if (!store?.isHome(address)) return undefined
  return new Promise((resolve, reject) => {
    store.reach(address, (cell, error) => {
      if (error) reject(error)
      else resolve(cell ? undefined : registry.ended(address))
    })
  })
}
