import { jetstreamManager, type StreamConfig, type StreamInfo } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'
import { asTroupeError, isTroupeError, TroupeError } from '../../runtime/protocol/errors.ts'
import { token } from './nats-subjects.ts'

/** The name of the stream that is the journal of a realm. */
export function journalStream(realm: string): string {
  return `troupe-${realm}-journal`
}

/** Where the log of a shard is written; of all shards, without one. */
export function journalSubject(realm: string, shard?: string): string {
  return `${realm}.j.${shard === undefined ? '*' : token(shard)}`
}

/** Where the stream of a realm is to be. */
export interface JournalPlace {
  readonly client: NatsConnection
  readonly realm: string
  /** How long the servers have to answer, in milliseconds. */
  readonly patience: number
}

const NO_STREAM = 10_059

/**
 * Makes sure of the stream that is the journal of a realm: makes it, where `make` says on how many servers. Rejects with
 * INCOMPATIBLE when JetStream is off or the stream is another's or of another shape, STORAGE when there is none: what the
 * server echoes counts.
 */
export async function ensureJournal({ client, realm, patience }: JournalPlace, make: number | null): Promise<void> {
  const name = journalStream(realm)
  try {
    const { streams } = await jetstreamManager(client, { timeout: patience })
    let info = await streams.info(name).catch(unlessMissing)
    if (!info && make !== null) {
      // Two may make it at once: the second finds what the first has made.
      const config = { ...wanted(realm), num_replicas: make, first_seq: Date.now() }
      info = await streams.add({ ...config, name }).catch(async (error: unknown) => {
        const made = await streams.info(name).catch(unlessMissing)
        if (made) return made
        throw error
      })
    }
    if (!info) throw noJournal(name)
    checkEcho(info, realm)
  } catch (error) {
    throw streamFailure(error, name)
  }
}

/**
 * Sequences begin at the time the stream is made, so that those of a stream that was made anew are none that an owner from
 * before expects.
 */
function wanted(realm: string) {
  return {
    subjects: [journalSubject(realm)],
    storage: 'file',
    retention: 'limits',
    max_msgs: -1,
    max_msgs_per_subject: -1,
    max_bytes: -1,
    max_age: 0,
    max_msg_size: -1,
    allow_direct: true,
    // With it a server does not put its writes off either.
    allow_atomic: true,
    deny_purge: false,
    metadata: { 'troupe.realm': realm },
  } satisfies Partial<StreamConfig>
}

function checkEcho({ config }: StreamInfo, realm: string): void {
  const { metadata, ...shape } = wanted(realm)
  const echoed: Readonly<Record<string, unknown>> = { ...config }
  if (config.metadata?.['troupe.realm'] !== metadata['troupe.realm']) {
    throw incompatible(config.name, `belongs to ${config.metadata?.['troupe.realm'] ?? 'something else'}`)
  }
  for (const [key, value] of Object.entries(shape)) {
    if (JSON.stringify(echoed[key]) === JSON.stringify(value)) continue
    throw incompatible(config.name, `has ${key} ${JSON.stringify(echoed[key])} instead of ${JSON.stringify(value)}`)
  }
}

function incompatible(stream: string, how: string): TroupeError {
  return new TroupeError('INCOMPATIBLE', `the stream ${stream} cannot be a journal: it ${how}`, {
    where: stream,
    hint: 'it was left as it is: remove it if nothing in it is needed, or choose another realm',
  })
}

function noJournal(stream: string): TroupeError {
  return new TroupeError('STORAGE', `there is no journal yet: the stream ${stream} does not exist`, {
    where: stream,
    hint: 'start its owner first',
  })
}

function unlessMissing(error: unknown): undefined {
  if ((error as { code?: unknown } | null)?.code === NO_STREAM) return undefined
  throw error
}

function streamFailure(error: unknown, stream: string): TroupeError {
  if (isTroupeError(error)) return error
  const { message } = asTroupeError(error)
  const name = error instanceof Error ? error.name : ''
  if (/jetstream.*(not enabled|not available|disabled)|no responders|503/i.test(`${name} ${message}`)) {
    return new TroupeError('INCOMPATIBLE', `JetStream is off where the journal of the realm belongs: ${message}`, {
      where: stream,
      hint: 'start nats-server with JetStream (-js), and let the account use it',
      cause: error,
    })
  }
  return new TroupeError('STORAGE', `the journal of the realm (stream ${stream}) cannot be opened: ${message}`, {
    where: stream,
    hint: 'look at the storage, the replicas and the permissions of the NATS servers',
    cause: error,
  })
}
