import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { payloadHash } from '../../actors/idempotency-payload.ts'

describe('what stands for a payload', () => {
  it('does not depend on the order of its keys, however deep, and is the same after a wire', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(payloadHash(turned(value))).toBe(payloadHash(value))
        expect(payloadHash(JSON.parse(JSON.stringify(value)))).toBe(payloadHash(value))
      }),
    )
  })

  it('tells payloads apart that JSON tells apart', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (one, other) => {
        const same = JSON.stringify(sorted(one)) === JSON.stringify(sorted(other))
        expect(payloadHash(one) === payloadHash(other)).toBe(same)
      }),
    )
    expect(payloadHash({ a: 1 })).not.toBe(payloadHash({ a: '1' }))
    expect(payloadHash([1, 2])).not.toBe(payloadHash([2, 1]))
    expect(payloadHash({ a: 1n })).not.toBe(payloadHash({ a: 1 }))
  })

  it('takes a field that is undefined for none, -0 for 0 and a date for its text', () => {
    expect(payloadHash({ a: 1, b: undefined })).toBe(payloadHash({ a: 1 }))
    expect(payloadHash([undefined])).toBe(payloadHash([null]))
    expect(payloadHash({ a: -0 })).toBe(payloadHash({ a: 0 }))
    const date = new Date(0)
    expect(payloadHash({ date })).toBe(payloadHash({ date: '1970-01-01T00:00:00.000Z' }))
  })

  it('is refused for what does not tell one payload from another, naming the place', () => {
    expect(() => payloadHash({ a: [1, Number.NaN] })).toThrow('payload.a.1 is NaN')
    expect(() => payloadHash({ when: new Date(Number.NaN) })).toThrow('payload.when is an invalid date')
    expect(() => payloadHash({ of: new Map() })).toThrow('payload.of is a Map')
    expect(() => payloadHash({ run: () => 1 })).toThrow('payload.run is a function')
    const circle: { self?: unknown } = {}
    circle.self = circle
    expect(() => payloadHash(circle)).toThrow('circular')
  })
})

type Json = unknown

function turned(value: Json): Json {
  if (Array.isArray(value)) return value.map(turned)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, inner]) => [key, turned(inner)]),
  )
}

function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const fields = Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1))
  return { fields: fields.map(([key, inner]) => [key, sorted(inner)]) }
}
