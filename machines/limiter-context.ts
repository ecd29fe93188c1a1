import { bucketSize, createBucket, type LimiterBucket } from './limiter-bucket.ts'
import type { LimiterSettings, LimiterView } from './limiter.contract.ts'

/** A caller that waits. */
export interface LimiterWaiter {
  readonly id: string
  readonly ask: string | undefined
  readonly tokens: number
  readonly holder: string | null
  readonly since: number
  readonly deadline: number
}

/** A place that is taken. */
export interface LimiterHold {
  readonly id: string
  readonly holder: string | null
  readonly until: number
}

/** What a limiter has to do after a transition: data, which the chart turns into effects. */
export type LimiterOrder =
  | { readonly do: 'grant'; readonly ask: string | undefined; readonly waited: number; readonly counted: boolean }
  | {
      readonly do: 'refuse'
      readonly id: string
      readonly ask: string | undefined
      readonly code: 'OVERLOADED' | 'TIMEOUT' | 'LIMIT_EXCEEDED'
      readonly reason: string
    }
  | { readonly do: 'watch' | 'unwatch'; readonly holder: string }
  | { readonly do: 'wake'; readonly at: number; readonly delay: number }
  | { readonly do: 'sleep' }
  | { readonly do: 'announce'; readonly open: boolean }

/** The memory of a limiter, as JSON. */
export interface LimiterContext {
  readonly settings: LimiterSettings
  readonly requests: LimiterBucket
  readonly tokens: LimiterBucket
  /** Oldest first. */
  readonly waiters: readonly LimiterWaiter[]
  /** Kept only where the number of those at work is limited. */
  readonly holds: readonly LimiterHold[]
  readonly pausedUntil: number
  readonly at: number
  /** When it is next to look what time has brought; null for when it is spoken to. */
  readonly wakeAt: number | null
  readonly open: boolean
  readonly orders: readonly LimiterOrder[]
}

/** The memory of a limiter that nobody has asked. */
export function initialLimiter(settings: LimiterSettings): LimiterContext {
  const { requestsPerMinute, tokensPerMinute } = settings
  const fresh = {
    settings,
    requests: createBucket(requestsPerMinute),
    tokens: createBucket(tokensPerMinute),
    waiters: [],
    holds: [],
    pausedUntil: 0,
    at: 0,
    wakeAt: null,
    orders: [],
  }
  return { ...fresh, open: isOpen(fresh) }
}

/** How it stands. */
export function viewLimiter({ requests, tokens, waiters, holds, pausedUntil, at, open }: LimiterContext): LimiterView {
  return {
    open,
    requests: bucketSize(requests) === null ? null : requests.level,
    tokens: bucketSize(tokens) === null ? null : tokens.level,
    waiting: waiters.length,
    active: holds.length,
    pausedFor: Math.max(0, pausedUntil - at),
  }
}

/** True while nothing limits. */
export function isOpen({ settings, requests, tokens, pausedUntil, at }: Omit<LimiterContext, 'open'>): boolean {
  return (
    settings.concurrency === null && bucketSize(requests) === null && bucketSize(tokens) === null && pausedUntil <= at
  )
}
