import { z } from 'zod'
import type { JsonSchema } from '../../machines/model-request.ts'
import { errorValue, TroupeError } from '../../runtime/protocol/errors.ts'
import { answerJson } from './answer-json.ts'
import { withoutFillers } from './strict-schema.ts'

/** A schema of any library that speaks Standard Schema; zod does. */
export interface OutputSchema<T> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => OutputResult<T> | Promise<OutputResult<T>>
    readonly types?: { readonly input: unknown; readonly output: T } | undefined
    readonly jsonSchema?:
      | { readonly input: (options: { readonly target: string }) => Record<string, unknown> }
      | undefined
  }
}

type OutputResult<T> =
  | { readonly value: T; readonly issues?: undefined }
  | {
      readonly issues: readonly {
        readonly message: string
        readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
      }[]
    }

/** What an answer came to: the value, or what is wrong with it and what to tell the model. */
export type OutputCheck<T> =
  | { readonly ok: true; readonly value: T }
  | {
      readonly ok: false
      /** What is wrong, one line for each fault, with its path. */
      readonly problems: readonly string[]
      /** The message for the one attempt to repair it. */
      readonly repair: string
    }

/** The form that an answer is to have: its JSON schema for the request, its check for the answer. */
export interface StructuredOutput<T> {
  readonly name: string
  readonly schema: JsonSchema
  check(answer: string): Promise<OutputCheck<T>>
}

const MAX_PROBLEMS = 10
const MAX_PROBLEM = 300

/**
 * The form of an answer from the schema of its value. What is no object at its root travels in one, under `value`.
 *
 * @example
 * const verdict = structuredOutput(z.object({ fair: z.boolean() }), 'verdict')
 * const request = { messages, output: { name: verdict.name, schema: verdict.schema } }
 */
export function structuredOutput<T>(schema: OutputSchema<T>, name = 'answer'): StructuredOutput<T> {
  const inner = jsonSchemaOf(schema, name)
  const isWrapped = inner.type !== 'object'
  const whole = isWrapped ? wrapped(inner) : inner
  return {
    name,
    schema: whole,
    async check(answer) {
      const found = answerJson(answer)
      if (!found.ok) return faulty([found.problem])
      try {
        const cleaned = withoutFillers(whole, found.value)
        const result = await schema['~standard'].validate(isWrapped ? unwrapped(cleaned) : cleaned)
        return result.issues === undefined ? { ok: true, value: result.value } : faulty(result.issues.map(problemLine))
      } catch (cause) {
        // An answer can be nested deeper than a check can go, and a check can throw.
        return faulty([`the check of the value failed: ${errorValue(cause).message}`])
      }
    },
  }
}

function jsonSchemaOf<T>(schema: OutputSchema<T>, name: string): JsonSchema {
  const where = `output '${name}'`
  const convert = schema['~standard'].jsonSchema?.input
  if (!(schema instanceof z.ZodType) && !convert) {
    throw new TroupeError('INVALID_MESSAGE', `${where}: the schema of ${schema['~standard'].vendor} has no JSON form`, {
      where,
      hint: 'give a zod schema, or one whose library offers the JSON schema of Standard Schema',
    })
  }
  try {
    // A model writes what the schema reads: a field with a default may be left out.
    const made =
      schema instanceof z.ZodType ? z.toJSONSchema(schema, { io: 'input' }) : convert?.({ target: 'draft-2020-12' })
    const { $schema: _schema, '~standard': _standard, ...rest } = made as Record<string, unknown>
    return rest
  } catch (cause) {
    throw new TroupeError('INVALID_MESSAGE', `${where}: ${errorValue(cause).message}`, {
      where,
      hint: 'a model answers in JSON: use types that JSON has, and turn them into others with a transform',
      cause,
    })
  }
}

function wrapped(inner: JsonSchema): JsonSchema {
  const { $defs, ...root } = inner
  const defs = { ...(typeof $defs === 'object' ? $defs : {}), whole: root }
  const isRecursive = JSON.stringify(inner).includes('"$ref":"#"')
  const value = isRecursive ? { $ref: '#/$defs/whole' } : root
  const schema = {
    type: 'object',
    properties: { value },
    required: ['value'],
    additionalProperties: false,
    ...(isRecursive ? { $defs: defs } : $defs === undefined ? {} : { $defs }),
  }
  // What named the whole of the schema names what has become a part of it.
  return isRecursive
    ? (JSON.parse(JSON.stringify(schema).replaceAll('"$ref":"#"', '"$ref":"#/$defs/whole"')) as JsonSchema)
    : schema
}

// Models that were only told of the schema like to leave the wrapping out.
function unwrapped(value: unknown): unknown {
  const isWrapped = typeof value === 'object' && value !== null && Object.keys(value).join() === 'value'
  return isWrapped ? (value as { readonly value: unknown }).value : value
}

function problemLine(issue: {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}): string {
  const path = (issue.path ?? []).map((step) => String(typeof step === 'object' ? step.key : step)).join('.')
  return path === '' ? issue.message : `${path}: ${issue.message}`
}

function faulty(found: readonly string[]): Extract<OutputCheck<never>, { readonly ok: false }> {
  const problems = found.slice(0, MAX_PROBLEMS).map((line) => line.slice(0, MAX_PROBLEM))
  const more = found.length > MAX_PROBLEMS ? [`and ${found.length - MAX_PROBLEMS} more`] : []
  const list = [...problems, ...more].map((line) => `- ${line}`).join('\n')
  const repair = `Your answer does not have the form that was asked for:\n${list}\nAnswer again with the whole corrected JSON and nothing else.`
  return { ok: false, problems, repair }
}
