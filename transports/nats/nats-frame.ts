import type { Address } from '../../runtime/protocol/address.ts'
import { errorOf, errorValue, type ErrorValue, TroupeError } from '../../runtime/protocol/errors.ts'

/**
 * What lies on the wire: three bytes (a mark, the version, the kind) and what the kind says. Kernel frames travel as they
 * are. A request names its address, so that its receiver can tell whether it still holds that before it looks inside.
 */
export type NatsFrame =
  | { readonly kind: 'request'; readonly to: Address; readonly body: Uint8Array }
  | { readonly kind: 'post'; readonly body: Uint8Array }
  /** Is answered at once: what was sent to the node before has been taken or turned away by then. */
  | { readonly kind: 'fence' }
  /** Asks all nodes which of these requests they work on. */
  | { readonly kind: 'probe'; readonly asker: string; readonly tokens: readonly number[] }
  | { readonly kind: 'answer'; readonly body: Uint8Array }
  /** The address does not live here. */
  | { readonly kind: 'moved' }
  | { readonly kind: 'error'; readonly error: TroupeError }
  | { readonly kind: 'vouch'; readonly tokens: readonly number[] }

const MARK = 0x54
const VERSION = 1
const KINDS = ['request', 'post', 'fence', 'probe', 'answer', 'moved', 'error', 'vouch'] as const
const HEAD = 3
const EMPTY = new Uint8Array(0)

/** How many bytes a frame is longer than its body, at most. */
export function overhead(to: Address): number {
  return HEAD + 2 + to.length * 3
}

/** The bytes of a frame: a copy, whatever becomes of its body. */
export function encodeNatsFrame(frame: NatsFrame): Uint8Array {
  switch (frame.kind) {
    case 'request': {
      const name = Buffer.from(frame.to)
      const bytes = started('request', 2 + name.length + frame.body.length)
      bytes.writeUInt16BE(name.length, HEAD)
      bytes.set(name, HEAD + 2)
      bytes.set(frame.body, HEAD + 2 + name.length)
      return bytes
    }
    case 'post':
    case 'answer':
      return withBody(frame.kind, frame.body)
    case 'fence':
    case 'moved':
      return withBody(frame.kind, EMPTY)
    case 'error':
      return withBody('error', Buffer.from(errorText(frame.error)))
    case 'probe':
      return withBody('probe', Buffer.from(JSON.stringify([frame.asker, frame.tokens])))
    case 'vouch':
      return withBody('vouch', Buffer.from(JSON.stringify(frame.tokens)))
  }
}

/** Reads a frame. Throws INVALID_MESSAGE for what is none, INCOMPATIBLE for one of another version. */
export function decodeNatsFrame(bytes: Uint8Array): NatsFrame {
  if (bytes.length < HEAD || bytes[0] !== MARK) throw foreign('it is no frame')
  if (bytes[1] !== VERSION) {
    throw new TroupeError('INCOMPATIBLE', `a frame of wire version ${bytes[1]} came to a node that reads ${VERSION}`, {
      hint: 'bring all nodes of the realm to one version of troupe',
    })
  }
  const kind = KINDS[bytes[2] ?? KINDS.length]
  const body = bytes.subarray(HEAD)
  switch (kind) {
    case 'request': {
      const length = body.length < 2 ? Number.POSITIVE_INFINITY : (body[0] ?? 0) * 256 + (body[1] ?? 0)
      if (body.length < 2 + length) throw foreign('it is cut off')
      const to = textOf(body.subarray(2, 2 + length)) as Address
      return { kind, to, body: body.subarray(2 + length) }
    }
    case 'post':
    case 'answer':
      return { kind, body }
    case 'fence':
    case 'moved':
      return { kind }
    case 'error':
      return { kind, error: errorOf(parsed(body) as ErrorValue) }
    case 'probe': {
      const [asker, tokens] = (parsed(body) ?? []) as [unknown, unknown]
      if (typeof asker !== 'string' || !isTokens(tokens)) throw foreign('it is no probe')
      return { kind, asker, tokens }
    }
    case 'vouch': {
      const tokens = parsed(body)
      if (!isTokens(tokens)) throw foreign('it vouches for nothing')
      return { kind, tokens }
    }
    default:
      throw foreign(`there is no kind ${bytes[2]}`)
  }
}

function started(kind: NatsFrame['kind'], length: number): Buffer {
  const bytes = Buffer.allocUnsafe(HEAD + length)
  bytes[0] = MARK
  bytes[1] = VERSION
  bytes[2] = KINDS.indexOf(kind)
  return bytes
}

function withBody(kind: NatsFrame['kind'], body: Uint8Array): Uint8Array {
  const bytes = started(kind, body.length)
  bytes.set(body, HEAD)
  return bytes
}

// What hangs on an error may have no JSON form.
function errorText(error: TroupeError): string {
  const { data: _, ...facts } = errorValue(error)
  return JSON.stringify(facts)
}

function parsed(body: Uint8Array): unknown {
  try {
    return JSON.parse(textOf(body))
  } catch {
    throw foreign('its text cannot be read')
  }
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString()
}

function isTokens(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'number')
}

function foreign(reason: string): TroupeError {
  return new TroupeError('INVALID_MESSAGE', `a message on a subject of the realm is not from a node of it: ${reason}`, {
    hint: "leave the realm's subjects to its nodes",
  })
}
