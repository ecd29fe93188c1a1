import { readFile } from 'node:fs/promises'
import {
  type Authenticator,
  type ConnectionOptions,
  credsAuthenticator,
  nkeyAuthenticator,
  type TlsOptions,
} from '@nats-io/transport-node'
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

/** How to log in, as the client wants it. Reads the files it takes. */
export async function natsLogin(options: NatsOptions, node: string): Promise<ConnectionOptions> {
  const { credentials, nkey, token, user, password, tls, name = node } = options
  const authenticator = credentials
    ? proven(credsAuthenticator(await readFile(credentials)), credentials, 'name a file that nsc has written')
    : nkey
      ? proven(
          nkeyAuthenticator(new TextEncoder().encode(nkey)),
          'nkey',
          'give the seed of a user, which begins with SU',
        )
      : undefined
  return {
    name,
    ...(authenticator ? { authenticator } : {}),
    ...(token === undefined ? {} : { token }),
    ...(user === undefined ? {} : { user, pass: password ?? '' }),
    ...(tls === undefined ? {} : { tls: tls === true ? {} : await filesOf(tls) }),
  }
}

// The client would find out in the middle of its greeting, and say so to nobody.
function proven(authenticator: Authenticator, where: string, hint: string): Authenticator {
  try {
    authenticator('nonce')
    return authenticator
  } catch (cause) {
    throw new TroupeError('INVALID_MESSAGE', `${where} holds nothing to log in with`, { where, hint, cause })
  }
}

async function filesOf({ ca, cert, key }: NatsTls): Promise<TlsOptions> {
  return {
    ...(ca === undefined ? {} : { ca: await readFile(ca, 'utf8') }),
    ...(cert === undefined ? {} : { cert: await readFile(cert, 'utf8') }),
    ...(key === undefined ? {} : { key: await readFile(key, 'utf8') }),
  }
}

function fault(option: string, hint: string): TroupeError {
  return new TroupeError('INVALID_MESSAGE', `nats({ ${option} }) cannot be used as it is`, { where: option, hint })
}
