import { z } from 'zod'

const count = z.number().int().nonnegative()

/** Tokens of one or several model calls. Cached ones are part of the totals. */
export const modelUsage = z.object({
  inputTokens: z.object({ total: count, cacheRead: count, cacheWrite: count }),
  outputTokens: z.object({ total: count, reasoning: count }),
})

/** Tokens of one or several model calls. Cached and reasoning tokens are part of the totals. */
export type ModelUsage = z.infer<typeof modelUsage>

/** No tokens. */
export const NO_USAGE: ModelUsage = {
  inputTokens: { total: 0, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 0, reasoning: 0 },
}

/** The tokens of two usages together. */
export function addModelUsage(one: ModelUsage, other: ModelUsage): ModelUsage {
  return {
    inputTokens: {
      total: one.inputTokens.total + other.inputTokens.total,
      cacheRead: one.inputTokens.cacheRead + other.inputTokens.cacheRead,
      cacheWrite: one.inputTokens.cacheWrite + other.inputTokens.cacheWrite,
    },
    outputTokens: {
      total: one.outputTokens.total + other.outputTokens.total,
      reasoning: one.outputTokens.reasoning + other.outputTokens.reasoning,
    },
  }
}

/** All tokens, as a budget counts them. */
export function tokensOf(usage: ModelUsage): number {
  return usage.inputTokens.total + usage.outputTokens.total
}
