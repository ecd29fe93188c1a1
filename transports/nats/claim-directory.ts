import { headers as emptyHeaders, type Msg, type MsgHdrs } from '@nats-io/transport-node'
import { isTroupeError, TroupeError } from '../../runtime/protocol/errors.ts'
import { JETSTREAM_CODES, type JetStreamReply } from './jetstream-reply.ts'
import { muxRequest, type RequestMux } from './request-mux.ts'

/** The realm's one place to agree on: texts under subjects, each changed only by who knows what stands there. */
export interface ClaimDirectory {
  /**
   * Writes a text if the subject's last entry is the one expected (0: none). Resolves to the new entry's number, or to null
   * when another one stands there. Rejects with UNAVAILABLE when the outcome is unknown: read, and compare.
   */
  put(subject: string, text: string, condition: PutCondition): Promise<number | null>
  /** How often the servers have forgotten what they had acknowledged: a later write got a number that is not higher. */
  readonly lapses: number
  /** The entry of a subject as the stream's leader has it. */
  read(subject: string, options?: { readonly isUrgent: boolean }): Promise<DirectoryEntry | undefined>
  /** The first entry at or after a number whose subject fits. */
  next(filter: string, from: number): Promise<DirectoryEntry | undefined>
  /** Takes out an entry by its number, and no other that may stand under its subject meanwhile. */
  drop(sequence: number): Promise<void>
}

/** What a write expects, and how long it lasts. */
export interface PutCondition {
  readonly expected: number
  /** In seconds. Without it the entry stays. */
  readonly ttl?: number
  /** Goes before all that waits: a thousand claims must not cost a node its lease. */
  readonly isUrgent?: boolean
}

/** What stands under a subject. */
export interface DirectoryEntry {
  readonly sequence: number
  readonly text: string
}

/** The servers drop what a stream cannot take in: so many requests are on their way at a time, the others wait here. */
const AT_A_TIME = 512
const PATIENCE = 4_000

/** Opens the directory that rests in a stream. `revive` makes the stream anew should it have gone. */
export function openClaimDirectory(mux: RequestMux, stream: string, revive: () => Promise<void>): ClaimDirectory {
  // What waits, the latest last, and the part of it whose turn comes next, the latest first: neither is ever shifted.
  let line: (() => void)[] = []
  let turns: (() => void)[] = []
  let running = 0
  let highest = 0
  let lapses = 0
  let reviving: Promise<void> | null = null

  async function call(
    subject: string,
    payload: Uint8Array,
    isUrgent: boolean,
    headers?: MsgHdrs,
  ): Promise<JetStreamReply> {
    if (running >= AT_A_TIME && !isUrgent) await new Promise<void>((resolve) => line.push(resolve))
    running++
    try {
      const request = { subject, payload, patience: PATIENCE }
      return jsonOf(await muxRequest(mux, headers ? { ...request, headers } : request))
    } finally {
      running--
      if (turns.length === 0) {
        turns = line.reverse()
        line = []
      }
      turns.pop()?.()
    }
  }

  function api(verb: 'GET' | 'DELETE', body: object, isUrgent = false): Promise<JetStreamReply> {
    return call(`$JS.API.STREAM.MSG.${verb}.${stream}`, Buffer.from(JSON.stringify(body)), isUrgent)
  }

  async function get(which: object, isUrgent = false): Promise<DirectoryEntry | undefined> {
    const { message, error } = await api('GET', which, isUrgent)
    if (message) return { sequence: message.seq, text: Buffer.from(message.data ?? '', 'base64').toString() }
    if (error?.err_code === JETSTREAM_CODES.noMessage) return undefined
    throw refused(stream, error?.description)
  }

  return {
    get lapses() {
      return lapses
    },
    async put(subject, text, condition) {
      for (let attempt = 1; ; attempt++) {
        const before = highest
        try {
          const { seq, error } = await call(
            subject,
            Buffer.from(text),
            condition.isUrgent === true,
            headersOf(condition),
          )
          if (!error && seq !== undefined) {
            if (seq <= before) {
              lapses++
              highest = seq
            } else highest = Math.max(highest, seq)
            return seq
          }
          if (error?.err_code === JETSTREAM_CODES.wrongLast) return null
          if (error?.err_code !== JETSTREAM_CODES.inFlight || attempt > 5) throw refused(stream, error?.description)
        } catch (error) {
          // Nobody takes it in: no leader right now, or no stream any more.
          if (attempt > 5 || !isTroupeError(error, 'UNAVAILABLE') || !error.message.startsWith('nobody')) throw error
          reviving ??= revive().finally(() => {
            reviving = null
          })
          await reviving.catch(() => {})
        }
        await new Promise((resolve) => setTimeout(resolve, 20 * attempt))
      }
    },
    read: (subject, { isUrgent } = { isUrgent: false }) => get({ last_by_subj: subject }, isUrgent),
    next: (filter, from) => get({ seq: from, next_by_subj: filter }),
    async drop(sequence) {
      await api('DELETE', { seq: sequence, no_erase: true })
    },
  }
}

function headersOf({ expected, ttl }: PutCondition): MsgHdrs {
  const made = emptyHeaders()
  made.set('Nats-Expected-Last-Subject-Sequence', String(expected))
  if (ttl !== undefined) made.set('Nats-TTL', `${ttl}s`)
  return made
}

function jsonOf(message: Msg): JetStreamReply {
  try {
    return message.json<JetStreamReply>()
  } catch (cause) {
    throw refused(message.subject, 'its answer cannot be read', cause)
  }
}

function refused(stream: string, description = 'no reason given', cause?: unknown): TroupeError {
  return new TroupeError('UNAVAILABLE', `the directory of the realm (stream ${stream}) refuses: ${description}`, {
    where: stream,
    hint: 'look at the stream and at the storage of the NATS servers',
    cause,
  })
}
