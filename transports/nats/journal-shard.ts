import type { CommitBatch, ShardJournal } from '../../runtime/ports/journal.ts'
import { asTroupeError, TroupeError } from '../../runtime/protocol/errors.ts'
import { encodeBatch } from '../../runtime/protocol/record-codec.ts'
import { createJournalCompaction } from './journal-compaction.ts'
import type { JournalIndex } from './journal-index.ts'
import type { JournalLog } from './journal-log.ts'
import { createJournalReader } from './journal-reader.ts'
import { encodeSegment, type Segment } from './journal-segment.ts'
import { createJournalView, wantedRecord } from './journal-view.ts'

/** A shard, its log read to the end, under an epoch that has just begun. */
export interface OwnedLog {
  readonly log: JournalLog
  readonly subject: string
  readonly shard: string
  readonly epoch: number
  readonly index: JournalIndex
  /** Throws when the journal is closed. */
  readonly assertOpen: () => void
}

/** A shard, and what its journal has to wait for when it closes. */
export interface OwnedShard {
  readonly shard: ShardJournal
  /** Resolves when nothing is under way. */
  settled(): Promise<void>
}

/** How many dead letters a shard keeps: the oldest make room. */
const MOST_LETTERS = 10_000

type Content = Omit<Segment, 'owner' | 'floor'>

/** One owner's hold on one shard: its appends, one after the other, each expecting the one before it to be the last. */
export function ownedShard({ log, subject, shard, epoch, index, assertOpen }: OwnedLog): OwnedShard {
  const reader = createJournalReader(log, async () => assertOpen())
  const compaction = createJournalCompaction({
    log,
    subject,
    index,
    reader,
    write: (make) =>
      inTurn(async () => {
        assertOpen()
        const { records, letters } = make()
        if (records.length + letters.length > 0) await commit({ records, letters, removed: [], buried: [] })
      }),
  })
  let last = epoch
  let queue = Promise.resolve()
  // Why nothing can be written under this hold any more.
  let broken: TroupeError | null = null

  function assertHeld(): void {
    assertOpen()
    if (broken) throw broken
  }

  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = queue.then(() => {
      if (broken) throw broken
      return work()
    })
    queue = turn.then(
      () => {},
      () => {},
    )
    return turn
  }

  async function commit(content: Content): Promise<void> {
    const segment: Segment = { ...content, owner: null, floor: index.floor }
    const parts = encodeSegment(segment, epoch, log.most)
    try {
      const appended = await log.append(subject, parts, last)
      if ('standing' in appended) throw takenOver(shard, epoch)
      last = appended.last
      index.apply(appended.first, segment, sizeOf(parts))
    } catch (error) {
      broken = asTroupeError(error, 'STORAGE')
      throw broken
    }
    compaction.appended(segment.floor)
  }

  /** The dead letters that have no room any more once the batch is in. */
  function crowdedOut(letters: Content['letters'], buried: readonly string[]): string[] {
    if (index.letters.size + letters.length <= MOST_LETTERS) return []
    const [added, gone] = [new Set(letters.map(({ id }) => id)), new Set(buried)]
    let excess = index.letters.size - MOST_LETTERS
    for (const id of added) if (!index.letters.has(id)) excess++
    for (const id of gone) if (added.has(id) || index.letters.has(id)) excess--
    const out: string[] = []
    for (const id of index.letters.keys()) {
      if (out.length >= excess) return out
      if (!added.has(id) && !gone.has(id)) out.push(id)
    }
    return [...out, ...[...added].filter((id) => !gone.has(id)).slice(0, Math.max(0, excess - out.length))]
  }

  async function append(batch: CommitBatch): Promise<void> {
    assertHeld()
    const encoded = encodeBatch(batch)
    const records = encoded.records.map((record) => ({ ...record, origin: null }))
    const letters = encoded.letters.map((letter) => ({ ...letter, origin: null }))
    const { removed, buried = [] } = batch
    await inTurn(() => commit({ records, removed, letters, buried: [...buried, ...crowdedOut(letters, buried)] }))
  }

  const indexes = async (): Promise<readonly JournalIndex[]> => {
    assertOpen()
    return [index]
  }

  return {
    shard: {
      shard,
      epoch,
      append,
      async readEach(addresses) {
        assertOpen()
        const found = await reader.read(addresses.map((address) => wantedRecord(index, address)))
        return found.map(({ value, error }) => ({ record: value, error }))
      },
      async *wakes() {
        assertOpen()
        const waking = [...index.records].flatMap(([address, { wake, until }]) =>
          wake !== null && until === null ? [{ address, wake }] : [],
        )
        yield* waking.sort((a, b) => a.wake - b.wake)
      },
      async expire(now) {
        assertHeld()
        return inTurn(async () => {
          const passed = [...index.records].filter(([, { until }]) => until !== null && until <= now)
          const removed = passed.map(([address]) => address)
          if (removed.length > 0) await commit({ records: [], removed, letters: [], buried: [] })
          return removed.length
        })
      },
      async release() {
        await queue
        broken ??= givenBack(shard, epoch)
      },
      ...createJournalView({ reader, indexes }),
    },
    async settled() {
      await compaction.idle()
      await queue
    },
  }
}

/** The error of an owner whose shard has a later one. */
export function takenOver(shard: string, epoch: number): TroupeError {
  return new TroupeError('CONFLICT', `shard ${shard} was taken over: epoch ${epoch} has ended`, {
    where: shard,
    hint: 'drop its actors and read them again after owning it',
  })
}

function givenBack(shard: string, epoch: number): TroupeError {
  return new TroupeError('CONFLICT', `shard ${shard} was given back: epoch ${epoch} has ended`, {
    where: shard,
    hint: 'own it again and read what has become of its actors',
  })
}

function sizeOf(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, { length }) => sum + length, 0)
}
