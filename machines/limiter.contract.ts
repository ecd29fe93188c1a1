import { z } from 'zod'
import { defineContract } from '../runtime/protocol/contract.ts'

const id = z.string().min(1)
// No date is later; and sums with numbers far beyond it lose the milliseconds.
const at = z.number().min(0).max(8.64e15)
const some = z.number().positive()
const ms = z.number().nonnegative()

/** What a limiter keeps within. Null stands for no limit. */
export const limiterSettings = z.object({
  requestsPerMinute: some.nullable(),
  tokensPerMinute: some.nullable(),
  /** How many may be at work at once. */
  concurrency: z.number().int().positive().nullable(),
  /** How many callers may wait. */
  queue: z.number().int().nonnegative(),
  /** Milliseconds after which a place that nobody gave back is free again. */
  ttl: some,
})

const reportedLimit = z.object({
  limit: z.number().nonnegative().optional(),
  remaining: z.number().nonnegative().optional(),
  resetIn: ms.optional(),
})

/** How a limiter stands. */
export const limiterView = z.object({
  /** True while nothing limits: then nobody needs to ask. */
  open: z.boolean(),
  /** What can be taken now; null where nothing limits it. */
  requests: z.number().nullable(),
  tokens: z.number().nullable(),
  waiting: z.number().int(),
  active: z.number().int(),
  /** Milliseconds until it lets anybody through. */
  pausedFor: ms,
})

/**
 * The contract of a limiter. Senders say what time it is; it goes by the latest it has heard, so that a clock that is slow
 * never lets through more than the limits.
 */
export const limiterContract = defineContract({
  input: limiterSettings,
  messages: {
    /** A client has come, with the settings it was given: the newest hold. */
    'limiter.join': { fields: z.object({ settings: limiterSettings, at }), reply: limiterView },
    'limiter.acquire': {
      fields: z.object({ id, tokens: ms, patience: ms, holder: z.string().nullable(), at }),
      /** Whether it has a place among those at work, to be given back. */
      reply: z.object({ waited: ms, counted: z.boolean() }),
    },
    /** The caller no longer wants what it asked for. */
    'limiter.leave': { fields: z.object({ id, at }) },
    /** The call is over: `used` tokens instead of those taken, null when nobody knows. */
    'limiter.release': { fields: z.object({ id, tokens: ms, used: ms.nullable(), at }) },
    /** What the other side says that it still takes. */
    'limiter.feed': {
      fields: z.object({ requests: reportedLimit.optional(), tokens: reportedLimit.optional(), at }),
    },
    'limiter.pause': { fields: z.object({ ms, at }) },
    'limiter.view': { fields: z.object({ at }), reply: limiterView },
  },
  emits: {
    'limiter.changed': z.object({ open: z.boolean() }),
    'limiter.paused': z.object({ ms }),
    'limiter.refused': z.object({ id, code: z.enum(['OVERLOADED', 'TIMEOUT', 'LIMIT_EXCEEDED']), reason: z.string() }),
  },
})

/** What a limiter keeps within. */
export type LimiterSettings = z.output<typeof limiterSettings>
/** How a limiter stands. */
export type LimiterView = z.output<typeof limiterView>
