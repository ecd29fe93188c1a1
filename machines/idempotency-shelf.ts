/** A key that is not free. */
export type IdempotencyEntry = RunningEntry | KeptEntry

interface Known {
  readonly key: string
  /** What stands for the payload. */
  readonly hash: string
  /** The name of the execution. */
  readonly run: string
  /** The later, the greater. */
  readonly seq: number
}

/** Something that is being done. */
export interface RunningEntry extends Known {
  readonly status: 'running'
  readonly holder: string | null
}

/** Something that was done. */
export interface KeptEntry extends Known {
  readonly status: 'kept'
  readonly value: unknown
  /** When it is forgotten; left out where a timer does that. */
  readonly until?: number
}

/**
 * The entries of a keeper, as JSON: in many small drawers, each in the order in which its entries came, so that a change
 * copies one drawer and not all there is.
 */
export interface IdempotencyShelf {
  readonly drawers: readonly (readonly IdempotencyEntry[])[]
  readonly size: number
  readonly running: number
  readonly lastSeq: number
}

const DRAWERS = 128

/** A shelf with nothing on it. */
export const EMPTY_SHELF: IdempotencyShelf = {
  drawers: Array.from({ length: DRAWERS }, () => []),
  size: 0,
  running: 0,
  lastSeq: 0,
}

/** The entry of a key. */
export function findEntry(shelf: IdempotencyShelf, key: string): IdempotencyEntry | undefined {
  return shelf.drawers[drawerOf(key)]?.find((entry) => entry.key === key)
}

/** The shelf with an entry more, the latest of all. */
export function addEntry(shelf: IdempotencyShelf, entry: Omit<RunningEntry, 'seq'>): IdempotencyShelf {
  const seq = shelf.lastSeq + 1
  const grown = change(shelf, entry.key, (drawer) => [...drawer, { ...entry, seq }])
  return { ...grown, size: shelf.size + 1, running: shelf.running + 1, lastSeq: seq }
}

/** The shelf with a value in place of what was being done. */
export function keepValue(
  shelf: IdempotencyShelf,
  entry: RunningEntry,
  value: unknown,
  until?: number,
): IdempotencyShelf {
  const { key, hash, run, seq } = entry
  const kept: KeptEntry = { status: 'kept', key, hash, run, seq, value, ...(until === undefined ? {} : { until }) }
  const changed = change(shelf, key, (drawer) => drawer.map((other) => (other === entry ? kept : other)))
  return { ...changed, running: shelf.running - 1 }
}

/** The shelf without an entry. */
export function dropEntry(shelf: IdempotencyShelf, entry: IdempotencyEntry): IdempotencyShelf {
  const changed = change(shelf, entry.key, (drawer) => drawer.filter((other) => other !== entry))
  return { ...changed, size: shelf.size - 1, running: shelf.running - (entry.status === 'running' ? 1 : 0) }
}

/** The value that has been there for longest; undefined when there is none. */
export function oldestValue({ drawers }: IdempotencyShelf): KeptEntry | undefined {
  let oldest: KeptEntry | undefined
  for (const drawer of drawers) {
    const first = drawer.find((entry) => entry.status === 'kept')
    if (first && (!oldest || first.seq < oldest.seq)) oldest = first
  }
  return oldest
}

/** True for a value that was to be kept until now at most. */
export function isOver(entry: IdempotencyEntry, at: number | undefined): boolean {
  return entry.status === 'kept' && entry.until !== undefined && at !== undefined && entry.until <= at
}

/** How many values are kept still. */
export function countKept({ drawers }: IdempotencyShelf, at: number | undefined): number {
  const isKept = (entry: IdempotencyEntry): boolean => entry.status === 'kept' && !isOver(entry, at)
  return drawers.reduce((sum, drawer) => sum + drawer.filter(isKept).length, 0)
}

/** What is being done for a holder. */
export function runningFor({ drawers }: IdempotencyShelf, holder: string): readonly RunningEntry[] {
  return drawers.flatMap((drawer) =>
    drawer.filter((entry): entry is RunningEntry => entry.status === 'running' && entry.holder === holder),
  )
}

function change(
  shelf: IdempotencyShelf,
  key: string,
  make: (drawer: readonly IdempotencyEntry[]) => readonly IdempotencyEntry[],
): IdempotencyShelf {
  const index = drawerOf(key)
  return { ...shelf, drawers: shelf.drawers.with(index, make(shelf.drawers[index] ?? [])) }
}

function drawerOf(key: string): number {
  let hash = 0
  for (let index = 0; index < key.length; index++) hash = (Math.imul(hash, 31) + key.charCodeAt(index)) | 0
  return (hash >>> 0) % DRAWERS
}
