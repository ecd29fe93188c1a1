import { TroupeError } from '../runtime/protocol/errors.ts'
import type { JsonSchema } from './model-request.ts'

/** What a value is compared as. `any` goes by the values themselves. */
export type EvidenceKind = 'number' | 'category' | 'text' | 'set' | 'sequence' | 'object' | 'any'

/** How a field of an answer is compared, and what is in it. Plain data. */
export interface EvidenceField {
  readonly kind: EvidenceKind
  /** What it counts among the fields beside it. */
  readonly weight: number
  /** The difference at which two numbers are as far apart as can be. Default: the larger of them. */
  readonly scale?: number
  /** How far apart two values may be and still be the same. */
  readonly tolerance?: number
  readonly fields?: Readonly<Record<string, EvidenceField>>
  /** How fields that are not named are compared. */
  readonly rest?: EvidenceField
}

/** What is said of a field by whoever defines the evidence; what is left out follows from the schema. */
export type EvidenceFieldOptions = Partial<Pick<EvidenceField, 'kind' | 'weight' | 'scale' | 'tolerance'>>

/** A field of which nothing is known. */
export const ANY_FIELD: EvidenceField = Object.freeze({ kind: 'any', weight: 1 })

const KINDS: readonly EvidenceKind[] = ['number', 'category', 'text', 'set', 'sequence', 'object', 'any']
const NAMES = ['kind', 'weight', 'scale', 'tolerance']
// A schema may refer to itself.
const DEEPEST = 24
const NUMBERS = new Set(['number', 'integer'])

/** How answers of a JSON schema are compared. Texts of a format, a pattern or a list of choices are categories. */
export function fieldOfSchema(schema: JsonSchema): EvidenceField {
  return inferField(schema, schema, 0)
}

/**
 * The field with what is declared of it and of those in it, by dotted paths; `$` is the whole answer. Throws
 * INVALID_MESSAGE, naming the path, for a field that is not there and for what cannot be said of one.
 */
export function declareFields(
  root: EvidenceField,
  declared: Readonly<Record<string, EvidenceFieldOptions>>,
): EvidenceField {
  let field = root
  for (const [path, options] of Object.entries(declared)) {
    checkOptions(path, options)
    field = withOptions(field, path === '$' ? [] : path.split('.'), options, path)
  }
  return field
}

function withOptions(
  field: EvidenceField,
  [name, ...others]: readonly string[],
  options: EvidenceFieldOptions,
  path: string,
): EvidenceField {
  if (name === undefined) return { ...field, ...options }
  const inner = Object.hasOwn(field.fields ?? {}, name) ? field.fields?.[name] : field.rest
  // Where nothing is known of what is in it, anything can be declared.
  const known = inner ?? (field.kind === 'any' ? ANY_FIELD : undefined)
  if (!known) {
    const names = Object.keys(field.fields ?? {}).join(', ') || 'none'
    throw fault(path, `the answer has no field '${path}'`, `at '${name}' there are: ${names}`)
  }
  return { ...field, fields: { ...field.fields, [name]: withOptions(known, others, options, path) } }
}

function checkOptions(path: string, options: EvidenceFieldOptions): void {
  const unknown = Object.keys(options).find((name) => !NAMES.includes(name))
  if (unknown !== undefined) throw fault(path, `a field has no '${unknown}'`, `it may have ${NAMES.join(', ')}`)
  const { kind, weight = 1, scale = 1, tolerance = 0 } = options
  if (kind !== undefined && !KINDS.includes(kind)) {
    throw fault(path, `'${kind as string}' is no kind of field`, `give one of ${KINDS.join(', ')}`)
  }
  if (!(weight >= 0 && weight <= 1e6)) throw fault(path, `the weight is ${weight}`, 'give a number from 0 to 1 000 000')
  if (!(scale > 0 && scale < Number.POSITIVE_INFINITY)) throw fault(path, `the scale is ${scale}`, 'give more than 0')
  if (!(tolerance >= 0 && tolerance <= 1))
    throw fault(path, `the tolerance is ${tolerance}`, 'give a number from 0 to 1')
}

function fault(path: string, message: string, hint: string): TroupeError {
  return new TroupeError('INVALID_MESSAGE', message, { where: `fields.${path}`, hint })
}

function inferField(given: unknown, root: JsonSchema, depth: number): EvidenceField {
  const schema = resolve(given, root)
  if (!schema || depth > DEEPEST) return ANY_FIELD
  if ('enum' in schema || 'const' in schema) return { kind: 'category', weight: 1 }
  const choices = (schema.anyOf ?? schema.oneOf) as readonly unknown[] | undefined
  if (Array.isArray(choices)) {
    const some = choices.filter((choice) => resolve(choice, root)?.type !== 'null')
    return some.length === 1 ? inferField(some[0], root, depth + 1) : ANY_FIELD
  }
  const { type } = schema
  const types = (Array.isArray(type) ? type : [type]).filter((one) => one !== 'null')
  if (types.length > 0 && types.every((one) => NUMBERS.has(one as string))) return { kind: 'number', weight: 1 }
  if (types.length !== 1) return ANY_FIELD
  switch (types[0]) {
    case 'boolean':
      return { kind: 'category', weight: 1 }
    case 'string':
      return { kind: 'format' in schema || 'pattern' in schema ? 'category' : 'text', weight: 1 }
    case 'array':
      return { kind: schema.uniqueItems === true ? 'set' : 'sequence', weight: 1 }
    case 'object':
      return objectField(schema, root, depth + 1)
    default:
      return ANY_FIELD
  }
}

function objectField(schema: JsonSchema, root: JsonSchema, depth: number): EvidenceField {
  const { properties, additionalProperties: rest } = schema
  const fields = Object.fromEntries(
    Object.entries((properties ?? {}) as object).map(([name, inner]) => [name, inferField(inner, root, depth)]),
  )
  return {
    kind: 'object',
    weight: 1,
    fields,
    ...(rest === false ? {} : { rest: inferField(rest, root, depth) }),
  }
}

function resolve(given: unknown, root: JsonSchema): JsonSchema | null {
  let schema = given
  for (let step = 0; step < DEEPEST; step++) {
    if (typeof schema !== 'object' || schema === null) return null
    const { $ref: reference } = schema as JsonSchema
    if (typeof reference !== 'string') return schema as JsonSchema
    schema = pointedAt(reference, root)
  }
  return null
}

function pointedAt(reference: string, root: JsonSchema): unknown {
  if (!reference.startsWith('#')) return null
  let value: unknown = root
  for (const part of reference.slice(1).split('/').filter(Boolean)) {
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~')
    value = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined
  }
  return value
}
