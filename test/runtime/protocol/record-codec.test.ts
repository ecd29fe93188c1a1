import * as fc from 'fast-check'
import { Packr } from 'msgpackr'
import { describe, expect, it } from 'vitest'
import { isTroupeError } from '../../../runtime/protocol/errors.ts'
import {
  decodeLetter,
  decodeRecord,
  encodeBatch,
  encodeLetter,
  encodeRecord,
} from '../../../runtime/protocol/record-codec.ts'
import { sampleLetter, sampleRecord, thing } from '../../support/conformance/sample-record.ts'

const packr = new Packr({ useRecords: false, useBigIntExtension: true })
const there = thing('a')

const text = fc.string({ unit: 'binary' }).filter((value) => value.isWellFormed())
const leaf = fc.oneof(
  text,
  // A zero has no sign in a record.
  fc.double().map((value) => (value === 0 ? 0 : value)),
  fc.maxSafeInteger(),
  fc.bigInt(),
  fc.boolean(),
  fc.constant(null),
  fc.constant(undefined),
  fc.date(),
  fc.uint8Array(),
)
const { value: plain } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    leaf,
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(
      text.filter((key) => key !== '__proto__'),
      tie('value'),
      { maxKeys: 5, noNullPrototype: true },
    ),
  ),
}))

/** What decoding ends in, and which address it speaks of. */
function outcome(bytes: Uint8Array): readonly unknown[] {
  try {
    return ['record', decodeRecord(there, bytes).address]
  } catch (thrown) {
    if (!isTroupeError(thrown)) throw thrown
    return [thrown.code, thrown.where]
  }
}

describe('a record as bytes', () => {
  it('comes back as it was, whatever plain data is in it', () => {
    fc.assert(
      fc.property(plain, plain, fc.option(fc.nat(), { nil: null }), (context, input, wake) => {
        const record = sampleRecord('a', 1, { snapshot: { status: 'active', context }, input, wake })
        expect(decodeRecord(there, encodeRecord(record))).toStrictEqual(record)
      }),
    )
  })

  it('tells an input that is undefined from none', () => {
    expect(decodeRecord(there, encodeRecord(sampleRecord('a', 1, { input: undefined })))).toHaveProperty('input')
    expect(decodeRecord(there, encodeRecord(sampleRecord('a', 1)))).not.toHaveProperty('input')
  })

  const circle: unknown[] = []
  circle.push(circle)
  it.each([
    ['a function', { f: () => 1 }, 'snapshot.context.f is a function'],
    ['a Map', { list: [new Map()] }, 'snapshot.context.list[0] is a Map'],
    ['what holds itself', { circle }, 'circular'],
  ])('is refused for %s, with its place and the address', (_, context, message) => {
    const record = sampleRecord('a', 1, { snapshot: { status: 'active', context } })
    expect(() => encodeRecord(record)).toThrow(
      expect.objectContaining({
        code: 'INVALID_MESSAGE',
        where: there,
        message: expect.stringContaining(message),
      }),
    )
  })

  it('of a newer format is refused, and says what to do', () => {
    expect(() => decodeRecord(there, packr.pack([2, 'whatever']))).toThrow(
      expect.objectContaining({ code: 'INCOMPATIBLE', where: there, hint: expect.stringContaining('upgrade') }),
    )
  })

  it('of an earlier revision of its format is read without what was added since', () => {
    const fields = packr.unpack(encodeRecord(sampleRecord('a', 1))) as unknown[]
    expect(decodeRecord(there, packr.pack(fields.slice(0, 19)))).toEqual(sampleRecord('a', 1))
  })

  it('of a later revision of its format is read without what is not known yet', () => {
    const fields = packr.unpack(encodeRecord(sampleRecord('a', 1))) as unknown[]
    expect(decodeRecord(there, packr.pack([...fields, 'new']))).toEqual(sampleRecord('a', 1))
  })

  it('of another address, or none at all, is damage', () => {
    const bytes = encodeRecord(sampleRecord('a', 1))
    const damage = expect.objectContaining({ code: 'STORAGE', where: thing('b') })
    expect(() => decodeRecord(thing('b'), bytes)).toThrow(damage)
    for (const value of [null, 'text', {}, [], [1], [0, 'test/thing/b'], [1, 'test/thing/b', 1, 2, 3]]) {
      expect(() => decodeRecord(thing('b'), packr.pack(value))).toThrow(damage)
    }
  })

  it('that is damaged is never anything but a record or an error with its address', () => {
    const bytes = encodeRecord(sampleRecord('a', 1, { input: { list: [1, 2, 3], text: 'troupe' } }))
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(255), fc.boolean(), (at, byte, cut) => {
        const damaged = Uint8Array.from(cut ? bytes.subarray(0, at) : bytes)
        if (!cut) damaged[at] = byte
        expect([
          ['record', there],
          ['STORAGE', there],
          ['INCOMPATIBLE', there],
        ]).toContainEqual(outcome(damaged))
      }),
    )
  })
})

describe('a dead letter as bytes', () => {
  it('comes back as it was', () => {
    expect(decodeLetter('l', encodeLetter(sampleLetter('l', 5)))).toEqual(sampleLetter('l', 5))
  })

  it('is refused when it is another one', () => {
    expect(() => decodeLetter('m', encodeLetter(sampleLetter('l')))).toThrow(
      expect.objectContaining({ code: 'STORAGE', where: 'm' }),
    )
  })
})

it('an append as bytes carries what a journal looks for: when to wake whom, and until when to keep it', () => {
  const { records, letters } = encodeBatch({
    records: [
      sampleRecord('a', 1),
      sampleRecord('b', 1, { wake: 0 }),
      sampleRecord('c', 1, { wake: 9, ended: { at: 1, until: 9 } }),
    ],
    removed: [thing('d')],
    letters: [sampleLetter('l')],
  })
  expect(records.map(({ address, wake, until }) => [address, wake, until])).toEqual([
    [thing('a'), null, null],
    [thing('b'), 0, null],
    [thing('c'), 9, 9],
  ])
  expect(letters.map(({ id }) => id)).toEqual(['l'])
})
