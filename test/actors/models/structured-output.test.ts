import fc from 'fast-check'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { answerJson } from '../../../actors/models/answer-json.ts'
import { strictSchema, withoutFillers } from '../../../actors/models/strict-schema.ts'
import { type OutputSchema, structuredOutput } from '../../../actors/models/structured-output.ts'

const PERSON = z.object({
  name: z.string().min(2),
  age: z.number().int().optional(),
  tags: z.array(z.string()).default([]),
  boss: z.string().nullable(),
})

it.each([
  ['the whole answer', '{"name":"Ann","boss":null}'],
  ['a fenced block', 'Here it is:\n```json\n{"name":"Ann","boss":null}\n```\nAnything else?'],
  ['a fence without a language', '```\n{"name":"Ann","boss":null}\n```'],
  ['prose around it', 'Sure! {"name":"Ann","boss":null} - that is all [done].'],
  ['a bracket of the prose that never closes', 'Note [1: see {"name":"Ann","boss":null}'],
  ['braces in strings', 'x {"name":"Ann","boss":null,"tags":["}{", "\\"]"]} y'],
])('finds JSON in %s', async (_where, answer) => {
  const result = await structuredOutput(PERSON).check(answer)
  expect(result.ok && result.value.name).toBe('Ann')
})

it.each([
  [
    'throws',
    () => {
      throw new Error('broken')
    },
  ],
  ['rejects', () => Promise.reject(new Error('broken'))],
  ['says nothing', () => undefined],
  ['has issues without words', () => ({ issues: [{}] })],
])('an answer whose check %s is faulty, and no more than that', async (_how, validate) => {
  const jsonSchema = { input: () => ({ type: 'object' }) }
  const schema = {
    '~standard': { version: 1, vendor: 'own', validate, jsonSchema },
  } as unknown as OutputSchema<unknown>
  expect(await structuredOutput(schema).check('{}')).toMatchObject({ ok: false })
})

it('an answer that is nested deeper than can be checked is faulty, and no more than that', async () => {
  const tree = z.object({
    get kids() {
      return z.array(tree)
    },
  })
  const answer = `${'{"kids":['.repeat(20_000)}${']}'.repeat(20_000)}`
  expect(await structuredOutput(tree).check(answer)).toMatchObject({ ok: false })
})

it('tells what is wrong with an answer, by paths, for one repair', async () => {
  const result = await structuredOutput(PERSON).check('{"name":"A","age":1.5,"boss":null}')
  if (result.ok) throw new Error('it is faulty')
  expect(result.problems).toHaveLength(2)
  expect(result.problems[0]).toMatch(/^name: /)
  expect(result.problems[1]).toMatch(/^age: /)
  expect(result.repair).toContain('- name: ')
})

it('bounds what it tells, whatever is wrong', async () => {
  const many = z.array(z.string())
  const result = await structuredOutput(many).check(JSON.stringify(Array.from({ length: 5_000 }, () => 1)))
  if (result.ok) throw new Error('it is faulty')
  expect(result.problems).toHaveLength(10)
  expect(result.repair).toContain('and 4990 more')
  expect(result.repair.length).toBeLessThan(4_000)
})

it.each([
  ['nothing', ''],
  ['prose', 'I cannot help with that.'],
  ['half an object', '{"name":"Ann",'],
])('an answer of %s is told from a wrong one', async (_what, answer) => {
  const result = await structuredOutput(PERSON).check(answer)
  expect(result.ok).toBe(false)
})

it('nulls that stand for fields left out are taken out, and others stay', async () => {
  const result = await structuredOutput(PERSON).check('{"name":"Ann","age":null,"tags":null,"boss":null}')
  expect(result).toEqual({ ok: true, value: { name: 'Ann', tags: [], boss: null } })
})

it.each([
  ['a list', z.array(z.number()), '[1,2]', [1, 2]],
  ['a text', z.string(), '"x"', 'x'],
  [
    'one of several',
    z.discriminatedUnion('k', [z.object({ k: z.literal('a') }), z.object({ k: z.literal('b') })]),
    '{"k":"b"}',
    { k: 'b' },
  ],
] as const)('%s travels in an object, and comes out of it', async (_what, schema, text, value) => {
  const output = structuredOutput(schema as z.ZodType)
  expect(output.schema).toMatchObject({ type: 'object', required: ['value'] })
  expect(await output.check(`{"value":${text}}`)).toEqual({ ok: true, value })
  expect(await output.check(text)).toEqual({ ok: true, value })
})

it('a value that holds itself keeps doing so when it travels in an object', () => {
  type Tree = readonly Tree[]
  const tree: z.ZodType<Tree> = z.lazy(() => z.array(tree))
  const text = JSON.stringify(structuredOutput(tree).schema)
  expect(text).not.toContain('"$ref":"#"')
  expect(strictSchema(structuredOutput(tree).schema, 'nullable')).not.toBeNull()
  expect(strictSchema(structuredOutput(tree).schema, 'optional')).toBeNull()
})

it('takes a schema of any library that offers its JSON form, and says so of one that does not', async () => {
  const standard = (
    jsonSchema?: NonNullable<OutputSchema<number>['~standard']['jsonSchema']>,
  ): OutputSchema<number> => ({
    '~standard': {
      version: 1,
      vendor: 'other',
      validate: async (value) =>
        typeof value === 'number' ? { value } : { issues: [{ message: 'no number', path: [{ key: 'at' }] }] },
      ...(jsonSchema ? { jsonSchema } : {}),
    },
  })
  const output = structuredOutput(standard({ input: () => ({ type: 'number' }) }))
  expect(await output.check('{"value":7}')).toEqual({ ok: true, value: 7 })
  expect(await output.check('"x"')).toMatchObject({ ok: false, problems: ['at: no number'] })
  expect(() => structuredOutput(standard())).toThrow('no JSON form')
})

it('a schema that JSON cannot express is refused when it is given', () => {
  expect(() => structuredOutput(z.object({ at: z.date() }), 'event')).toThrow("output 'event'")
})

it.each([
  ['an open record', z.object({ counts: z.record(z.string(), z.number()) })],
  ['a tuple', z.object({ pair: z.tuple([z.string(), z.number()]) })],
  ['anything', z.object({ what: z.unknown() })],
  ['an object with more fields', z.looseObject({ a: z.string() })],
])('no strict mode can express %s', (_what, schema) => {
  expect(strictSchema(structuredOutput<unknown>(schema).schema, 'nullable')).toBeNull()
})

// Schemas of what strict modes know, and values that fit them.
const leaf = fc.constantFrom(
  [z.string(), 'text'] as const,
  [z.number().min(0), 7] as const,
  [z.boolean(), true] as const,
  [z.enum(['red', 'blue']), 'red'] as const,
  [z.literal('one'), 'one'] as const,
  [z.string().nullable(), null] as const,
)
type Sample = readonly [schema: z.ZodType, value: unknown]
const { sample } = fc.letrec<{ sample: Sample }>((tie) => ({
  sample: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    leaf as fc.Arbitrary<Sample>,
    tie('sample').map(([schema, value]): Sample => [z.array(schema), [value, value]]),
    fc
      .uniqueArray(
        fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), tie('sample'), fc.constantFrom('given', 'left out', 'needed')),
        { maxLength: 4, selector: ([name]) => name },
      )
      .map((given): Sample => {
        // A field that may be null and may be left out is null when it is left out: which was meant nobody can tell.
        const fields = given.map(([name, [schema, value], use]) => {
          const isLeftOut = use === 'left out' && !schema.safeParse(null).success
          return { name, schema: use === 'needed' ? schema : schema.optional(), value, isLeftOut }
        })
        const kept = fields.filter(({ isLeftOut }) => !isLeftOut)
        return [
          z.object(Object.fromEntries(fields.map(({ name, schema }) => [name, schema]))),
          Object.fromEntries(kept.map(({ name, value }) => [name, value])),
        ]
      }),
  ),
}))

it('every schema of structure becomes strict: closed, all fields required, no other keywords', () => {
  fc.assert(
    fc.property(sample, ([schema]) => {
      const strict = strictSchema(structuredOutput(schema).schema, 'nullable')
      expect(strict).not.toBeNull()
      visit(strict, (node) => {
        const isObject = node.type === 'object'
        expect(node.additionalProperties).toBe(isObject ? false : undefined)
        expect(node.required).toEqual(isObject ? Object.keys(node.properties as object) : undefined)
        expect(['minimum', 'default', 'oneOf', 'const'].filter((keyword) => keyword in node)).toEqual([])
      })
    }),
  )
})

it('what a strict mode makes a model write comes back as the value it stands for', async () => {
  await fc.assert(
    fc.asyncProperty(sample, async ([schema, value]) => {
      const output = structuredOutput(schema)
      const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
      const written = filled(output.schema, isObject ? value : { value })
      expect(await output.check(JSON.stringify(written))).toEqual({ ok: true, value })
    }),
  )
})

it('taking fillers out of any value never throws and changes nothing that is no null', () => {
  const property = fc.property(fc.jsonValue(), sample, (value, [schema]) => {
    const { schema: json } = structuredOutput(schema)
    return JSON.stringify(withoutNulls(withoutFillers(json, value))) === JSON.stringify(withoutNulls(value))
  })
  expect(() => fc.assert(property)).not.toThrow()
})

it('reads any text without a throw', () => {
  const parts = fc.constantFrom('{', '}', '[', ']', '"', '\\', '```', '\n', 'json', '1', ',', ':', '"a"', ' ')
  fc.assert(
    fc.property(fc.array(parts, { maxLength: 60 }), (texts) => typeof answerJson(texts.join('')).ok === 'boolean'),
  )
  expect(answerJson('['.repeat(200_000)).ok).toBe(false)
})

function withoutNulls(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (_key, inner: unknown) => inner ?? undefined)
}

type Node = Record<string, unknown>

function visit(value: unknown, see: (node: Node) => void, isSchema = true): void {
  if (typeof value !== 'object' || value === null) return
  if (isSchema && !Array.isArray(value)) see(value as Node)
  for (const [key, inner] of Object.entries(value)) visit(inner, see, key !== 'properties')
}

// As a strict mode would have it: every field is there, null for what is left out.
function filled(schema: Node, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => filled(schema.items as Node, item))
  if (typeof value !== 'object' || value === null) return value
  const properties = Object.entries(schema.properties as Record<string, Node>)
  const pairs = properties.map(([name, inner]) => [
    name,
    Object.hasOwn(value, name) ? filled(inner, Reflect.get(value, name)) : null,
  ])
  return Object.fromEntries(pairs)
}
