import { Packr } from 'msgpackr'
import type { Address } from './address.ts'
import { assertPlain } from './codec.ts'
import { isTroupeError, TroupeError } from './errors.ts'
import type { ActorRecord, DeadLetterRecord } from './record.ts'

/**
 * Records as bytes, for media that keep them. A record is one MessagePack array: version, then its fields in a fixed
 * order. As in frames, a field is only ever added at the end; any other change is a new version, and a newer version is
 * refused, never guessed at. The version is that of the record's `format`.
 */
const VERSION = 1

const packr = new Packr({ useRecords: false, mapsAsObjects: true, useBigIntExtension: true, copyBuffers: true })

type Fields = readonly unknown[]

/** What an append of a journal writes, as bytes and the facts that a journal looks for. */
export interface EncodedBatch {
  readonly records: readonly {
    readonly address: Address
    readonly wake: number | null
    /** Until when an actor that has ended is kept; null for one that has not. */
    readonly until: number | null
    readonly bytes: Uint8Array
  }[]
  readonly letters: readonly { readonly id: string; readonly bytes: Uint8Array }[]
}

/** The bytes of an append, all or nothing. Throws INVALID_MESSAGE for what cannot be written down or is there twice. */
export function encodeBatch(batch: {
  readonly records: readonly ActorRecord[]
  readonly removed: readonly Address[]
  readonly letters?: readonly DeadLetterRecord[]
}): EncodedBatch {
  const seen = new Set<Address>()
  for (const { address } of batch.records) assertNew(seen, address)
  for (const address of batch.removed) assertNew(seen, address)
  return {
    records: batch.records.map((record) => {
      const { address, wake, ended } = record
      return { address, wake, until: ended?.until ?? null, bytes: encodeRecord(record) }
    }),
    letters: (batch.letters ?? []).map((letter) => ({ id: letter.id, bytes: encodeLetter(letter) })),
  }
}

/** The bytes of a record. Throws INVALID_MESSAGE, naming its address, for a value that cannot be written down. */
export function encodeRecord(record: ActorRecord): Uint8Array {
  const { address } = record
  const fields = [
    address,
    record.incarnation,
    record.commit,
    record.seq,
    record.machine,
    record.principal,
    record.parent ?? null,
    // Nothing and undefined are two inputs.
    'input' in record ? [record.input] : null,
    record.snapshot,
    record.timers,
    record.tasks,
    record.outbox,
    record.inbox,
    record.stash,
    record.children,
    record.watching,
    record.wake,
    record.ended ?? null,
    record.restarts ?? null,
    record.quarantined ?? null,
  ]
  return encode(record, fields, `the record of ${address}`, address)
}

/**
 * The record of some bytes that rested under an address. Throws INCOMPATIBLE when a newer version wrote them, and STORAGE
 * when they are damaged; both name the address.
 */
export function decodeRecord(address: Address, bytes: Uint8Array): ActorRecord {
  return decode(bytes, `the record of ${address}`, address, (f) => {
    if (f[1] !== address) throw new TypeError(`it belongs to ${String(f[1])}`)
    const [parent, input, ended] = [f[7], f[8], f[18]]
    // Those that were added later are not in every record.
    const [restarts = null, quarantined = null] = [f[19], f[20]]
    return {
      format: VERSION,
      address,
      incarnation: number(f[2]),
      commit: number(f[3]),
      seq: number(f[4]),
      machine: object(f[5]),
      principal: object(f[6]),
      ...(parent === null ? {} : { parent: object(parent) }),
      ...(input === null ? {} : { input: list(input)[0] }),
      snapshot: object(f[9]),
      timers: list(f[10]),
      tasks: list(f[11]),
      outbox: list(f[12]),
      inbox: object(f[13]),
      stash: list(f[14]),
      children: object(f[15]),
      watching: list(f[16]),
      wake: f[17] === null ? null : number(f[17]),
      ...(ended === null ? {} : { ended: object(ended) }),
      ...(restarts === null ? {} : { restarts: object(restarts) }),
      ...(quarantined === null ? {} : { quarantined: object(quarantined) }),
    } as unknown as ActorRecord
  })
}

/** The bytes of a dead letter. Throws INVALID_MESSAGE, naming its id, for a value that cannot be written down. */
export function encodeLetter(letter: DeadLetterRecord): Uint8Array {
  const { id, at, to, from, event, principal, error } = letter
  return encode(letter, [id, at, to, from, event, principal, error], `dead letter ${id}`, id)
}

/** The dead letter of some bytes that rested under an id. Throws like `decodeRecord`. */
export function decodeLetter(id: string, bytes: Uint8Array): DeadLetterRecord {
  return decode(bytes, `dead letter ${id}`, id, (f) => {
    if (f[1] !== id) throw new TypeError(`it is ${String(f[1])}`)
    const [at, to, from] = [number(f[2]), text(f[3]), text(f[4])]
    const [event, principal, error] = [object(f[5]), object(f[6]), object(f[7])]
    return { id, at, to, from, event, principal, error } as unknown as DeadLetterRecord
  })
}

function assertNew(seen: Set<Address>, address: Address): void {
  if (seen.has(address)) {
    throw new TroupeError('INVALID_MESSAGE', `an append has ${address} twice`, {
      where: address,
      hint: 'an append writes one state of an actor, or removes it',
    })
  }
  seen.add(address)
}

function encode(value: object, fields: Fields, what: string, where: string): Uint8Array {
  try {
    assertPlain(value)
    return packr.pack([VERSION, ...fields])
  } catch (cause) {
    throw new TroupeError('INVALID_MESSAGE', `${what} cannot be written down: ${faultIn(cause)}`, {
      where,
      hint: 'what is durable is plain data: objects, arrays, texts, numbers, dates and bytes, nothing circular',
      cause,
    })
  }
}

function decode<T>(bytes: Uint8Array, what: string, where: string, read: (fields: Fields) => T): T {
  try {
    // Of a Buffer msgpackr would make Buffers: what comes back must not depend on the medium.
    const fields: unknown = packr.unpack(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength))
    if (!Array.isArray(fields) || typeof fields[0] !== 'number') throw new TypeError('it has no version')
    if (Number.isInteger(fields[0]) && fields[0] > VERSION) {
      throw new TroupeError('INCOMPATIBLE', `${what} has format ${fields[0]}, which cannot be read`, {
        where,
        hint: `this process reads format ${VERSION}: upgrade it`,
      })
    }
    if (fields[0] !== VERSION) throw new TypeError(`format ${fields[0]} is unknown`)
    return read(fields)
  } catch (cause) {
    if (isTroupeError(cause)) throw cause
    throw new TroupeError('STORAGE', `${what} is damaged: ${(cause as Error).message}`, {
      where,
      hint: 'restore the journal from a copy, or remove this one from it',
      lasting: true,
      cause,
    })
  }
}

function faultIn(cause: unknown): string {
  // The only RangeError of a walk through a value is that of the stack.
  return cause instanceof RangeError ? 'it is circular, or nested too deeply' : (cause as Error).message
}

function number(value: unknown): number {
  if (typeof value === 'number') return value
  throw new TypeError(`a number was expected, not ${typeof value}`)
}

function text(value: unknown): string {
  if (typeof value === 'string') return value
  throw new TypeError(`a text was expected, not ${typeof value}`)
}

function list(value: unknown): Fields {
  if (Array.isArray(value)) return value
  throw new TypeError(`a list was expected, not ${typeof value}`)
}

function object(value: unknown): object {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  throw new TypeError(`an object was expected, not ${typeof value}`)
}
