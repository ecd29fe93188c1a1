import { TroupeError } from '../../runtime/protocol/errors.ts'
import { createJournalIndex, type JournalIndex } from './journal-index.ts'
import type { JournalLog, LogMessage } from './journal-log.ts'
import { decodePart, decodeSegment, type SegmentPart } from './journal-segment.ts'

/** Reads logs from their beginning to where they are now, and on from there. */
export interface JournalReplay {
  /** What was read so far, by subject. */
  readonly indexes: ReadonlyMap<string, JournalIndex>
  /** Reads on, up to a sequence at least and to the end. Rejects with STORAGE, lasting for a log that is damaged. */
  catchUp(to: number): Promise<void>
}

const PAUSE = 20

interface Assembly {
  readonly sequence: number
  readonly parts: SegmentPart[]
  size: number
}

/**
 * Makes a replay of one subject, or of all that a pattern takes in.
 *
 * While it reads, an owner may take out the oldest part of its log, so that it can see something written and not that it was
 * removed. But before a part is taken out, its floor stands in the log behind it: what was seen below is forgotten then.
 */
export function createJournalReplay(log: JournalLog, subject: string, patience: number): JournalReplay {
  const indexes = new Map<string, JournalIndex>()
  const assemblies = new Map<string, Assembly>()
  // Of each subject the last segment that was found without all its parts.
  const torn = new Map<string, number>()
  let next = 1
  let reading = Promise.resolve()

  function hear({ subject, sequence, data }: LogMessage): void {
    const where = `message ${sequence} of ${log.stream}`
    const part = decodePart(data, where)
    let open = assemblies.get(subject)
    if (part.index === 0) {
      if (open) torn.set(subject, open.sequence)
      open = { sequence, parts: [], size: 0 }
      assemblies.set(subject, open)
    }
    if (!open) {
      torn.set(subject, sequence)
      return
    }
    open.parts.push(part)
    open.size += data.length
    if (open.parts.length < part.count) return
    assemblies.delete(subject)
    const index = indexes.get(subject) ?? createJournalIndex()
    indexes.set(subject, index)
    index.apply(open.sequence, decodeSegment(open.parts, where), open.size)
  }

  async function read(to: number): Promise<void> {
    const until = performance.now() + patience
    for (;;) {
      next = await log.scan(subject, next, (message) => {
        hear(message)
        // Also when the scan fails after it: nothing is heard twice.
        next = message.sequence + 1
      })
      if (next > to) break
      // The server that answered is behind the one that leads.
      if (performance.now() > until) throw behind(log.stream, to)
      await new Promise((resolve) => setTimeout(resolve, PAUSE))
    }
    for (const [subject, index] of indexes) {
      index.settle()
      if ((torn.get(subject) ?? 0) >= index.floor && torn.has(subject)) throw incomplete(log.stream, torn.get(subject))
    }
  }

  return {
    indexes,
    async catchUp(to) {
      // One after the other: each goes on where the one before it ended.
      const turn = reading.catch(() => {}).then(() => read(to))
      reading = turn
      await turn
    },
  }
}

function behind(stream: string, sequence: number): TroupeError {
  return new TroupeError('STORAGE', `the servers of ${stream} have not agreed on message ${sequence} in time`, {
    where: stream,
    hint: 'look whether all of the NATS servers answer; it is tried again',
  })
}

function incomplete(stream: string, sequence: number | undefined): TroupeError {
  return new TroupeError('STORAGE', `parts of what begins at message ${sequence} of ${stream} are missing`, {
    where: stream,
    hint: 'restore the stream from a copy',
    lasting: true,
  })
}
