import { crc32 } from 'node:zlib'
import type { Address } from '../../runtime/protocol/address.ts'
import { TroupeError } from '../../runtime/protocol/errors.ts'

/** What one append adds to the log of a shard: all of it or nothing. */
export interface Segment {
  /** Set in that with which an ownership begins: what its owner knows it by. */
  readonly owner: string | null
  /** Nothing below this sequence counts any more, whatever is found there. */
  readonly floor: number
  readonly records: readonly SegmentRecord[]
  readonly removed: readonly Address[]
  readonly letters: readonly SegmentLetter[]
  readonly buried: readonly string[]
}

/** A record as it rests in a segment. */
export interface SegmentRecord {
  readonly address: Address
  readonly wake: number | null
  readonly until: number | null
  readonly bytes: Uint8Array
  readonly origin: Origin | null
}

/** A dead letter as it rests in a segment. */
export interface SegmentLetter {
  readonly id: string
  readonly bytes: Uint8Array
  readonly origin: Origin | null
}

/** Where something was first written, if this is a copy: a sequence, and the place in it. */
export type Origin = readonly [sequence: number, place: number]

/** A segment in as many messages as its size asks for: this is one of them. */
export interface SegmentPart {
  readonly index: number
  readonly count: number
  /** The epoch of its owner; 0 where the epoch begins with it. */
  readonly epoch: number
  readonly body: Uint8Array
}

const FORMAT = 1
/** Before the body of each part: format, index, count, checksum, epoch. */
const HEAD = 1 + 4 + 4 + 4 + 8

/**
 * The whole of a segment: the length of its head, the head as JSON, then the bytes of its records and letters, one after
 * the other, as long as the head says.
 */
type Head = readonly [
  owner: string | null,
  floor: number,
  records: readonly (readonly [
    Address,
    wake: number | null,
    until: number | null,
    length: number,
    ...origin: number[],
  ])[],
  removed: readonly Address[],
  letters: readonly (readonly [id: string, length: number, ...origin: number[]])[],
  buried: readonly string[],
]

const LENGTH = 4

/** The payloads of the messages of a segment, none larger than `most`. */
export function encodeSegment(segment: Segment, epoch: number, most: number): Uint8Array[] {
  const { owner, floor, records, removed, letters, buried } = segment
  const head: Head = [
    owner,
    floor,
    records.map(({ address, wake, until, bytes, origin }) => [address, wake, until, bytes.length, ...(origin ?? [])]),
    removed,
    letters.map(({ id, bytes, origin }) => [id, bytes.length, ...(origin ?? [])]),
    buried,
  ]
  const text = Buffer.from(JSON.stringify(head))
  const length = Buffer.alloc(LENGTH)
  length.writeUInt32BE(text.length)
  const body = Buffer.concat([length, text, ...records.map(({ bytes }) => bytes), ...letters.map(({ bytes }) => bytes)])
  const room = most - HEAD
  const count = Math.ceil(body.length / room)
  return Array.from({ length: count }, (_, index) =>
    partOf(body.subarray(index * room, (index + 1) * room), index, count, epoch),
  )
}

function partOf(body: Uint8Array, index: number, count: number, epoch: number): Uint8Array {
  const part = new Uint8Array(HEAD + body.length)
  const head = new DataView(part.buffer)
  head.setUint8(0, FORMAT)
  head.setUint32(1, index)
  head.setUint32(5, count)
  head.setUint32(9, crc32(body))
  head.setFloat64(13, epoch)
  part.set(body, HEAD)
  return part
}

/** Reads one message of a log. Throws INCOMPATIBLE for a newer format, STORAGE for what is damaged or no part of a journal. */
export function decodePart(data: Uint8Array, where: string): SegmentPart {
  const head = new DataView(data.buffer, data.byteOffset, data.byteLength)
  if (data.length <= HEAD || head.getUint8(0) === 0) throw damaged(where, 'it is too short, or foreign')
  if (head.getUint8(0) > FORMAT) {
    throw new TroupeError('INCOMPATIBLE', `${where} has journal format ${head.getUint8(0)}, which cannot be read`, {
      where,
      hint: `this process reads format ${FORMAT}: upgrade it; or remove the message, if it is no part of a journal`,
    })
  }
  const body = data.subarray(HEAD)
  if (crc32(body) !== head.getUint32(9)) throw damaged(where, 'its checksum is not that of its bytes')
  return { index: head.getUint32(1), count: head.getUint32(5), epoch: head.getFloat64(13), body }
}

/** Puts the parts of a segment together. Throws STORAGE when they are not what was written. */
export function decodeSegment(parts: readonly SegmentPart[], where: string): Segment {
  const [first] = parts
  if (!first || parts.length !== first.count || parts.some(({ index }, at) => index !== at)) {
    throw damaged(where, 'parts of it are missing')
  }
  const body = parts.length === 1 ? Buffer.from(first.body) : Buffer.concat(parts.map((part) => part.body))
  try {
    let end = LENGTH + body.readUInt32BE(0)
    const next = (length: number): Uint8Array => {
      const bytes = body.subarray(end, end + length)
      if (bytes.length < length) throw new RangeError('it ends too soon')
      end += length
      return bytes
    }
    const [owner, floor, records, removed, letters, buried] = JSON.parse(body.toString('utf8', LENGTH, end)) as Head
    return {
      owner,
      floor,
      records: records.map(([address, wake, until, length, ...origin]) => {
        return { address, wake, until, bytes: next(length), origin: originOf(origin) }
      }),
      removed,
      letters: letters.map(([id, length, ...origin]) => ({ id, bytes: next(length), origin: originOf(origin) })),
      buried,
    }
  } catch (cause) {
    throw damaged(where, (cause as Error).message)
  }
}

function originOf([sequence, place]: readonly number[]): Origin | null {
  return sequence === undefined || place === undefined ? null : [sequence, place]
}

function damaged(where: string, why: string): TroupeError {
  return new TroupeError('STORAGE', `${where} is damaged: ${why}`, {
    where,
    hint: 'restore the stream from a copy, or remove the message (nats stream rmm) if it is no part of a journal',
    lasting: true,
  })
}
