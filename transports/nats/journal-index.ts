import type { Address } from '../../runtime/protocol/address.ts'
import type { Origin, Segment } from './journal-segment.ts'

/** Where everything is that counts in the log of one shard, rebuilt by reading it from its beginning. */
export interface JournalIndex {
  /** In the order of their last writes, as are the letters. */
  readonly records: ReadonlyMap<Address, RecordEntry>
  readonly letters: ReadonlyMap<string, IndexEntry>
  /** The segments above the floor, the oldest first, by the sequence of their first message. */
  readonly segments: ReadonlyMap<number, SegmentFacts>
  /** Nothing below it counts. */
  readonly floor: number
  /** The bytes of all segments above the floor. */
  readonly size: number
  /** Those of what counts in them. */
  readonly live: number
  /** Takes the next segment of the log in, which begins at the sequence and has that many bytes. */
  apply(sequence: number, segment: Segment, size: number): void
  /** After a part of the log was read: forgets what lies under the floor, and puts the copies in their places. */
  settle(): void
  /** Lets go of the oldest segment: nothing in it counts. */
  retire(sequence: number): void
}

/** Where something rests. */
export interface IndexEntry {
  /** The first sequence of its segment, and its place there. */
  readonly segment: number
  readonly at: number
  readonly size: number
  /** When it was written, copies aside. */
  readonly origin: Origin
}

/** Where a record rests, and what is asked of it most. */
export interface RecordEntry extends IndexEntry {
  readonly wake: number | null
  readonly until: number | null
}

/** What a segment weighs. */
export interface SegmentFacts {
  readonly size: number
  live: number
}

/** What a message costs beside its payload, and an entry beside its bytes. */
const MESSAGE = 160
const ENTRY = 48

/** Makes an index of nothing. */
export function createJournalIndex(): JournalIndex {
  let records = new Map<Address, RecordEntry>()
  let letters = new Map<string, IndexEntry>()
  const segments = new Map<number, SegmentFacts>()
  let [floor, size, live] = [0, 0, 0]
  let disordered = false

  function weigh({ segment, size }: IndexEntry, sign: 1 | -1): void {
    const facts = segments.get(segment)
    if (!facts) return
    facts.live += sign * size
    live += sign * size
  }

  function put<K, E extends IndexEntry>(entries: Map<K, E>, key: K, entry: E, isCopy: boolean): void {
    const known = entries.get(key)
    if (known) weigh(known, -1)
    // The order of a map's keys is that of their first writes: a copy stays where its original was.
    if (!isCopy) entries.delete(key)
    else if (known?.origin[0] !== entry.origin[0]) disordered = true
    entries.set(key, entry)
    weigh(entry, 1)
  }

  function remove<K>(entries: Map<K, IndexEntry>, key: K): void {
    const known = entries.get(key)
    if (!known) return
    weigh(known, -1)
    entries.delete(key)
  }

  function retire(sequence: number): void {
    const facts = segments.get(sequence)
    if (!facts) return
    segments.delete(sequence)
    size -= facts.size
    live -= facts.live
    const [next] = segments.keys()
    floor = Math.max(floor, next ?? sequence + 1)
  }

  return {
    get records() {
      return records
    },
    get letters() {
      return letters
    },
    segments,
    get floor() {
      return floor
    },
    get size() {
      return size
    },
    get live() {
      return live
    },
    apply(sequence, segment, bytes) {
      segments.set(sequence, { size: bytes + MESSAGE, live: 0 })
      size += bytes + MESSAGE
      floor = Math.max(floor, segment.floor)
      for (const [at, { address, wake, until, bytes, origin }] of segment.records.entries()) {
        const facts = { segment: sequence, at, size: bytes.length + ENTRY, wake, until }
        put(records, address, { ...facts, origin: origin ?? [sequence, at] }, origin !== null)
      }
      for (const address of segment.removed) remove(records, address)
      for (const [at, { id, bytes, origin }] of segment.letters.entries()) {
        const facts = { segment: sequence, at, size: bytes.length + ENTRY }
        put(letters, id, { ...facts, origin: origin ?? [sequence, at] }, origin !== null)
      }
      for (const id of segment.buried) remove(letters, id)
    },
    settle() {
      for (const entries of [records, letters] as Map<string, IndexEntry>[]) {
        for (const [key, { segment }] of entries) if (segment < floor) remove(entries, key)
      }
      for (const sequence of segments.keys()) {
        if (sequence >= floor) break
        retire(sequence)
      }
      if (!disordered) return
      disordered = false
      records = new Map([...records].sort(byOrigin))
      letters = new Map([...letters].sort(byOrigin))
    },
    retire,
  }
}

/** Orders entries, with what they are found by, by when they were written. */
export function byOrigin(a: readonly [unknown, IndexEntry], b: readonly [unknown, IndexEntry]): number {
  return a[1].origin[0] - b[1].origin[0] || a[1].origin[1] - b[1].origin[1]
}
