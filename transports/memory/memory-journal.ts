import type { Journal, ShardJournal } from '../../runtime/ports/journal.ts'
import type { Address } from '../../runtime/protocol/address.ts'
import { TroupeError } from '../../runtime/protocol/errors.ts'
import type { ActorRecord } from '../../runtime/protocol/record.ts'

/**
 * A journal in memory (class D0): it survives its owners, and not its process. Records are copied in and out, as a medium
 * would, so nobody can change what has been committed.
 */
export function memoryJournal(): Journal {
  const shards = new Map<string, MemoryShard>()
  let closed = false

  function assertOpen(): void {
    if (closed) throw new TroupeError('STORAGE', 'the journal is closed', { hint: 'open it before use, close it last' })
  }

  return {
    name: 'memory',
    durability: 'D0',
    async own(shard) {
      assertOpen()
      const state = shards.get(shard) ?? { epoch: 0, records: new Map() }
      shards.set(shard, state)
      state.epoch++
      return ownedShard(shard, state, assertOpen)
    },
    async close() {
      closed = true
    },
  }
}

interface MemoryShard {
  epoch: number
  readonly records: Map<Address, ActorRecord>
}

function ownedShard(shard: string, state: MemoryShard, assertOpen: () => void): ShardJournal {
  const { epoch } = state
  return {
    shard,
    epoch,
    async append({ records, removed }) {
      assertOpen()
      if (state.epoch !== epoch) {
        throw new TroupeError('CONFLICT', `shard ${shard} was taken over: epoch ${epoch} has ended`, {
          where: shard,
          hint: 'drop its actors and read them again after owning it',
        })
      }
      const copies = records.map((record) => structuredClone(record))
      for (const record of copies) {
        // The order of a map's keys is that of their last writes.
        state.records.delete(record.address)
        state.records.set(record.address, record)
      }
      for (const address of removed) state.records.delete(address)
    },
    async read(address) {
      assertOpen()
      const record = state.records.get(address)
      return record ? structuredClone(record) : undefined
    },
    async *records() {
      assertOpen()
      for (const record of [...state.records.values()]) yield structuredClone(record)
    },
  }
}
