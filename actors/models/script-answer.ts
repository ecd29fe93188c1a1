import { z } from 'zod'
import { callFailure, failureCategory } from '../../machines/model-failure.ts'
import { modelUsage } from '../../machines/model-usage.ts'
import { TroupeError } from '../../runtime/protocol/errors.ts'

const number = z.number().nonnegative()
const text = z.union([z.string(), z.array(z.string()).readonly()]).optional()
const toolCalls = z
  .array(z.strictObject({ tool: z.string(), input: z.unknown().optional(), id: z.string().optional() }))
  .readonly()
  .optional()
const finish = z.enum(['stop', 'length', 'tool-calls', 'content-filter', 'error', 'other']).optional()
const duration = z.union([number, z.string()]).optional()

const SCRIPTED = z.strictObject({
  text,
  json: z.unknown().optional(),
  reasoning: z.string().optional(),
  toolCalls,
  usage: z.union([z.strictObject({ input: number, output: number }), modelUsage.strict()]).optional(),
  finish,
  delay: duration,
  gap: duration,
  stallAfter: number.optional(),
  fail: z.union([failureCategory, callFailure.partial().required({ category: true }).strict()]).optional(),
  failAfter: number.optional(),
})

const FAULT = z.strictObject({
  status: number.optional(),
  error: z
    .strictObject({ code: z.string().optional(), type: z.string().optional(), message: z.string().optional() })
    .optional(),
  body: z.string().optional(),
  headers: z.record(z.string(), z.string()).optional(),
  retryAfter: z.union([number, z.date()]).optional(),
  text,
  reasoning: z.string().optional(),
  toolCalls,
  refusal: z.string().optional(),
  finish,
  usage: z
    .strictObject({
      input: number,
      output: number,
      cacheRead: number.optional(),
      cacheWrite: number.optional(),
      reasoning: number.optional(),
    })
    .nullish(),
  hangUp: z.boolean().optional(),
  headerDelay: number.optional(),
  firstDelay: number.optional(),
  gap: number.optional(),
  stallAfter: number.optional(),
  lostAfter: number.optional(),
  cutAfter: number.optional(),
  garbageAfter: number.optional(),
  errorAfter: number.optional(),
})

/** Throws INVALID_MESSAGE for what is no answer of a scripted provider; a text alone is one. */
export function assertScriptedAnswer(given: unknown, where: string): void {
  if (typeof given !== 'string') assertAnswer(SCRIPTED, given, where)
}

/** Throws INVALID_MESSAGE for what is no answer of a fault server. */
export function assertFaultAnswer(given: unknown, where: string): void {
  assertAnswer(FAULT, given, where)
}

// A fault that is misspelt would not be shown, and a test that waits for it would prove nothing.
function assertAnswer(schema: typeof SCRIPTED | typeof FAULT, given: unknown, where: string): void {
  const result = schema.safeParse(given)
  if (result.success) return
  const [issue] = result.error.issues
  const path = issue?.path.map(String).join('.') ?? ''
  throw new TroupeError('INVALID_MESSAGE', `${where}${path === '' ? '' : `.${path}`}: ${issue?.message}`, {
    where,
    hint: `an answer may have ${Object.keys(schema.shape).join(', ')}`,
  })
}
