import { z } from 'zod'

/** A JSON schema, as models are given it. */
export type JsonSchema = Readonly<Record<string, unknown>>

const jsonSchema = z.record(z.string(), z.unknown())

/**
 * One part of a message. `data` is content from a document, a tool or another model: it reaches the model quoted, marked
 * with its source, and is never an instruction.
 */
export const messagePart = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text'), text: z.string() }),
  z.object({ type: z.literal('data'), source: z.string(), text: z.string() }),
  z.object({ type: z.literal('image'), mediaType: z.string(), base64: z.string() }),
  z.object({ type: z.literal('tool-call'), id: z.string(), tool: z.string(), input: z.unknown() }),
  z.object({
    type: z.literal('tool-result'),
    id: z.string(),
    tool: z.string(),
    output: z.unknown(),
    failed: z.boolean(),
  }),
])

/** One message of a conversation with a model. A text alone stands for one text part. */
export const modelMessage = z.object({
  role: z.enum(['user', 'assistant', 'tool']),
  content: z.union([z.string(), z.array(messagePart).readonly()]),
})

/** A tool as a model sees it. */
export const toolSpec = z.object({ name: z.string(), description: z.string(), input: jsonSchema })

/** What is asked of a model, whichever it is. All of it is plain data. */
export const modelRequest = z.object({
  instructions: z.string().optional(),
  messages: z.array(modelMessage).readonly(),
  tools: z.array(toolSpec).readonly().optional(),
  toolChoice: z.enum(['auto', 'required', 'none']).optional(),
  /** The answer is to be JSON of this schema. */
  output: z.object({ name: z.string(), schema: jsonSchema }).optional(),
  maxOutputTokens: z.number().int().positive().optional(),
  /** Dropped for models that cannot be sampled. */
  temperature: z.number().min(0).max(2).optional(),
  effort: z.enum(['low', 'medium', 'high']).optional(),
})

/** One part of a message. */
export type MessagePart = z.infer<typeof messagePart>
/** One message of a conversation with a model. */
export type ModelMessage = z.infer<typeof modelMessage>
/** A tool as a model sees it. */
export type ToolSpec = z.infer<typeof toolSpec>
/** What is asked of a model, whichever it is. */
export type ModelRequest = z.infer<typeof modelRequest>
