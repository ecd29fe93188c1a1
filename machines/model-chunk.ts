import type { ModelUsage } from './model-usage.ts'

/** Why a model stopped. */
export type FinishReason = 'stop' | 'length' | 'tool-calls' | 'content-filter' | 'error' | 'other'

/** A tool that a model wants called. */
export interface WantedTool {
  readonly id: string
  readonly tool: string
  /** The arguments as the model wrote them: JSON, or what was meant to be. */
  readonly input: string
}

/** How much a provider says that it still takes, and when that is full again (milliseconds from now). */
export interface RateLimits {
  readonly requests?: { readonly limit?: number; readonly remaining?: number; readonly resetIn?: number }
  readonly tokens?: { readonly limit?: number; readonly remaining?: number; readonly resetIn?: number }
}

/** One piece of a model's answer as it comes. `finish` is the last, once; usage may come several times, the last holds. */
export type ModelChunk =
  | { readonly type: 'text' | 'reasoning'; readonly text: string }
  | ({ readonly type: 'tool-call' } & WantedTool)
  | { readonly type: 'usage'; readonly usage: ModelUsage }
  | { readonly type: 'limits'; readonly limits: RateLimits }
  | {
      readonly type: 'finish'
      readonly reason: FinishReason
      /** The model that answered, as the provider names it. */
      readonly model: string
      readonly requestId: string | null
    }
