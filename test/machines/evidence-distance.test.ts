import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { evidenceDistance } from '../../machines/evidence-distance.ts'
import { ANY_FIELD, declareFields, type EvidenceField, fieldOfSchema } from '../../machines/evidence-field.ts'
import { sequenceDistance, setDistance } from '../../machines/evidence-jaccard.ts'

const kind = (name: EvidenceField['kind'], more: Partial<EvidenceField> = {}): EvidenceField => ({
  kind: name,
  weight: 1,
  ...more,
})
const fieldOf = (schema: z.ZodType) => fieldOfSchema(z.toJSONSchema(schema, { unrepresentable: 'any' }))

// Plain data as a replicate may answer it, with fields named as anything is.
const data = fc.jsonValue({ maxDepth: 4 })
const fields = fc.constantFrom<EvidenceField>(
  ANY_FIELD,
  kind('number'),
  kind('number', { scale: 10 }),
  kind('category'),
  kind('text'),
  kind('set'),
  kind('sequence'),
  kind('object', { fields: { a: kind('number', { weight: 3 }), b: kind('text', { weight: 0 }) } }),
)

describe('the distance of two answers', () => {
  it('is from 0 to 1, the same both ways, and 0 from itself, whatever they are', () => {
    fc.assert(
      fc.property(fields, data, data, (field, one, other) => {
        const distance = evidenceDistance(field, one, other)
        expect(distance).toBeGreaterThanOrEqual(0)
        expect(distance).toBeLessThanOrEqual(1)
        expect(evidenceDistance(field, other, one)).toBeCloseTo(distance, 12)
        expect(evidenceDistance(field, one, structuredClone(one))).toBe(0)
      }),
      { numRuns: 2_000 },
    )
  })

  it('of numbers and of lists is the same both ways to the last bit, at the end of what there is too', () => {
    const number = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.constantFrom(0, -0, 5e-324, Number.MAX_VALUE, -Number.MAX_VALUE),
    )
    fc.assert(
      fc.property(number, number, (one, other) => {
        const distance = evidenceDistance(kind('number'), one, other)
        expect(distance).toBe(evidenceDistance(kind('number'), other, one))
        expect(distance >= 0 && distance <= 1).toBe(true)
      }),
    )
    const list = fc.array(fc.constantFrom(1, 2, 3, 'a'), { maxLength: 8 })
    fc.assert(
      fc.property(list, list, (one, other) => {
        expect(setDistance(one, other)).toBe(setDistance(other, one))
        expect(sequenceDistance(one, other)).toBe(sequenceDistance(other, one))
        // Order can only part what is the same without it.
        expect(sequenceDistance(one, other) === 0).toBe(JSON.stringify(one) === JSON.stringify(other))
      }),
    )
  })

  it.each([
    [kind('number'), 100, 82, 0.18],
    [kind('number'), -1, 1, 1],
    [kind('number'), 0, 0, 0],
    [kind('number', { scale: 100 }), 10, 30, 0.2],
    [kind('category'), 'EUR', 'USD', 1],
    [kind('category'), { a: 1, b: 2 }, { b: 2, a: 1 }, 0],
    [kind('text'), 'Total  due', 'total due', 0],
    [kind('text'), '', 'x', 1],
    [kind('set'), [1, 2, 3], [3, 2, 1, 1], 0],
    [kind('set'), [1, 2, 3], [2, 3, 4], 0.5],
    [kind('set'), [], [], 0],
    [kind('sequence'), ['a', 'b', 'c'], ['a', 'x', 'c'], 0.5],
    [kind('sequence'), [1, 2, 3], [3, 2, 1], 0.8],
    [ANY_FIELD, { a: 1 }, { a: 1, b: 2 }, 0.5],
    [ANY_FIELD, { a: null }, {}, 0],
    [ANY_FIELD, 1, 'one', 1],
    [ANY_FIELD, null, 1, 1],
    [kind('object', { fields: { a: kind('category', { weight: 3 }) } }), { a: 1, b: 1 }, { a: 2, b: 1 }, 0.75],
  ])('by %o of %j and %j is %d', (field, one, other, distance) => {
    expect(evidenceDistance(field, one, other)).toBeCloseTo(distance, 12)
  })

  it('of texts is small for a word changed, and large for another text', () => {
    const near = evidenceDistance(kind('text'), 'The invoice is due on Friday', 'The invoice was due on Friday')
    const far = evidenceDistance(kind('text'), 'The invoice is due on Friday', 'Shipping was cancelled')
    expect([near < 0.2, far > 0.8]).toEqual([true, true])
  })

  it('of lists of tens of thousands is found without looking at every pair', () => {
    const one = Array.from({ length: 20_000 }, (_, index) => index)
    const other = one.map((value) => value * 2)
    expect(sequenceDistance(one, other)).toBeCloseTo(1 - 10_000 / 30_000, 12)
    expect(sequenceDistance(one, [...one, -1])).toBeCloseTo(1 / 20_001, 12)
  })
})

describe('how a field is compared', () => {
  it('follows from the schema', () => {
    const schema = z.object({
      count: z.int(),
      rate: z.number().nullable(),
      note: z.string(),
      day: z.iso.date(),
      sort: z.enum(['a', 'b']),
      paid: z.boolean(),
      lines: z.array(z.object({ id: z.string() })),
      seller: z.object({ name: z.string().optional() }),
      either: z.union([z.string(), z.number()]),
      rates: z.record(z.string(), z.number()),
      when: z.date(),
    })
    const { fields: found = {} } = fieldOf(schema)
    expect(Object.fromEntries(Object.entries(found).map(([name, field]) => [name, field.kind]))).toEqual({
      ...{ count: 'number', rate: 'number', note: 'text', day: 'category', sort: 'category', paid: 'category' },
      ...{ lines: 'sequence', seller: 'object', either: 'any', rates: 'object', when: 'any' },
    })
    expect(found.seller?.fields?.name?.kind).toBe('text')
    expect(found.rates?.rest?.kind).toBe('number')
  })

  it('comes to an end in a schema that refers to itself', () => {
    const tree: z.ZodType = z.object({
      value: z.number(),
      get children() {
        return z.array(tree)
      },
      get next() {
        return tree.optional()
      },
    })
    const field = fieldOf(tree)
    expect(evidenceDistance(field, { value: 1, next: { value: 4 } }, { value: 1, next: { value: 2 } })).toBeCloseTo(
      0.25,
    )
  })

  it('can be declared by dotted paths, and for what the schema leaves open', () => {
    const field = declareFields(fieldOf(z.object({ a: z.object({ b: z.number() }), c: z.any() })), {
      'a.b': { scale: 10, weight: 2 },
      'c.list': { kind: 'set' },
    })
    expect(field.fields?.a?.fields?.b).toEqual({ kind: 'number', weight: 2, scale: 10 })
    expect(evidenceDistance(field, { c: { list: [1, 2] } }, { c: { list: [2, 1] } })).toBe(0)
  })

  it.each([
    ['a.x', { weight: 1 }, /no field 'a.x'/],
    ['a', { kind: 'guess' }, /'guess' is no kind/],
    ['a', { scale: 0 }, /scale is 0/],
    ['a', { tolerance: 2 }, /tolerance is 2/],
    ['a', { colour: 1 }, /no 'colour'/],
  ])('is refused for %s: %o', (path, options, message) => {
    const root = fieldOf(z.object({ a: z.object({ b: z.number() }) }))
    expect(() => declareFields(root, { [path]: options as never })).toThrow(message)
  })
})
