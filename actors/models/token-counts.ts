import type { ModelUsage } from '../../machines/model-usage.ts'

/** Counts as a provider gives them: any may be missing. The totals include cached and reasoning tokens. */
export interface TokenCounts {
  readonly input?: number | null | undefined
  readonly cacheRead?: number | null | undefined
  readonly cacheWrite?: number | null | undefined
  readonly output?: number | null | undefined
  readonly reasoning?: number | null | undefined
}

// More than any call can take. What a server claims beyond it would be no amount that a budget can charge.
const MOST = 1_000_000_000

/** The usage that counts come to: whole numbers, and no part larger than its total. */
export function usageOfCounts(counts: TokenCounts): ModelUsage {
  const input = whole(counts.input)
  const output = whole(counts.output)
  const cacheRead = Math.min(whole(counts.cacheRead), input)
  return {
    inputTokens: { total: input, cacheRead, cacheWrite: Math.min(whole(counts.cacheWrite), input - cacheRead) },
    outputTokens: { total: output, reasoning: Math.min(whole(counts.reasoning), output) },
  }
}

function whole(count: number | null | undefined): number {
  return typeof count === 'number' && Number.isFinite(count) && count > 0 ? Math.min(MOST, Math.ceil(count)) : 0
}
