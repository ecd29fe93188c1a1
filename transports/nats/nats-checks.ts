import { jetstreamManager, type StreamConfig } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'
import { asTroupeError, isTroupeError, TroupeError } from '../../runtime/protocol/errors.ts'
import type { NatsSubjects } from './nats-subjects.ts'

/** Older servers silently ignore what we rely on: expiry of single entries came with 2.11, its faults went with 2.12. */
const OLDEST = [2, 12] as const

/** Throws INCOMPATIBLE unless the server is new enough to mean what it accepts. */
export function checkServer({ info }: Pick<NatsConnection, 'info'>, where: string): void {
  const version = info?.version ?? '0'
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return
  throw new TroupeError('INCOMPATIBLE', `the NATS server at ${where} is ${version}: ${OLDEST.join('.')} is needed`, {
    where,
    hint: 'upgrade nats-server',
  })
}

/**
 * Makes sure of the stream that is the directory of a realm. Rejects with INCOMPATIBLE when JetStream is off or the stream
 * is another than this version needs: what the server echoes counts, not what it was asked for.
 */
export async function ensureDirectory(client: NatsConnection, subjects: NatsSubjects, replicas: number): Promise<void> {
  try {
    const manager = await jetstreamManager(client, { timeout: 5_000 })
    const echoed = await manager.streams
      .add({ ...wanted(subjects), num_replicas: replicas })
      .catch(async (error: unknown) => {
        // It may be there with other replicas, or otherwise: that is seen below.
        const found = await manager.streams.info(subjects.stream).catch(() => undefined)
        if (!found) throw error
        return found
      })
    checkEcho(echoed.config, subjects)
  } catch (error) {
    throw directoryFailure(error, subjects)
  }
}

function wanted({ stream, directory }: NatsSubjects) {
  return {
    name: stream,
    subjects: [directory],
    // On disk, so that a server that restarts has not forgotten who holds what.
    storage: 'file',
    max_msgs_per_subject: 1,
    max_msgs: -1,
    max_bytes: -1,
    max_age: 0,
    allow_msg_ttl: true,
  } as const satisfies Partial<StreamConfig>
}

function checkEcho(config: StreamConfig, subjects: NatsSubjects): void {
  for (const [name, value] of Object.entries(wanted(subjects))) {
    const echoed: unknown = config[name as keyof StreamConfig]
    if (JSON.stringify(echoed) === JSON.stringify(value)) continue
    throw new TroupeError(
      'INCOMPATIBLE',
      `the stream ${subjects.stream} has ${name} ${JSON.stringify(echoed)} instead of ${JSON.stringify(value)}`,
      { where: subjects.stream, hint: 'remove the stream while no node of the realm runs, or choose another realm' },
    )
  }
}

function directoryFailure(error: unknown, { stream }: NatsSubjects): TroupeError {
  if (isTroupeError(error)) return error
  const text = error instanceof Error ? error.message : String(error)
  if (/jetstream.*(not enabled|not available|disabled)|no responders|503/i.test(`${errorName(error)} ${text}`)) {
    return new TroupeError('INCOMPATIBLE', `JetStream is off where the realm's directory belongs: ${text}`, {
      where: stream,
      hint: 'start nats-server with JetStream (-js), and let the account use it',
      cause: error,
    })
  }
  const { message } = asTroupeError(error)
  return new TroupeError('UNAVAILABLE', `the directory of the realm (stream ${stream}) cannot be made: ${message}`, {
    where: stream,
    hint: 'look at the storage, the replicas and the permissions of the NATS servers',
    cause: error,
  })
}

function errorName(error: unknown): string {
  return error instanceof Error ? error.name : ''
}
