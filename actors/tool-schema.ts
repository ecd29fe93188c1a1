import { z } from 'zod'
import type { JsonSchema } from '../machines/model-request.ts'
import { asTroupeError, TroupeError } from '../runtime/protocol/errors.ts'

/** A schema of any library that follows Standard Schema, zod among them. */
export interface ToolSchema<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>
    readonly types?: { readonly input: Input; readonly output: Output } | undefined
  }
}

/** What a schema makes of a value, or what it has against it. */
export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] }

interface SchemaIssue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

/** What is written for a schema. */
export type SchemaInput<S> = S extends ToolSchema<infer Input, infer _> ? Input : never
/** What a schema makes of it. */
export type SchemaOutput<S> = S extends ToolSchema<infer _, infer Output> ? Output : never

const MOST_ISSUES = 8

/** The value as its schema makes it. Rejects with INVALID_MESSAGE, with the path and reason of each fault. */
export async function validateTool(schema: ToolSchema, value: unknown, what: string, where: string): Promise<unknown> {
  let result: SchemaResult<unknown>
  let faults: readonly SchemaFault[]
  try {
    result = await schema['~standard'].validate(value)
    faults = (result.issues ?? []).slice(0, MOST_ISSUES).map(faultOf)
  } catch (cause) {
    throw new TroupeError('INVALID_MESSAGE', `the schema of ${what} failed: ${asTroupeError(cause).message}`, {
      where,
      hint: 'a schema says what is wrong by its issues, and does not throw',
      cause,
    })
  }
  if (!result.issues) return result.value
  const text = faults.map(({ path, message }) => (path.length === 0 ? message : `${path.join('.')}: ${message}`))
  throw new TroupeError('INVALID_MESSAGE', `${what} does not meet its schema: ${text.join('; ')}`, {
    where,
    hint: 'compare it with the schemas of the tool',
    data: faults,
  })
}

interface SchemaFault {
  readonly path: readonly string[]
  readonly message: string
}

function faultOf({ message, path = [] }: SchemaIssue): SchemaFault {
  return { path: path.map((step) => String(typeof step === 'object' ? step.key : step)), message }
}

/** True for what follows Standard Schema. */
export function isToolSchema(value: unknown): value is ToolSchema {
  // Some libraries make their schemas functions.
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false
  const standard = (value as { readonly '~standard'?: { readonly validate?: unknown } })['~standard']
  return typeof standard?.validate === 'function'
}

/** The JSON schema of what a tool takes, as models are given it. Throws INVALID_MESSAGE where there is none. */
export function jsonSchemaOf(schema: ToolSchema, where: string): JsonSchema {
  try {
    const found = schema instanceof z.ZodType ? z.toJSONSchema(schema, { io: 'input' }) : offered(schema)
    if (typeof found === 'object' && found !== null) return found as JsonSchema
  } catch (cause) {
    throw new TroupeError('INVALID_MESSAGE', `${where} has no JSON schema: ${asTroupeError(cause).message}`, {
      where,
      hint: 'models are given tools as JSON schema: use only what it can say, and texts for dates',
      cause,
    })
  }
  throw new TroupeError(
    'INVALID_MESSAGE',
    `${where} is a schema of '${schema['~standard'].vendor}' without JSON schema`,
    {
      where,
      hint: 'give it a method toJSONSchema(), or use a library that has one, zod for instance',
    },
  )
}

interface Offering {
  readonly toJSONSchema?: () => unknown
  readonly toJsonSchema?: () => unknown
  readonly '~standard': { readonly jsonSchema?: { readonly input?: (options: { readonly target: string }) => unknown } }
}

function offered(schema: ToolSchema): unknown {
  const own = schema as unknown as Offering
  const { jsonSchema } = own['~standard']
  if (typeof jsonSchema?.input === 'function') return jsonSchema.input({ target: 'draft-2020-12' })
  return typeof own.toJSONSchema === 'function' ? own.toJSONSchema() : own.toJsonSchema?.()
}
