import { Packr } from 'msgpackr'
import type { Envelope, Frame, Query } from './envelope.ts'
import { isTroupeError, TroupeError } from './errors.ts'

/**
 * Frames as bytes. A frame is one MessagePack array: version, kind, then its fields in a fixed order. Names travel only
 * inside payloads, so the header costs a few bytes and no registry of structures has to be shared. A field is only ever
 * added at the end; any other change is a new version, and a newer version is refused, never guessed at.
 */
const VERSION = 1
const KINDS = ['message', 'spawn', 'query', 'accepted', 'reply', 'error', 'chunk', 'event'] as const

const QUERIES = [
  'state',
  'result',
  'end',
  'wait',
  'stop',
  'reset',
  'cancel',
] as const satisfies readonly Query['kind'][]

const packr = new Packr({ useRecords: false, mapsAsObjects: true })

/** The bytes of a frame. Throws INVALID_MESSAGE for a value that has no wire form (a function, a symbol). */
export function encodeFrame(frame: Frame): Uint8Array {
  try {
    assertPlain(payloadOf(frame))
    return packr.pack([VERSION, KINDS.indexOf(frame.kind), ...fieldsOf(frame)])
  } catch (cause) {
    throw unencodable(`a ${frame.kind}`, cause)
  }
}

/** The frame of some bytes. Throws INCOMPATIBLE for a newer version and INVALID_MESSAGE for anything else. */
export function decodeFrame(bytes: Uint8Array): Frame {
  try {
    const fields: unknown = packr.unpack(bytes)
    if (!Array.isArray(fields) || typeof fields[0] !== 'number') throw new TypeError('it is no frame')
    if (Number.isInteger(fields[0]) && fields[0] > VERSION) {
      throw new TroupeError('INCOMPATIBLE', `a frame of codec version ${fields[0]} cannot be read`, {
        hint: `this process speaks version ${VERSION}: upgrade it`,
      })
    }
    const kind = fields[0] === VERSION && typeof fields[1] === 'number' ? KINDS[fields[1]] : undefined
    if (!kind) throw new TypeError(`kind ${String(fields[1])} is unknown`)
    return frameOf(kind, fields.slice(2))
  } catch (cause) {
    if (isTroupeError(cause)) throw cause
    throw new TroupeError('INVALID_MESSAGE', `these bytes are not a frame: ${(cause as Error).message}`, { cause })
  }
}

/** A copy of a plain value as the far end of a wire would see it. */
export function wireCopy<T>(value: T): T {
  try {
    assertPlain(value)
    return packr.unpack(packr.pack(value)) as T
  } catch (cause) {
    throw unencodable('a value', cause)
  }
}

/** What of a frame comes from a user. */
function payloadOf(frame: Frame): unknown {
  switch (frame.kind) {
    case 'message':
      return frame.envelope.event
    case 'spawn':
      return frame.input
    case 'event':
      return frame.event
    case 'reply':
    case 'chunk':
      return frame.value
    case 'error':
      return frame.error.data
    default:
      return undefined
  }
}

/**
 * Throws TypeError, saying where, for what is not plain data. MessagePack would make something of a Map, a class or a
 * function, and not the same thing: better an error here than a message that means something else there.
 */
export function assertPlain(value: unknown): void {
  if (!isPlain(value, 0)) throw new TypeError(faultOf(value, '', 0) ?? 'it is not plain data')
}

// Well before any codec runs out of stack; what is circular ends here as well.
const DEEPEST = 1_000

// Walked for each commit of a durable actor. Most values are leaves: they are told on the spot, without a call for each.
function isPlain(value: unknown, depth: number): boolean {
  if (typeof value !== 'object') return typeof value !== 'function' && typeof value !== 'symbol'
  if (value === null) return true
  if (depth > DEEPEST) return false
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) {
      const item: unknown = value[index]
      if (!isLeaf(item) && !isPlain(item, depth + 1)) return false
    }
    return true
  }
  if (!isPlainObject(value)) return value instanceof Date || value instanceof Uint8Array
  for (const key in value) {
    if (key === '__proto__') return false
    const inner = (value as Record<string, unknown>)[key]
    if (!isLeaf(inner) && !isPlain(inner, depth + 1)) return false
  }
  return true
}

function isLeaf(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' || value == null
}

function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null || Object.getPrototypeOf(prototype) === null
}

/** Says where the fault is; only looked for when there is one. */
function faultOf(value: unknown, path: string, depth: number): string | undefined {
  const name = path || 'it'
  if (typeof value !== 'object') return isPlain(value, 0) ? undefined : `${name} is a ${typeof value}`
  if (value === null || value instanceof Date || value instanceof Uint8Array) return undefined
  if (depth > DEEPEST) return `it is circular, or nested more than ${DEEPEST} deep`
  if (!Array.isArray(value) && !isPlainObject(value)) return `${name} is a ${value.constructor.name}`
  for (const [key, inner] of Object.entries(value)) {
    if (key === '__proto__') return `${name} has a key '__proto__'`
    const at = Array.isArray(value) ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`
    const fault = faultOf(inner, at, depth + 1)
    if (fault !== undefined) return fault
  }
  return undefined
}

function unencodable(what: string, cause: unknown): TroupeError {
  return new TroupeError('INVALID_MESSAGE', `${what} cannot be encoded: ${(cause as Error).message}`, {
    hint: 'messages are plain data: objects, arrays, texts, numbers, dates and bytes, nothing circular',
    cause,
  })
}

function fieldsOf(frame: Frame): unknown[] {
  switch (frame.kind) {
    case 'message':
      return envelopeFields(frame.envelope)
    case 'spawn':
      return [frame.input ?? null, frame.hasInput, ...envelopeFields(frame.envelope)]
    case 'query':
      return [frame.to, frame.query, frame.principal.id, frame.principal.grants]
    case 'accepted':
      return []
    case 'reply':
      return [frame.value === undefined ? 0 : 1, frame.value ?? null]
    case 'error':
      return [frame.error]
    case 'chunk':
      return [frame.ask, frame.index, frame.value ?? null]
    case 'event':
      return [frame.from, frame.event]
  }
}

// Each kind's fields come back in the order they were written; a field of the wrong type is caught where it is used,
// except for what routes a frame, which is checked here.
function frameOf(kind: Frame['kind'], f: readonly unknown[]): Frame {
  switch (kind) {
    case 'message':
      return { kind, envelope: envelopeOf(f) }
    case 'spawn':
      return {
        kind,
        input: f[1] === true ? f[0] : undefined,
        hasInput: f[1] === true,
        envelope: envelopeOf(f.slice(2)),
      }
    case 'query':
      return { kind, to: text(f[0]), query: queryOf(f[1]), principal: { id: text(f[2]), grants: texts(f[3]) } } as Frame
    case 'accepted':
      return { kind }
    case 'reply':
      return { kind, value: f[0] === 0 ? undefined : f[1] }
    case 'error':
      return { kind, error: record(f[0]) } as unknown as Frame
    case 'chunk':
      return { kind, ask: text(f[0]), index: Number(f[1]), value: f[2] }
    case 'event':
      return { kind, from: text(f[0]), event: eventOf(f[1]) } as Frame
  }
}

function envelopeFields(e: Envelope): unknown[] {
  const ask = e.ask ? [e.ask.id, e.ask.node, e.ask.stream] : null
  return [
    e.id,
    e.to,
    e.from,
    e.event,
    ask,
    e.seq,
    e.epoch,
    e.deadline ?? null,
    e.traceparent ?? null,
    e.principal.id,
    e.principal.grants,
  ]
}

function envelopeOf(f: readonly unknown[]): Envelope {
  const ask = f[4] as readonly [string, string, boolean] | null
  return {
    id: text(f[0]),
    to: text(f[1]),
    from: text(f[2]),
    event: eventOf(f[3]),
    ...(ask ? { ask: { id: text(ask[0]), node: text(ask[1]), stream: ask[2] } } : {}),
    seq: Number(f[5]),
    epoch: Number(f[6]),
    ...(typeof f[7] === 'number' ? { deadline: f[7] } : {}),
    ...(typeof f[8] === 'string' ? { traceparent: f[8] } : {}),
    principal: { id: text(f[9]), grants: texts(f[10]) },
  } as Envelope
}

function text(value: unknown): string {
  if (typeof value === 'string') return value
  throw new TypeError(`a text was expected, not ${typeof value}`)
}

function texts(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.map(text)
  throw new TypeError('a list of texts was expected')
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  throw new TypeError(`an object was expected, not ${typeof value}`)
}

function eventOf(value: unknown): unknown {
  if (typeof record(value)['type'] === 'string') return value
  throw new TypeError('its event has no type')
}

function queryOf(value: unknown): unknown {
  const { kind, deadline, ask, for: condition } = record(value)
  if (!QUERIES.includes(kind as (typeof QUERIES)[number])) throw new TypeError(`query ${String(kind)} is unknown`)
  if (deadline !== undefined && typeof deadline !== 'number') throw new TypeError('its deadline is no number')
  if (kind === 'wait') record(condition)
  if (kind === 'cancel') text(ask)
  return value
}
