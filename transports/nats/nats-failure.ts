import { errors } from '@nats-io/transport-node'
import { asTroupeError, isTroupeError, TroupeError } from '../../runtime/protocol/errors.ts'

/** Why the servers cannot be reached or will not have us, as who must act can read it. */
export function connectFailure(thrown: unknown, servers: readonly string[]): TroupeError {
  const where = servers.join(', ')
  if (isTroupeError(thrown)) return thrown
  const text = thrown instanceof Error ? thrown.message : String(thrown)
  if (thrown instanceof errors.AuthorizationError || thrown instanceof errors.UserAuthenticationExpiredError) {
    return new TroupeError('FORBIDDEN', `the NATS server at ${where} refuses the credentials: ${text}`, {
      where,
      hint: 'look at credentials, nkey, token or user of nats({ ... }), and at the accounts of the server',
      cause: thrown,
    })
  }
  if (isFileError(thrown)) {
    return new TroupeError('INVALID_MESSAGE', `a file for the connection cannot be read: ${text}`, {
      where: thrown.path ?? where,
      hint: 'look at credentials and tls of nats({ ... })',
      cause: thrown,
    })
  }
  return new TroupeError('UNAVAILABLE', `no NATS server answers at ${where}: ${text}`, {
    where,
    hint: 'start one (nats-server -js), or look at servers and tls of nats({ ... })',
    cause: thrown,
  })
}

/** What the server says of its own accord. */
export function serverFailure(error: Error): TroupeError {
  if (error instanceof errors.PermissionViolationError) return deniedSubject(error.operation, error.subject, error)
  if (error instanceof errors.AuthorizationError || error instanceof errors.UserAuthenticationExpiredError) {
    return new TroupeError('FORBIDDEN', `the NATS server refuses the credentials: ${error.message}`, { cause: error })
  }
  return asTroupeError(error, 'UNAVAILABLE')
}

/** The servers do not let this account use a subject. */
export function deniedSubject(operation: string, subject: string, cause?: unknown): TroupeError {
  return new TroupeError('FORBIDDEN', `the NATS server denies this account the ${operation} on ${subject}`, {
    where: subject,
    hint: 'grant the account the subjects of its realm',
    cause,
  })
}

/** A call on a link that has been closed. */
export function closedLink(node: string): TroupeError {
  return new TroupeError('UNAVAILABLE', `node ${node} has left`, {
    where: node,
    hint: 'try again: another may take over',
  })
}

/** A frame that no server would take. */
export function tooLarge(size: number, most: number, where: string): TroupeError {
  return new TroupeError('LIMIT_EXCEEDED', `a message of ${size} bytes is larger than the servers take (${most})`, {
    where,
    hint: 'send less, or raise max_payload of the NATS servers',
  })
}

function isFileError(thrown: unknown): thrown is NodeJS.ErrnoException {
  return thrown instanceof Error && 'syscall' in thrown && ['open', 'read'].includes(String(thrown.syscall))
}
