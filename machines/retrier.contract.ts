import { z } from 'zod'
import { defineContract } from '../runtime/protocol/contract.ts'
import { callFailure, failureCategory } from './model-failure.ts'
import { retryPolicy } from './retry-policy.ts'

/** One attempt that failed, and how long was waited after it. */
export const retryAttempt = z.object({
  attempt: z.number().int().positive(),
  category: failureCategory,
  message: z.string(),
  status: z.number().int().nullable(),
  /** Milliseconds; null when none came after it. */
  delay: z.number().nullable(),
})

/** How a retrier stands. */
export const retrierView = z.object({
  state: z.enum(['working', 'waiting', 'stopping', 'succeeded', 'failed', 'cancelled']),
  attempts: z.array(retryAttempt),
  /** Milliseconds waited so far. */
  waited: z.number(),
})

/** The contract of every retrier: one actor for one call that did not go well at once. */
export const retrierContract = defineContract({
  input: z.object({ policy: retryPolicy }),
  output: z.object({ outcome: z.enum(['succeeded', 'failed', 'cancelled']), attempts: z.array(retryAttempt) }),
  messages: {
    /** Tells of a failed attempt. Answered when it is time for the next, or at once when there is none. */
    'retrier.fail': {
      fields: z.object({
        attempt: z.number().int().positive(),
        failure: callFailure,
        /** True for a failure that says of itself that waiting does not help. */
        lasting: z.boolean().default(false),
        random: z.number().min(0).max(1),
      }),
      reply: z.object({
        next: z.number().int().nullable(),
        /** True when somebody wants no further attempt. */
        cancelled: z.boolean(),
        attempts: z.array(retryAttempt),
      }),
    },
    /** Tells that an attempt went well. */
    'retrier.succeed': {},
    /** Lets no further attempt begin; one that is under way may end. */
    'retrier.cancel': { reply: retrierView },
    'retrier.status': { reply: retrierView },
  },
  emits: {
    'retrier.delayed': retryAttempt,
    'retrier.ended': z.object({ outcome: z.enum(['succeeded', 'failed', 'cancelled']), attempts: z.number().int() }),
  },
})

/** One attempt that failed, and how long was waited after it. */
export type RetryAttempt = z.output<typeof retryAttempt>
/** How a retrier stands. */
export type RetrierView = z.output<typeof retrierView>
