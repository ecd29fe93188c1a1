import { randomUUID } from 'node:crypto'
import type { Journal } from '../../runtime/ports/journal.ts'
import { assertChoice } from '../../runtime/protocol/choice.ts'
import { TroupeError } from '../../runtime/protocol/errors.ts'
import { journalFailure, type JournalLog, openJournalLog } from './journal-log.ts'
import { createJournalOwnership, type JournalOwnership } from './journal-ownership.ts'
import { createJournalReader } from './journal-reader.ts'
import { createJournalReplay } from './journal-replay.ts'
import { ownedShard, type OwnedShard } from './journal-shard.ts'
import { ensureJournal, journalStream, journalSubject } from './journal-stream.ts'
import { createJournalView } from './journal-view.ts'
import { checkServer } from './nats-checks.ts'
import { connectFailure } from './nats-failure.ts'
import type { NatsJournalOptions } from './nats-journal-options.ts'
import { natsLogin, natsSettings } from './nats-login.ts'
import { natsSubjects } from './nats-subjects.ts'
import { type NatsWire, openNatsWire } from './nats-wire.ts'
import { createRequestMux, type RequestMux } from './request-mux.ts'

/**
 * A journal on JetStream: one stream a realm, one subject in it a shard, and under that subject the shard's log.
 *
 * **What is in a log.** Segments: a fence, an append, or copies that a compaction has made. A segment is one message, or as
 * many as its size asks for, in one atomic batch. It has the epoch of its owner; the epoch of a fence is its own sequence.
 * Each segment is written on the condition that the last message of the subject is the one its writer knows. So:
 *
 * - a log is one line: fences and appends have one order, and all who read it agree on it;
 * - between two segments of one epoch there is none of another: who lost the shard, and knows it or not, writes nothing;
 * - an epoch never comes again, not even on a stream that was made anew: sequences begin at the time it is made.
 *
 * **States of a hold.** *Beginning*: the fence is written, the log is read up to it, and with that the index is built: where
 * the newest record of each address is, and what it waits for. *Held*: one append at a time, in the order of the calls; what
 * is acknowledged is taken into the index. *Broken*, for ever, once an append has failed or the shard was given back.
 *
 * **What each failure does.** *Another owns the shard*: its fence is the last message, the next append is refused as a whole
 * (CONFLICT). *No answer, or no connection*: the append may stand or not (STORAGE); the hold is broken, and the next one reads
 * what stands. An append of before that arrives late finds the fence. *Nobody leads the stream, or another write of the
 * subject is under way in the cluster*: the servers say that nothing was written; it is tried again for as long as the
 * patience lasts. *A fence in doubt*: it has a name, by which its maker knows it again when it comes back with `after`. *The
 * owner dies*: there is nothing to clear up. *The stream is gone*: who comes back with `after` is refused (STORAGE), for it
 * would go on with nothing.
 *
 * **Size.** Compaction (journal-compaction.ts) copies what counts in the oldest segments to the end and has the servers take
 * out what lies before. Where it has come to, the floor, stands in each segment. Only what lies under a floor that has been
 * acknowledged is taken out; and that never counts again, whoever owns the shard by then, so a compaction that comes late
 * does no harm. Who reads while it happens may miss that something was removed, then comes to the floor, and forgets what it
 * has seen below.
 *
 * @example
 * const runtime = await createRuntime({ realm: 'acme', journal: natsJournal({ servers: 'localhost:4222' }), actors: [ticket] })
 */
export function natsJournal(options: NatsJournalOptions = {}): Journal {
  const { durability = 'D1' } = options
  assertChoice(durability, ['D1', 'D2'], 'durability')
  const settings = natsSettings(options)
  const { servers, replicas, patience } = settings
  const where = servers.join(', ')
  const shards = new Map<string, OwnedShard>()
  let bound: string | null = null
  let opening: Promise<OpenJournal> | null = null
  let closed = false

  function assertOpen(): void {
    if (!closed) return
    throw new TroupeError('STORAGE', `the journal at ${where} is closed`, {
      where,
      hint: 'open it before use, close it last',
    })
  }

  async function connected(realm: string): Promise<OpenJournal> {
    const id = `journal-${randomUUID()}`
    const login = await natsLogin(options, id).catch((error: unknown) => {
      throw connectFailure(error, servers)
    })
    const wire = await openNatsWire(id, settings, login)
    try {
      checkServer(wire.client, where)
      const subjects = natsSubjects(realm)
      const mux = await createRequestMux(id, wire, subjects.answers(id))
      const inbox = subjects.answers(`${id}-pages`)
      const log = openJournalLog({ stream: journalStream(realm), wire, mux, inbox, patience })
      return { wire, mux, log, ownership: createJournalOwnership(log, patience) }
    } catch (error) {
      await wire.close()
      throw error
    }
  }

  /** The journal of the realm, its stream made sure of. */
  async function open(realm: string, make: number | null): Promise<OpenJournal> {
    assertOpen()
    if (bound !== null && bound !== realm) throw otherRealm(bound, realm)
    try {
      opening ??= connected(realm).catch((error: unknown) => {
        opening = null
        throw error
      })
      const opened = await opening
      // What the client is given without a connection is lost.
      if (!opened.wire.isOpen()) await opened.wire.confirm()
      await ensureJournal({ client: opened.wire.client, realm, patience }, make)
      assertOpen()
      bound = realm
      return opened
    } catch (error) {
      throw journalFailure(error, journalStream(realm))
    }
  }

  return {
    name: 'nats',
    durability,
    async own(realm, shard, { after } = {}) {
      const { log, ownership } = await open(realm, replicas)
      const subject = journalSubject(realm, shard)
      const { epoch, index } = await ownership.begin(subject, shard, after)
      assertOpen()
      const owned = ownedShard({ log, subject, shard, epoch, index, assertOpen })
      shards.set(shard, owned)
      return owned.shard
    },
    async view(realm) {
      const { log } = await open(realm, null)
      const every = journalSubject(realm)
      const replay = createJournalReplay(log, every, patience)
      async function refresh(): Promise<void> {
        assertOpen()
        await replay.catchUp((await log.last(every))?.sequence ?? 0)
      }
      const reader = createJournalReader(log, refresh)
      return createJournalView({
        reader,
        async indexes() {
          await refresh()
          return [...replay.indexes.values()]
        },
      })
    },
    async close() {
      if (closed) return
      closed = true
      const opened = await opening?.catch(() => null)
      await Promise.all([...shards.values()].map((owned) => owned.settled()))
      opened?.mux.close()
      await opened?.wire.close()
    },
  }
}

interface OpenJournal {
  readonly wire: NatsWire
  readonly mux: RequestMux
  readonly log: JournalLog
  readonly ownership: JournalOwnership
}

function otherRealm(bound: string, realm: string): TroupeError {
  return new TroupeError('INCOMPATIBLE', `the journal belongs to realm '${bound}', not '${realm}'`, {
    where: realm,
    hint: 'give each realm a journal of its own',
  })
}
