import { readFile } from 'node:fs/promises'
import { type ConnectionOptions, credsAuthenticator, nkeyAuthenticator, type TlsOptions } from '@nats-io/transport-node'
import { milliseconds } from '../../runtime/protocol/duration.ts'
import { TroupeError } from '../../runtime/protocol/errors.ts'
import type { NatsOptions, NatsSettings, NatsTls } from './nats-options.ts'

/** The options with their defaults. Throws INVALID_MESSAGE, naming the one at fault. */
export function natsSettings(options: NatsOptions): NatsSettings {
  const { servers = '127.0.0.1:4222', lease = '10s', patience = '5s', replicas = 1 } = options
  const { outboxBytes = 32 * 1_024 * 1_024, onStatus = () => {} } = options
  const leaseSeconds = milliseconds(lease) / 1_000
  const all = typeof servers === 'string' ? servers.split(',').map((server) => server.trim()) : [...servers]
  if (all.length === 0 || all.some((server) => server === '')) throw fault('servers', 'name at least one host:port')
  if (!Number.isInteger(leaseSeconds) || leaseSeconds < 1) throw fault('lease', 'give whole seconds, one at least')
  if (![1, 3, 5].includes(replicas)) throw fault('replicas', 'give 1, 3 or 5')
  if (!(outboxBytes > 0)) throw fault('outboxBytes', 'give a number of bytes')
  const ways = (['credentials', 'nkey', 'token', 'user'] as const).filter((way) => options[way] !== undefined)
  if (ways.length > 1) throw fault(ways.join(' and '), 'log in one way')
  return { servers: all, leaseSeconds, replicas, patience: milliseconds(patience), outboxBytes, onStatus }
}

/** How to log in, as the client wants it. Reads the credentials. */
export async function natsLogin(options: NatsOptions, node: string): Promise<ConnectionOptions> {
  const { credentials, nkey, token, user, password, tls, name = node } = options
  const authenticator = credentials
    ? credsAuthenticator(await readFile(credentials))
    : nkey
      ? nkeyAuthenticator(new TextEncoder().encode(nkey))
      : undefined
  return {
    name,
    ...(authenticator ? { authenticator } : {}),
    ...(token === undefined ? {} : { token }),
    ...(user === undefined ? {} : { user, pass: password ?? '' }),
    ...(tls === undefined ? {} : { tls: tls === true ? {} : filesOf(tls) }),
  }
}

function filesOf({ ca, cert, key }: NatsTls): TlsOptions {
  return {
    ...(ca === undefined ? {} : { caFile: ca }),
    ...(cert === undefined ? {} : { certFile: cert }),
    ...(key === undefined ? {} : { keyFile: key }),
  }
}

function fault(option: string, hint: string): TroupeError {
  return new TroupeError('INVALID_MESSAGE', `nats({ ${option} }) cannot be used as it is`, { where: option, hint })
}
