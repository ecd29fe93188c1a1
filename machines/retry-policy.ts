import { z } from 'zod'
import { type CallFailure, FAILURE_RULES } from './model-failure.ts'

const span = z.number().nonnegative()

/** How chance changes a delay: anything up to it, a quarter more or less, or not at all. */
const retryJitter = z.enum(['full', 'proportional', 'none'])

/** How often and after which delays a failed call is made again. Times in milliseconds. */
export const retryPolicy = z.object({
  /** How often the call is made, the first time included. */
  attempts: z.number().int().positive().default(3),
  first: span.default(1_000),
  /** Each delay is so many times the one before. */
  factor: z.number().min(1).default(2),
  /** The longest delay, whoever asks for it. */
  cap: span.default(60_000),
  jitter: retryJitter.default('full'),
  /** The longest that all delays of a call may be together. */
  total: span.default(300_000),
})

/** How often and after which delays a failed call is made again. */
export type RetryPolicy = z.output<typeof retryPolicy>

/** Where a call stands: which attempt failed, counted from 1, and the milliseconds waited before it. */
export interface RetryState {
  readonly attempt: number
  readonly waited: number
}

const SPREAD = 0.25

/** Milliseconds until the next attempt; null to give up. `random` is from 0 up to 1. */
export function nextDelay(
  policy: RetryPolicy,
  { attempt, waited }: RetryState,
  failure: CallFailure,
  random: number,
): number | null {
  if (!FAILURE_RULES[failure.category].retry || attempt >= policy.attempts) return null
  // Whoever was asked to wait does so, as long as that is not longer than the cap.
  const asked = Math.min(policy.cap, failure.retryAfter ?? 0)
  const delay = Math.ceil(Math.max(asked, ownDelay(policy, attempt, random)))
  return waited + delay > policy.total ? null : delay
}

function ownDelay({ first, factor, cap, jitter }: RetryPolicy, attempt: number, random: number): number {
  // A power beyond all numbers times nothing would be no number.
  const delay = first === 0 ? 0 : Math.min(cap, first * factor ** (attempt - 1))
  if (jitter === 'none') return delay
  return jitter === 'full' ? delay * random : Math.min(cap, delay * (1 - SPREAD + 2 * SPREAD * random))
}
