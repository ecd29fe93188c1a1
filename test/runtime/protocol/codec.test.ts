import * as fc from 'fast-check'
import { Packr } from 'msgpackr'
import { describe, expect, it } from 'vitest'
import { address } from '../../../runtime/protocol/address.ts'
import { decodeFrame, encodeFrame, wireCopy } from '../../../runtime/protocol/codec.ts'
import type { Envelope, Frame } from '../../../runtime/protocol/envelope.ts'
import { isTroupeError } from '../../../runtime/protocol/errors.ts'

const here = address('r', 'sender', 'a')
const there = address('r', 'target', 'b/c d*>')
const principal = { id: 'me', grants: ['x'] }
const envelope: Envelope = { id: 'i', to: there, from: here, event: { type: 'a.b' }, seq: 1, epoch: 0, principal }
const raw = new Packr({ useRecords: false })

const text = fc.string({ unit: 'binary' }).filter((value) => value.isWellFormed())
const leaf = fc.oneof(
  text,
  fc.double(),
  fc.integer(),
  fc.maxSafeInteger(),
  fc.boolean(),
  fc.constant(null),
  fc.constant(undefined),
  fc.date({ noInvalidDate: true }),
  fc.uint8Array(),
)
const { value: payload } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    leaf,
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(
      text.filter((key) => key !== '__proto__'),
      tie('value'),
      { maxKeys: 5 },
    ),
  ),
}))
const event = payload.map((value) => ({ type: 'a.b', value }))
const frames: fc.Arbitrary<Frame> = fc.oneof(
  fc.record({
    kind: fc.constant('message' as const),
    envelope: fc.record({ event, seq: fc.nat(), deadline: fc.maxSafeInteger() }).map((facts) => ({
      ...envelope,
      ...facts,
      ask: { id: 'q', node: 'n', stream: true },
      traceparent: '00-1-2-3',
    })),
  }),
  payload.map((input) => ({ kind: 'spawn' as const, envelope, input, hasInput: input !== undefined })),
  fc.constant({ kind: 'query' as const, to: there, query: { kind: 'wait' as const, for: { tag: 't' } }, principal }),
  fc.constant({ kind: 'accepted' as const }),
  payload.map((value) => ({ kind: 'reply' as const, value })),
  fc.constant({ kind: 'error' as const, error: { name: 'E', code: 'TIMEOUT' as const, message: 'm' } }),
  fc.record({ kind: fc.constant('chunk' as const), ask: text, index: fc.nat(), value: payload }),
  event.map((emitted) => ({ kind: 'event' as const, from: here, event: emitted })),
)

/** Bytes come back as Node's own kind of Uint8Array. */
function plainBytes(value: unknown): unknown {
  if (value instanceof Uint8Array) return [...value]
  if (Array.isArray(value)) return value.map(plainBytes)
  if (typeof value !== 'object' || value === null || value instanceof Date) return Object.is(value, -0) ? 0 : value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plainBytes(inner)]))
}

function outcome(bytes: Uint8Array): string {
  try {
    return typeof decodeFrame(bytes).kind === 'string' ? 'frame' : 'nothing'
  } catch (error) {
    return isTroupeError(error) ? 'TroupeError' : String(error)
  }
}

describe('a frame', () => {
  it('comes back as it was sent', () => {
    fc.assert(
      fc.property(frames, (frame) => {
        const chunk = frame.kind === 'chunk' && frame.value === undefined ? { ...frame, value: null } : frame
        expect(plainBytes(decodeFrame(encodeFrame(frame)))).toEqual(plainBytes(chunk))
      }),
      { numRuns: 500 },
    )
  })

  it('is never anything but a frame or a TroupeError, whatever the bytes', () => {
    const cut = frames.chain((frame) => {
      const bytes = encodeFrame(frame)
      return fc.nat(bytes.length - 1).map((length) => bytes.slice(0, length))
    })
    const bent = frames.chain((frame) => {
      const bytes = encodeFrame(frame)
      return fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)).map(([at, byte]) => bytes.with(at, byte))
    })
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), cut, bent), (bytes) => {
        expect(outcome(bytes)).toMatch(/^(frame|TroupeError)$/)
      }),
      { numRuns: 1_000 },
    )
  })

  it('that was cut off is INVALID_MESSAGE', () => {
    const bytes = encodeFrame({ kind: 'reply', value: { text: 'a long enough text' } })
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeFrame(bytes.slice(0, length))).toThrow('these bytes are not a frame')
    }
  })

  it('of a newer version is INCOMPATIBLE and names both versions; of none it is INVALID_MESSAGE', () => {
    const code = (fields: unknown): unknown => {
      try {
        return decodeFrame(raw.pack(fields)).kind
      } catch (error) {
        return isTroupeError(error) ? `${error.code} ${error.hint ?? ''}`.trim() : error
      }
    }
    expect(code([2, 3])).toBe('INCOMPATIBLE this process speaks version 1: upgrade it')
    for (const version of [0, -1, 1.5, Number.NaN, '1', null, Infinity])
      expect(code([version, 3])).toBe('INVALID_MESSAGE')
    for (const kind of [99, -1, 'length', null]) expect(code([1, kind])).toBe('INVALID_MESSAGE')
    expect(code({ 0: 1, 1: 3 })).toBe('INVALID_MESSAGE')
    expect(code([1, 2, 'to', { kind: 'constructor' }, 'me', ['*']])).toBe('INVALID_MESSAGE')
    expect(code([1, 2, 'to', null, 'me', ['*']])).toBe('INVALID_MESSAGE')
    expect(code([1, 5, null])).toBe('INVALID_MESSAGE')
    expect(code([1, 7, 'from', { no: 'type' }])).toBe('INVALID_MESSAGE')
  })

  it('cannot reach a prototype', () => {
    const attack = Buffer.from(
      raw.pack([1, 4, 1, { aaaaaaaaa: { polluted: true }, constructor: { prototype: { polluted: true } } }]),
    )
    const bytes = Buffer.from(attack.toString('latin1').replace('aaaaaaaaa', '__proto__'), 'latin1')
    const frame = decodeFrame(bytes)
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
    const value = (frame as { value: object }).value
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
    expect((value as { polluted?: boolean }).polluted).toBeUndefined()
    expect(() => encodeFrame({ kind: 'reply', value: JSON.parse('{"__proto__": {"x": 1}}') })).toThrow('__proto__')
  })

  it('refuses what would arrive as something else, and says where it stands', () => {
    class Point {
      x = 1
    }
    const circular: unknown[] = []
    circular.push(circular)
    const refused: readonly (readonly [unknown, string])[] = [
      [() => 1, 'a is a function'],
      [Symbol('s'), 'a is a symbol'],
      [new Map(), 'a is a Map'],
      [new Set(), 'a is a Set'],
      [/x/, 'a is a RegExp'],
      [new Error('x'), 'a is a Error'],
      [new Point(), 'a is a Point'],
      [new Float64Array(1), 'a is a Float64Array'],
      [Promise.resolve(), 'a is a Promise'],
      [{ deep: [1, { f: () => 1 }] }, 'a.deep[1].f is a function'],
      [2n ** 70n, 'too large'],
      [circular, 'circular'],
    ]
    for (const [value, message] of refused) {
      const frame: Frame = { kind: 'message', envelope: { ...envelope, event: { type: 'a.b', a: value } } }
      expect(() => encodeFrame(frame)).toThrow(message)
      expect(() => wireCopy({ a: value })).toThrow(message)
    }
  })
})
