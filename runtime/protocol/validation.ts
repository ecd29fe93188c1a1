import type { z } from 'zod'
import type { CompiledMessage, Contract, MessageEvent } from './contract.ts'
import { errorValue, TroupeError } from './errors.ts'

/** The message's entry in the contract. Throws UNKNOWN_MESSAGE, listing what the contract has. */
export function messageSpec(contract: Contract, type: unknown, where: string): CompiledMessage {
  const spec = typeof type === 'string' ? contract.messages.get(type) : undefined
  if (spec) return spec
  throw new TroupeError('UNKNOWN_MESSAGE', `the contract has no message '${String(type)}'`, {
    where,
    hint: `it receives: ${[...contract.messages.keys()].join(', ') || 'nothing'}`,
  })
}

/** Throws INVALID_MESSAGE for what is no event at all. */
export function assertEvent(value: unknown, where: string): asserts value is MessageEvent {
  if (typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string') return
  throw new TroupeError('INVALID_MESSAGE', `a message is an object with a type, not ${typeName(value)}`, {
    where,
    hint: "send { type: 'noun.verb', ...fields }",
  })
}

/** The value as its schema makes it. Throws INVALID_MESSAGE with the path and reason of each fault. */
export function validate<T>(schema: z.ZodType<T>, value: unknown, what: string, where: string): T {
  const result = parse(schema, value, what, where)
  if (result.success) return result.data
  const faults = result.error.issues.slice(0, 8).map((issue) => {
    const path = issue.path.map(String).join('.')
    return path === '' ? issue.message : `${path}: ${issue.message}`
  })
  throw new TroupeError('INVALID_MESSAGE', `${what} does not meet its contract: ${faults.join('; ')}`, {
    where,
    hint: 'compare it with the contract of the actor type',
    data: result.error.issues.slice(0, 8).map((issue) => ({ path: issue.path.map(String), message: issue.message })),
  })
}

// A schema may throw: in a transform or refinement of its author, or because one of them is asynchronous.
function parse<T>(schema: z.ZodType<T>, value: unknown, what: string, where: string): z.ZodSafeParseResult<T> {
  try {
    return schema.safeParse(value)
  } catch (cause) {
    throw new TroupeError('INVALID_MESSAGE', `the schema of ${what} failed: ${errorValue(cause).message}`, {
      where,
      hint: 'a contract is checked at once: its refinements and transforms must be synchronous and must not throw',
      cause,
    })
  }
}

/** A message that the contract accepts. Throws UNKNOWN_MESSAGE or INVALID_MESSAGE. */
export function validateMessage(spec: CompiledMessage, event: MessageEvent, where: string): MessageEvent {
  return validate(spec.schema, event, `'${event.type}'`, where)
}

function typeName(value: unknown): string {
  if (value === null) return 'null'
  return typeof value === 'object' ? 'an object without one' : typeof value
}
