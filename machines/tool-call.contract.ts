import { z } from 'zod'
import { defineContract } from '../runtime/protocol/contract.ts'
import { failureCategory } from './model-failure.ts'

const name = z.string().min(1)

/** The most tools that one call may try: the one that was meant, and two to fall back to. */
export const MOST_TOOLS = 3

/** A tool that may do the call: `id` or `id@version`, and options over its own. */
export const toolChoice = z.object({ tool: name, options: z.record(z.string(), z.unknown()).default({}) })

/** One attempt that a call made. */
export const toolAttempt = z.object({
  /** `id@version`. */
  tool: name,
  /** Which attempt with this tool, from 1. */
  attempt: z.number().int().positive(),
  /** How it failed; null when it did not. */
  category: failureCategory.nullable(),
  message: z.string().nullable(),
  /** Milliseconds waited before it. */
  delay: z.number().nonnegative(),
})

/** Why a call came to nothing, as an error on a wire. */
const toolCallError = z.looseObject({ name: z.string(), code: z.string(), message: z.string() })

/** What a call came to. */
export const toolCallOutput = z.object({
  status: z.enum(['done', 'failed']),
  /** The tool that did it, or was tried last. */
  tool: name,
  value: z.unknown(),
  error: toolCallError.nullable(),
  attempts: z.array(toolAttempt),
  /** What its name stands for, where it was given one: a hash of what is called with what. */
  payload: z.string().optional(),
})

const trace = { tool: name, traceId: name, requestId: name }

/** The contract of a tool call, which is an actor of its own. */
export const toolCallContract = defineContract({
  input: z.object({
    /** Tried in this order. */
    choices: z.array(toolChoice).min(1).max(MOST_TOOLS),
    input: z.unknown(),
    payload: z.string().optional(),
    idempotencyKey: name,
    traceId: name,
    requestId: name,
    /** Milliseconds for all of it. */
    timeout: z.number().positive(),
    /** When that is over, in milliseconds since 1970, for the tool to know. */
    deadline: z.number(),
  }),
  output: toolCallOutput,
  messages: {},
  emits: {
    'tool.started': z.object({ ...trace, attempt: z.number().int() }),
    'tool.progressed': z.object({ ...trace, note: z.string() }),
    'tool.retried': z.object({ ...trace, category: failureCategory, delay: z.number() }),
    'tool.replaced': z.object({ ...trace, by: name, category: failureCategory }),
    'tool.done': z.object({ ...trace, attempts: z.number().int() }),
    'tool.failed': z.object({ ...trace, code: z.string(), reason: z.string() }),
  },
})

/** A tool that may do the call. */
export type ToolChoice = z.output<typeof toolChoice>
/** One attempt that a call made. */
export type ToolAttempt = z.output<typeof toolAttempt>
/** What a call came to. */
export type ToolCallOutput = z.output<typeof toolCallOutput>
