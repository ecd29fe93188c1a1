import type { Journal, JournalView, ShardJournal } from '../../runtime/ports/journal.ts'
import { type Address, parseAddress } from '../../runtime/protocol/address.ts'
import { TroupeError } from '../../runtime/protocol/errors.ts'
import { decodeLetter, decodeRecord, encodeBatch } from '../../runtime/protocol/record-codec.ts'

/** How many dead letters a shard keeps: the oldest make room. */
const MOST_LETTERS = 10_000

/**
 * A journal in memory (class D0): it survives its owners, and not its process. Records rest as bytes, as on any medium, so
 * nobody can change what has been committed, and what could not be written down elsewhere is refused here too. Whoever owns
 * a shard of it takes it over, as on a medium that knows nothing of processes.
 */
export function memoryJournal(): Journal {
  const medium: Medium = { realm: null, shards: new Map(), writes: 0, closed: false }
  return {
    name: 'memory',
    durability: 'D0',
    async own(realm, shard, { after } = {}) {
      assertOpen(medium)
      assertRealm(medium, realm)
      medium.realm = realm
      const state = medium.shards.get(shard) ?? { name: shard, epoch: 0, records: new Map(), letters: new Map() }
      if (after !== undefined && state.epoch !== after) throw takenOver(shard, after)
      medium.shards.set(shard, state)
      state.epoch++
      return ownedShard(medium, state)
    },
    async view(realm) {
      assertOpen(medium)
      assertRealm(medium, realm)
      return viewOf(medium, () => [...medium.shards.values()])
    },
    async close() {
      medium.closed = true
    },
  }
}

interface Medium {
  /** The realm it belongs to: that of its first owner. */
  realm: string | null
  readonly shards: Map<string, MemoryShard>
  /** Counts what was written, in all shards. */
  writes: number
  closed: boolean
}

interface MemoryShard {
  readonly name: string
  epoch: number
  readonly records: Map<Address, Resting & Facts>
  readonly letters: Map<string, Resting>
}

interface Resting {
  readonly bytes: Uint8Array
  /** Its place among all that was written. */
  readonly turn: number
}

interface Facts {
  readonly wake: number | null
  readonly until: number | null
}

function ownedShard(medium: Medium, state: MemoryShard): ShardJournal {
  const { name, epoch, records, letters } = state

  function assertOwned(): void {
    assertOpen(medium)
    if (state.epoch === epoch) return
    throw takenOver(name, epoch)
  }

  return {
    shard: name,
    epoch,
    async readEach(addresses) {
      assertOpen(medium)
      return addresses.map((address) => {
        const found = records.get(address)
        return { record: found && decodeRecord(address, found.bytes), error: null }
      })
    },
    async append(batch) {
      assertOwned()
      const written = encodeBatch(batch)
      for (const { address, bytes, ...facts } of written.records) {
        records.set(address, { ...facts, ...resting(medium, bytes) })
      }
      for (const address of batch.removed) records.delete(address)
      for (const { id, bytes } of written.letters) {
        // The order of a map's keys is that of their first writes.
        letters.delete(id)
        letters.set(id, resting(medium, bytes))
      }
      for (const id of batch.buried ?? []) letters.delete(id)
      for (const id of letters.keys()) {
        if (letters.size <= MOST_LETTERS) break
        letters.delete(id)
      }
    },
    async *wakes() {
      assertOpen(medium)
      for (const [address, { wake, until }] of [...records]) {
        if (wake !== null && until === null) yield { address, wake }
      }
    },
    async release() {
      // Nobody has the next epoch until somebody owns it.
      if (state.epoch === epoch) state.epoch++
    },
    async expire(now) {
      assertOwned()
      const passed = [...records].filter(([, { until }]) => until !== null && until <= now)
      for (const [address] of passed) records.delete(address)
      return passed.length
    },
    ...viewOf(medium, () => [state]),
  }
}

function viewOf(medium: Medium, shards: () => readonly MemoryShard[]): JournalView {
  return {
    async read(address) {
      assertOpen(medium)
      const found = shards().flatMap(({ records }) => records.get(address) ?? [])
      const newest = found.sort(inOrder).at(-1)
      return newest && decodeRecord(address, newest.bytes)
    },
    async *records(type) {
      assertOpen(medium)
      const all = shards().flatMap(({ records }) => [...records].map(([address, record]) => ({ address, ...record })))
      for (const { address, bytes } of all.sort(inOrder)) {
        if (type === undefined || parseAddress(address).type === type) yield decodeRecord(address, bytes)
      }
    },
    async *letters() {
      assertOpen(medium)
      const all = shards().flatMap(({ letters }) => [...letters].map(([id, letter]) => ({ id, ...letter })))
      for (const { id, bytes } of all.sort(inOrder)) yield decodeLetter(id, bytes)
    },
  }
}

function resting(medium: Medium, bytes: Uint8Array): Resting {
  // The codec's bytes are a part of a larger whole, which this one would keep alive.
  return { bytes: new Uint8Array(bytes), turn: medium.writes++ }
}

function inOrder(a: Resting, b: Resting): number {
  return a.turn - b.turn
}

function assertOpen({ closed }: Medium): void {
  if (closed) throw new TroupeError('STORAGE', 'the journal is closed', { hint: 'open it before use, close it last' })
}

function takenOver(shard: string, epoch: number): TroupeError {
  return new TroupeError('CONFLICT', `shard ${shard} was taken over: epoch ${epoch} has ended`, {
    where: shard,
    hint: 'drop its actors and read them again after owning it',
  })
}

function assertRealm(medium: Medium, realm: string): void {
  if (medium.realm === null || medium.realm === realm) return
  throw new TroupeError('INCOMPATIBLE', `the journal belongs to realm '${medium.realm}', not '${realm}'`, {
    where: realm,
    hint: 'give each realm a journal of its own',
  })
}
