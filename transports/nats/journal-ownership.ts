import { randomUUID } from 'node:crypto'
import { TroupeError } from '../../runtime/protocol/errors.ts'
import type { JournalIndex } from './journal-index.ts'
import type { JournalLog } from './journal-log.ts'
import { createJournalReplay } from './journal-replay.ts'
import { decodePart, decodeSegment, encodeSegment } from './journal-segment.ts'
import { takenOver } from './journal-shard.ts'

/** Begins ownerships of shards: a fence in their log each, and all that stands before it read. */
export interface JournalOwnership {
  /** Rejects with CONFLICT when another has owned it since `after`. */
  begin(subject: string, shard: string, after: number | undefined): Promise<Ownership>
}

/** An ownership that has begun. */
export interface Ownership {
  readonly epoch: number
  readonly index: JournalIndex
}

/** Makes ownerships of the shards in a stream. Patience is how long an owner at work may be first again and again, in milliseconds. */
export function createJournalOwnership(log: JournalLog, patience: number): JournalOwnership {
  // Fences of which it is unknown whether they stand, by their owner's name, with the epoch they were to follow: they are
  // nobody else's, so they do not end that epoch for who comes back with it.
  const doubtful = new Map<string, number>()

  async function fence(subject: string, shard: string, owner: string, after: number | undefined): Promise<number> {
    const empty = { records: [], removed: [], letters: [], buried: [] }
    const parts = encodeSegment({ owner, floor: 0, ...empty }, 0, log.most)
    const until = performance.now() + patience
    let expected = await standing(subject, shard, after)
    for (;;) {
      const appended = await log.append(subject, parts, expected)
      if ('last' in appended) return appended.last
      if (performance.now() > until) throw contended(shard)
      // Whoever owns it now is at work: the answer has said which message is the last.
      const { standing: sequence } = appended
      expected = after === undefined && Number.isFinite(sequence) ? sequence : await standing(subject, shard, after)
    }
  }

  /** The last sequence of a log, if it may be followed. */
  async function standing(subject: string, shard: string, after: number | undefined): Promise<number> {
    const last = await log.last(subject)
    if (!last) {
      if (after !== undefined) throw gone(log.stream, shard)
      return 0
    }
    if (after === undefined) return last.sequence
    const where = `message ${last.sequence} of ${log.stream}`
    const part = decodePart(last.data, where)
    if (part.epoch === after || (part.epoch === 0 && last.sequence === after)) return last.sequence
    const owner = part.epoch === 0 ? decodeSegment([part], where).owner : null
    if (owner !== null && doubtful.get(owner) === after) return last.sequence
    throw takenOver(shard, after)
  }

  return {
    async begin(subject, shard, after) {
      const owner = randomUUID()
      if (after !== undefined) doubtful.set(owner, after)
      const epoch = await fence(subject, shard, owner, after)
      const replay = createJournalReplay(log, subject, patience)
      await replay.catchUp(epoch)
      const index = replay.indexes.get(subject)
      if (!index) throw gone(log.stream, shard)
      doubtful.delete(owner)
      return { epoch, index }
    },
  }
}

function contended(shard: string): TroupeError {
  return new TroupeError('STORAGE', `shard ${shard} could not be owned: its owner was first again and again`, {
    where: shard,
    hint: 'try again, or stop the other one',
  })
}

function gone(stream: string, shard: string): TroupeError {
  return new TroupeError('STORAGE', `the log of shard ${shard} is not in ${stream} any more`, {
    where: shard,
    hint: 'the stream was removed or made anew: restore it from a copy; or start again, with what there is',
  })
}
