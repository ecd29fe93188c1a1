import type { JournalIndex } from './journal-index.ts'
import type { JournalLog } from './journal-log.ts'
import type { JournalReader } from './journal-reader.ts'
import type { Segment } from './journal-segment.ts'

/** Keeps the log of a shard in proportion to what lives in it. */
export interface JournalCompaction {
  /** Something was appended, which says this floor. */
  appended(floor: number): void
  /** Resolves when it is not at work. */
  idle(): Promise<void>
}

/** What a compaction works with. */
export interface CompactionFacts {
  readonly log: JournalLog
  readonly subject: string
  readonly index: JournalIndex
  readonly reader: JournalReader
  /** Appends what is made of the index in its turn among the appends; nothing, where that is empty. */
  readonly write: (make: () => Copies) => Promise<void>
}

/** What is written once more. */
export type Copies = Pick<Segment, 'records' | 'letters'>

/** A log may have this much in it that does not count, and else as much as counts. */
const SLACK = 4 << 20
/** How much is copied at a time: a commit waits for one such append at most. */
const STEP = 256 << 10
const SEGMENTS_AT_ONCE = 64
/** How much goes before the servers are asked to take it out. */
const PURGE_EVERY = 1 << 20

/**
 * The oldest segments go first: what counts in them is appended once more, then nothing in them counts. Of a log that is
 * half full of what counts, each byte is copied about once. A segment is taken out of the stream only after an append that
 * says so is acknowledged: whoever reads meanwhile knows by its floor what not to believe.
 */
export function createJournalCompaction(facts: CompactionFacts): JournalCompaction {
  const { log, subject, index, reader, write } = facts
  let running: Promise<void> | null = null
  let retired = 0
  let purged = 0
  let purging: Promise<void> | null = null

  function isDue(): boolean {
    return index.size > Math.max(SLACK, index.live) + index.live && index.segments.size > 1
  }

  /** Lets go of the oldest segments in which nothing counts; never of the newest, which has the epoch. */
  function retireDead(): void {
    for (const [sequence, { live, size }] of index.segments) {
      if (live > 0 || index.segments.size === 1 || !isDue()) return
      index.retire(sequence)
      retired += size
    }
  }

  async function run(): Promise<void> {
    const held = new Map<number, Segment>()
    for (retireDead(); isDue(); retireDead()) {
      const oldest: number[] = []
      let bytes = 0
      for (const [sequence, { live }] of index.segments) {
        if (bytes >= STEP || oldest.length >= SEGMENTS_AT_ONCE || oldest.length + 1 >= index.segments.size) break
        oldest.push(sequence)
        bytes += live
      }
      for (const sequence of held.keys()) if (!oldest.includes(sequence)) held.delete(sequence)
      await Promise.all(
        oldest.map(async (sequence) => {
          const segment = held.get(sequence) ?? (await reader.segment(sequence))
          if (segment) held.set(sequence, segment)
        }),
      )
      const [first] = oldest
      // Without the oldest there is no way on: the next append tries again.
      if (first === undefined || !held.has(first)) return
      await write(() => copiesOf(index, held))
    }
  }

  function purge(floor: number): void {
    if (purging || retired < PURGE_EVERY || floor <= purged) return
    retired = 0
    purging = log.purge(subject, floor).then(
      () => {
        purged = floor
        purging = null
      },
      () => {
        // It stays until the next time.
        purging = null
      },
    )
  }

  return {
    appended(floor) {
      purge(floor)
      if (running || !isDue()) return
      // The appends say themselves why they failed.
      running = run()
        .catch(() => {})
        .finally(() => {
          running = null
        })
    },
    async idle() {
      await running
      await purging
    },
  }
}

/** What counts of some segments, as much as one step may have. */
function copiesOf(index: JournalIndex, segments: ReadonlyMap<number, Segment>): Copies {
  const copies = { records: [] as Segment['records'][number][], letters: [] as Segment['letters'][number][] }
  let bytes = 0
  for (const [sequence, { records, letters }] of [...segments].sort(([a], [b]) => a - b)) {
    for (const [at, record] of records.entries()) {
      const entry = index.records.get(record.address)
      if (bytes >= STEP) return copies
      if (entry?.segment !== sequence || entry.at !== at) continue
      bytes += entry.size
      copies.records.push({ ...record, origin: entry.origin })
    }
    for (const [at, letter] of letters.entries()) {
      const entry = index.letters.get(letter.id)
      if (bytes >= STEP) return copies
      if (entry?.segment !== sequence || entry.at !== at) continue
      bytes += entry.size
      copies.letters.push({ ...letter, origin: entry.origin })
    }
  }
  return copies
}
