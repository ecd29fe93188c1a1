import type { JsonSchema } from '../../machines/model-request.ts'

/** How a strict mode takes fields that may be left out: it demands all (they become nullable), or it knows optional ones. */
export type OptionalFields = 'nullable' | 'optional'

interface Bounds {
  readonly optional: OptionalFields
  fields: number
  unions: number
  left: number
}

const MAX_DEPTH = 10
const MAX_PROPERTIES = 5_000
/** What a mode with optional fields takes of them, and of unions. */
const MAX_OPTIONAL = 24
const MAX_UNIONS = 16
const MAX_HINT = 200

/** What changes which values there are in a way that no strict mode can say. */
const INEXPRESSIBLE = [
  ...['not', 'if', 'patternProperties', 'propertyNames', 'prefixItems', 'contains', 'dependentSchemas'],
  ...['dependentRequired', 'unevaluatedProperties', 'unevaluatedItems', '$dynamicRef'],
]

/** What a strict mode does not take, but a model can be told; the answer is checked against it in any case. */
const HINTS = [
  ...['format', 'pattern', 'minLength', 'maxLength', 'minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'],
  ...['multipleOf', 'minItems', 'maxItems', 'uniqueItems', 'minProperties', 'maxProperties', 'default'],
]

/**
 * The schema as a strict mode takes it: closed objects, no keywords but those of structure, the rest told in words. Null
 * when it cannot be expressed so: an open record, a tuple, a value of any type.
 */
export function strictSchema(schema: JsonSchema, optional: OptionalFields): JsonSchema | null {
  if (schema.type !== 'object') return null
  const bounds: Bounds = { optional, fields: 0, unions: 0, left: MAX_PROPERTIES }
  const made = converted(schema, bounds, 0)
  if (made === null) return null
  const definitions = isNode(schema.$defs) ? Object.entries(schema.$defs) : []
  const $defs: Record<string, JsonSchema> = {}
  for (const [name, definition] of definitions) {
    const part = isNode(definition) ? converted(definition, bounds, 0) : null
    if (part === null) return null
    $defs[name] = part
  }
  if (bounds.left < 0) return null
  const whole = definitions.length === 0 ? made : { ...made, $defs }
  if (optional === 'nullable') return whole
  return bounds.fields > MAX_OPTIONAL || bounds.unions > MAX_UNIONS || isRecursive(whole) ? null : whole
}

/** The value without the nulls that stand for fields left out: those that the schema neither demands nor lets be null. */
export function withoutFillers(schema: JsonSchema, value: unknown): unknown {
  return cleaned(schema, schema, value)
}

function converted(node: JsonSchema, bounds: Bounds, depth: number): JsonSchema | null {
  if (depth > MAX_DEPTH || INEXPRESSIBLE.some((keyword) => node[keyword] !== undefined)) return null
  if (typeof node.$ref === 'string') return node.$ref.startsWith('#') ? { $ref: node.$ref } : null
  const told = description(node)
  const union = node.anyOf ?? node.oneOf
  if (Array.isArray(union)) return branches(union, told, bounds, depth)
  if (Array.isArray(node.allOf)) {
    const [only, ...others] = node.allOf as unknown[]
    return others.length === 0 && isNode(only) ? converted({ ...node, allOf: undefined, ...only }, bounds, depth) : null
  }
  const values = node.const === undefined ? node.enum : [node.const]
  if (Array.isArray(values)) return enumeration(node, values, told)
  if (Array.isArray(node.type)) {
    const kinds = (node.type as unknown[]).map((type) => ({ ...node, type, description: undefined }))
    return branches(kinds, told, bounds, depth)
  }
  if (node.type === 'object') return object(node, told, bounds, depth)
  if (node.type === 'array') {
    const items = isNode(node.items) ? converted(node.items, bounds, depth + 1) : null
    return items === null ? null : { type: 'array', items, ...told }
  }
  return typeof node.type === 'string' ? { type: node.type, ...told } : null
}

function enumeration(node: JsonSchema, values: readonly unknown[], told: JsonSchema): JsonSchema | null {
  if (values.length === 0 || values.some((value) => typeof value === 'object' && value !== null)) return null
  return { ...(typeof node.type === 'string' ? { type: node.type } : {}), enum: values, ...told }
}

function branches(union: readonly unknown[], told: JsonSchema, bounds: Bounds, depth: number): JsonSchema | null {
  bounds.unions++
  const anyOf: JsonSchema[] = []
  for (const branch of union) {
    const made = isNode(branch) ? converted(branch, bounds, depth) : null
    if (made === null) return null
    anyOf.push(made)
  }
  return { anyOf, ...told }
}

function object(node: JsonSchema, told: JsonSchema, bounds: Bounds, depth: number): JsonSchema | null {
  const isOpen = node.additionalProperties !== undefined && node.additionalProperties !== false
  if (!isNode(node.properties) || isOpen) return null
  const demanded = new Set(Array.isArray(node.required) ? (node.required as unknown[]) : [])
  const properties: Record<string, JsonSchema> = {}
  for (const [name, property] of Object.entries(node.properties)) {
    const made = isNode(property) ? converted(property, bounds, depth + 1) : null
    if (made === null) return null
    bounds.left--
    if (!demanded.has(name)) bounds.fields++
    properties[name] = demanded.has(name) || bounds.optional === 'optional' ? made : nullable(made)
  }
  const required = Object.keys(properties).filter((name) => demanded.has(name) || bounds.optional === 'nullable')
  return { type: 'object', properties, required, additionalProperties: false, ...told }
}

function nullable(node: JsonSchema): JsonSchema {
  if (allowsNull(node, node)) return node
  const { anyOf, description, ...rest } = node
  const told = description === undefined ? {} : { description }
  return { anyOf: [...(Array.isArray(anyOf) ? (anyOf as unknown[]) : [rest]), { type: 'null' }], ...told }
}

function description(node: JsonSchema): JsonSchema {
  const words = typeof node.description === 'string' ? [node.description] : []
  const hints = HINTS.flatMap((keyword) => {
    const value = node[keyword]
    // Bounds of what a number can be say nothing, and a pattern beside a format says it again.
    const isIdle = Math.abs(Number(value)) === Number.MAX_SAFE_INTEGER || (keyword === 'pattern' && node.format)
    const text = value === undefined || isIdle ? '' : `${keyword}: ${JSON.stringify(value)}`
    return text === '' || text.length > MAX_HINT ? [] : [text]
  })
  const all = hints.length === 0 ? words : [...words, `(${hints.join(', ')})`]
  return all.length === 0 ? {} : { description: all.join(' ') }
}

function cleaned(root: JsonSchema, schema: unknown, value: unknown): unknown {
  const node = resolved(root, schema)
  if (!node || typeof value !== 'object' || value === null) return value
  const union = node.anyOf ?? node.oneOf
  if (Array.isArray(union)) {
    const branch = (union as unknown[]).find((item) => fits(resolved(root, item), value))
    return branch === undefined ? value : cleaned(root, branch, value)
  }
  if (Array.isArray(value)) return isNode(node.items) ? value.map((item) => cleaned(root, node.items, item)) : value
  const properties = isNode(node.properties) ? node.properties : {}
  const demanded = Array.isArray(node.required) ? (node.required as unknown[]) : []
  const kept = Object.entries(value).filter(
    ([name, item]) =>
      item !== null ||
      !Object.hasOwn(properties, name) ||
      demanded.includes(name) ||
      allowsNull(root, properties[name]),
  )
  const pairs = kept.map(([name, item]) => [
    name,
    Object.hasOwn(properties, name) ? cleaned(root, properties[name], item) : item,
  ])
  return Object.fromEntries(pairs) as unknown
}

// Whether the value can be of this branch, by its kind and by the fields that have one value only.
function fits(node: JsonSchema | null, value: object): boolean {
  if (!node) return false
  if (Array.isArray(value)) return node.type === 'array'
  if (node.type !== 'object' || !isNode(node.properties)) return false
  return Object.entries(node.properties).every(
    ([name, property]) =>
      !isNode(property) || property.const === undefined || Reflect.get(value, name) === property.const,
  )
}

function allowsNull(root: JsonSchema, schema: unknown): boolean {
  const node = resolved(root, schema)
  if (!node) return true
  const union = node.anyOf ?? node.oneOf
  if (Array.isArray(union)) return (union as unknown[]).some((item) => allowsNull(root, item))
  if (node.const !== undefined) return node.const === null
  if (Array.isArray(node.enum)) return (node.enum as unknown[]).includes(null)
  return Array.isArray(node.type)
    ? (node.type as unknown[]).includes('null')
    : node.type === undefined || node.type === 'null'
}

function resolved(root: JsonSchema, schema: unknown): JsonSchema | null {
  let node = schema
  for (let hop = 0; hop < MAX_DEPTH && isNode(node) && typeof node.$ref === 'string'; hop++) {
    const ref = node.$ref
    node = ref === '#' ? root : isNode(root.$defs) ? root.$defs[ref.replace('#/$defs/', '')] : null
  }
  return isNode(node) ? node : null
}

function isRecursive(whole: JsonSchema): boolean {
  const visit = (schema: unknown, trail: readonly string[]): boolean => {
    if (Array.isArray(schema)) return schema.some((item) => visit(item, trail))
    if (!isNode(schema)) return false
    if (typeof schema.$ref !== 'string') {
      return Object.entries(schema).some(([key, item]) => key !== '$defs' && visit(item, trail))
    }
    return trail.includes(schema.$ref) || visit(resolved(whole, schema), [...trail, schema.$ref])
  }
  return visit(whole, ['#'])
}

function isNode(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
