import { asTroupeError, TroupeError } from '../../runtime/protocol/errors.ts'
import type { IndexEntry } from './journal-index.ts'
import type { JournalLog } from './journal-log.ts'
import type { Segment } from './journal-segment.ts'

/** Reads what an index points at. Segments that were read lately are kept, as many bytes as it may. */
export interface JournalReader {
  /** What each is, in their order. One that cannot be read says so in its place. */
  read<T>(wanted: readonly Wanted<T>[]): Promise<readonly Found<T>[]>
  /** A segment; undefined when it is there no more. */
  segment(sequence: number): Promise<Segment | undefined>
}

/** Something to read. */
export interface Wanted<T> {
  /** Where it is now; undefined when it was removed. */
  readonly find: () => IndexEntry | undefined
  readonly take: (segment: Segment, at: number) => T
  /** What it is called in an error. */
  readonly name: string
}

/** What was read. */
export interface Found<T> {
  readonly value: T | undefined
  readonly error: TroupeError | null
}

const CACHE_BYTES = 16 << 20
/** How many are read together, and how many bytes of them. */
const GROUP = 128
const GROUP_BYTES = 4 << 20
/** How often something may have moved between the look at the index and the read. */
const TRIES = 5

/** Makes the reader of a log. `refresh` brings its index up to date, where another writes the log. */
export function createJournalReader(log: JournalLog, refresh: () => Promise<void>): JournalReader {
  const cache = new Map<number, { readonly segment: Promise<Segment | undefined>; bytes: number }>()
  let cached = 0

  function segment(sequence: number): Promise<Segment | undefined> {
    const known = cache.get(sequence)
    // The order of the keys is that of the last uses.
    cache.delete(sequence)
    const entry = known ?? { segment: log.segment(sequence), bytes: 0 }
    cache.set(sequence, entry)
    if (!known) void entry.segment.then(kept, () => drop(sequence))
    return entry.segment

    function kept(found: Segment | undefined): void {
      // Others may have needed its room meanwhile.
      if (cache.get(sequence) !== entry) return
      if (!found) return drop(sequence)
      entry.bytes = bytesOf(found)
      cached += entry.bytes
      for (const oldest of cache.keys()) {
        if (cached <= CACHE_BYTES) break
        drop(oldest)
      }
    }
  }

  function drop(sequence: number): void {
    cached -= cache.get(sequence)?.bytes ?? 0
    cache.delete(sequence)
  }

  async function one<T>({ find, take, name }: Wanted<T>): Promise<Found<T>> {
    try {
      for (let tries = 0; tries < TRIES; tries++) {
        const entry = find()
        if (!entry) return { value: undefined, error: null }
        const found = await segment(entry.segment)
        if (found) return { value: take(found, entry.at), error: null }
        // It was copied to the end of the log meanwhile.
        await refresh()
      }
      throw missing(log.stream, name)
    } catch (error) {
      return { value: undefined, error: asTroupeError(error, 'STORAGE') }
    }
  }

  async function read<T>(wanted: readonly Wanted<T>[]): Promise<readonly Found<T>[]> {
    const found: Found<T>[] = []
    for (const group of grouped(wanted)) found.push(...(await Promise.all(group.map((item) => one(item)))))
    return found
  }

  return { read, segment }
}

/**
 * What is read of each that `list` gives, a group at a time. One that cannot be read rejects, and does not end the iteration.
 */
export function eachRead<T>(read: JournalReader['read'], list: () => Promise<readonly Wanted<T>[]>): AsyncIterable<T> {
  return {
    [Symbol.asyncIterator]() {
      let groups: Iterator<readonly Wanted<T>[]> | null = null
      let found: Iterator<Found<T>> = [][Symbol.iterator]()
      return {
        async next() {
          groups ??= grouped(await list())
          for (;;) {
            const { done, value: item } = found.next() as IteratorResult<Found<T>, undefined>
            if (!done && item.error) throw item.error
            if (!done && item.value !== undefined) return { done: false, value: item.value }
            if (!done) continue
            const group = groups.next() as IteratorResult<readonly Wanted<T>[], undefined>
            if (group.done) return { done: true, value: undefined }
            found = (await read(group.value))[Symbol.iterator]()
          }
        },
        async return() {
          groups = [][Symbol.iterator]()
          found = [][Symbol.iterator]()
          return { done: true, value: undefined }
        },
      }
    },
  }
}

function* grouped<T>(wanted: readonly Wanted<T>[]): Generator<readonly Wanted<T>[], undefined> {
  let group: Wanted<T>[] = []
  let bytes = 0
  for (const one of wanted) {
    group.push(one)
    bytes += one.find()?.size ?? 0
    if (group.length < GROUP && bytes < GROUP_BYTES) continue
    yield group
    group = []
    bytes = 0
  }
  if (group.length > 0) yield group
  return undefined
}

function bytesOf({ records, letters }: Segment): number {
  return [...records, ...letters].reduce((sum, { bytes }) => sum + bytes.length, 0)
}

function missing(stream: string, name: string): TroupeError {
  return new TroupeError('STORAGE', `the message of ${stream} with ${name} in it is gone`, {
    where: name,
    hint: 'if no other process has taken the shard over, the stream was changed: restore it from a copy',
  })
}
