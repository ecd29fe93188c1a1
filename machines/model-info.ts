import { z } from 'zod'

/** How large a model is among its kind. */
export const modelTier = z.enum(['small', 'medium', 'large'])

/** What a model can do. */
export const modelCapabilities = z.object({
  tools: z.boolean(),
  structuredOutput: z.boolean(),
  vision: z.boolean(),
  /** Takes a temperature. */
  sampling: z.boolean(),
})

/** A model as the router knows it. */
export const modelInfo = z.object({
  /** `provider/model`, as callers name it. */
  id: z.string(),
  provider: z.string(),
  /** The name by which its provider knows it. */
  name: z.string(),
  tier: modelTier,
  /** Tokens of input and output together; null when unknown. */
  contextWindow: z.number().int().positive().nullable(),
  maxOutput: z.number().int().positive().nullable(),
  capabilities: modelCapabilities,
})

/** How large a model is among its kind. */
export type ModelTier = z.infer<typeof modelTier>
/** What a model can do. */
export type ModelCapabilities = z.infer<typeof modelCapabilities>
/** A model as the router knows it. */
export type ModelInfo = z.infer<typeof modelInfo>
