import { randomUUID } from 'node:crypto'
import { headers, type Msg, type MsgHdrs } from '@nats-io/transport-node'
import { isTroupeError, TroupeError } from '../../runtime/protocol/errors.ts'
import { JETSTREAM_CODES, type JetStreamReply } from './jetstream-reply.ts'
import { decodePart, decodeSegment, type Segment, type SegmentPart } from './journal-segment.ts'
import { readPages } from './journal-pages.ts'
import { tooLarge } from './nats-failure.ts'
import type { NatsWire, WireWatcher } from './nats-wire.ts'
import { type MuxCall, type MuxCaller, muxRequest, type RequestMux } from './request-mux.ts'

/** The stream of a realm's journal as a log for each subject. What it rejects with is STORAGE, unless said otherwise. */
export interface JournalLog {
  readonly stream: string
  /** How large a message may be. */
  readonly most: number
  /**
   * Writes a segment, all parts or none, if the last message of the subject is the one expected (0: none). It is unknown
   * whether it is written when this rejects.
   */
  append(subject: string, parts: readonly Uint8Array[], expected: number): Promise<Appended>
  /** The newest message of a subject, as the stream's leader has it. */
  last(subject: string): Promise<LastMessage | null>
  /** The segment that begins at a sequence; undefined when it is there no more. */
  segment(sequence: number): Promise<Segment | undefined>
  /** Reads all messages from a sequence on, in order. Resolves to the sequence after the last one. */
  scan(subject: string, from: number, hear: (message: LogMessage) => void): Promise<number>
  /** Takes out all messages of a subject below a sequence. */
  purge(subject: string, below: number): Promise<void>
}

/** What became of an append: its first and last sequence; or nothing, since another message was the last. */
export type Appended = { readonly first: number; readonly last: number } | { readonly standing: number }

/** The newest message of a log. */
export interface LastMessage {
  readonly sequence: number
  readonly data: Uint8Array
}

/** One message of the stream. */
export interface LogMessage extends LastMessage {
  readonly subject: string
}

/** What a log is read and written through. */
export interface JournalLogFacts {
  readonly stream: string
  readonly wire: NatsWire
  readonly mux: RequestMux
  /** Where pages of messages may arrive. */
  readonly inbox: string
  /** How long the servers have to answer, in milliseconds. */
  readonly patience: number
}

/** What the server puts around a payload, generously. */
const HEADERS = 512
/** A part larger than this is not asked for even where the servers would take it. */
const LARGEST_PART = 1 << 20
const CONFIRM_EVERY = 8 << 20
const PARTS_AT_ONCE = 16

/** Opens the log of a stream. */
export function openJournalLog({ stream, wire, mux, inbox, patience }: JournalLogFacts): JournalLog {
  const most = Math.min(wire.maxPayload - HEADERS, LARGEST_PART)

  async function ask(subject: string, body: object): Promise<Msg> {
    return muxRequest(mux, { subject, payload: Buffer.from(JSON.stringify(body)), patience }).catch(
      (error: unknown) => {
        throw journalFailure(error, stream)
      },
    )
  }

  async function get(which: object): Promise<JetStreamReply['message'] | null> {
    const { message, error } = jsonOf(await ask(`$JS.API.STREAM.MSG.GET.${stream}`, which), stream)
    if (message) return message
    if (error?.err_code === JETSTREAM_CODES.noMessage) return null
    throw refused(stream, error?.description)
  }

  // From any server that has it; from the leader, when that one has not: it may be behind.
  async function message(sequence: number): Promise<Uint8Array | undefined> {
    const direct = await ask(`$JS.API.DIRECT.GET.${stream}`, { seq: sequence })
    if (direct.headers?.code !== 404) return direct.data
    const found = await get({ seq: sequence })
    return found ? Buffer.from(found.data ?? '', 'base64') : undefined
  }

  async function part(sequence: number): Promise<SegmentPart | undefined> {
    const data = await message(sequence)
    return data && decodePart(data, `message ${sequence} of ${stream}`)
  }

  /** One try: null when it certainly did not happen, and may the next time. */
  function publish(subject: string, payload: Uint8Array, headers: MsgHdrs): Promise<Msg | null> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        if (mux.settle(call)) settled(() => reject(refused(stream, `no acknowledgement in ${patience} ms`)))
      }, patience)
      const settled = (finish: () => void): void => {
        clearTimeout(timer)
        wire.watchers.delete(watcher)
        finish()
      }
      // What was on its way when the connection broke has lost its answer.
      const watcher: WireWatcher = {
        returned() {
          if (mux.settle(call))
            settled(() => reject(refused(stream, 'the connection broke before it was acknowledged')))
        },
      }
      if (wire.isOpen()) wire.watchers.add(watcher)
      const caller: MuxCaller<MuxCall> = {
        answered: (_call, message) => settled(() => resolve(message)),
        unheard: () => settled(() => resolve(null)),
        failed: (_call, error) => settled(() => reject(journalFailure(error, stream))),
      }
      const call: MuxCall = { subject, payload, headers, caller, token: 0, sent: 0, missed: 0 }
      mux.send(call)
    })
  }

  /** All parts but the last, whose acknowledgement is that of all. */
  async function lead(subject: string, parts: readonly Uint8Array[], expected: number): Promise<MsgHdrs> {
    if (parts.length === 1) return expecting(expected)
    const batch = randomUUID()
    let unconfirmed = 0
    for (const [at, payload] of parts.slice(0, -1).entries()) {
      wire.send({ subject, payload, headers: inBatch(at === 0 ? expecting(expected) : headers(), batch, at + 1) })
      unconfirmed += payload.length
      if (unconfirmed < CONFIRM_EVERY) continue
      await wire.confirm()
      unconfirmed = 0
    }
    const last = inBatch(headers(), batch, parts.length)
    last.set('Nats-Batch-Commit', '1')
    return last
  }

  return {
    stream,
    most,
    async append(subject, parts, expected) {
      const payload = parts.at(-1) ?? new Uint8Array(0)
      if (payload.length > wire.maxPayload) throw tooLarge(payload.length, wire.maxPayload, subject)
      const until = performance.now() + patience
      for (let pause = 5; ; pause = Math.min(pause * 2, 200)) {
        const answer = await lead(subject, parts, expected).then(
          (last) => publish(subject, payload, last),
          (error: unknown) => Promise.reject(journalFailure(error, stream)),
        )
        const { seq, error } = answer ? jsonOf(answer, stream) : {}
        if (answer && !error && seq) return { first: seq - parts.length + 1, last: seq }
        if (error?.err_code === JETSTREAM_CODES.wrongLast) {
          return { standing: Number(/(\d+)$/.exec(error.description ?? '')?.[1] ?? Number.NaN) }
        }
        // Nobody took it in, or it has to wait for another: both are certain, and pass.
        const passes = answer === null || error?.err_code === JETSTREAM_CODES.inFlight
        if (!passes || performance.now() > until) {
          throw refused(stream, answer ? error?.description : 'no server leads it, or it is gone')
        }
        await new Promise((resolve) => setTimeout(resolve, pause))
      }
    },
    async last(subject) {
      const found = await get({ last_by_subj: subject })
      return found ? { sequence: found.seq, data: Buffer.from(found.data ?? '', 'base64') } : null
    },
    async segment(sequence) {
      const parts = [await part(sequence)]
      const count = parts[0]?.count ?? 0
      while (parts.length < count) {
        const next = Array.from({ length: Math.min(PARTS_AT_ONCE, count - parts.length) }, (_, n) =>
          part(sequence + parts.length + n),
        )
        parts.push(...(await Promise.all(next)))
      }
      // The parts of a segment have sequences in a row, and go together.
      const found = parts.filter((one) => one !== undefined)
      if (found.length < parts.length) return undefined
      return decodeSegment(found, `message ${sequence} of ${stream}`)
    },
    scan: (subject, from, hear) =>
      readPages({ stream, wire, inbox: `${inbox}.${randomUUID()}`, patience }, { subject, from, hear }),
    async purge(subject, below) {
      const { error } = jsonOf(await ask(`$JS.API.STREAM.PURGE.${stream}`, { filter: subject, seq: below }), stream)
      if (error) throw refused(stream, error.description)
    },
  }
}

/** Any failure of the servers as one of the medium, except where it is another's turn to act. */
export function journalFailure(error: unknown, stream: string): TroupeError {
  const own = ['STORAGE', 'CONFLICT', 'INCOMPATIBLE', 'INVALID_MESSAGE', 'FORBIDDEN'] as const
  if (own.some((code) => isTroupeError(error, code))) return error as TroupeError
  return refused(stream, error instanceof Error ? error.message : String(error), error)
}

function expecting(sequence: number): MsgHdrs {
  const made = headers()
  made.set('Nats-Expected-Last-Subject-Sequence', String(sequence))
  return made
}

function inBatch(made: MsgHdrs, batch: string, at: number): MsgHdrs {
  made.set('Nats-Batch-Id', batch)
  made.set('Nats-Batch-Sequence', String(at))
  return made
}

function jsonOf(message: Msg, stream: string): JetStreamReply {
  try {
    return message.json<JetStreamReply>()
  } catch (cause) {
    throw refused(stream, 'its answer cannot be read', cause)
  }
}

function refused(stream: string, description = 'no reason given', cause?: unknown): TroupeError {
  return new TroupeError('STORAGE', `the journal (stream ${stream}) does not do its work: ${description}`, {
    where: stream,
    hint: 'look whether the NATS servers answer, at their storage, and at the stream; then own the shard again',
    cause,
  })
}
