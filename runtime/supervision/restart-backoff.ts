import type { Duration } from '../protocol/duration.ts'
import { policyFields, YEAR } from './policy-fields.ts'

/** How long a restart waits, in milliseconds: `first`, then each time `factor` as long, up to `longest`. */
export interface RestartBackoff {
  readonly first: number
  readonly factor: number
  readonly longest: number
  /** The share of a wait that chance may take off, so that those who failed together do not come back together. */
  readonly jitter: number
}

/** A backoff as somebody writes it. */
export interface BackoffOptions {
  /** Default 100 ms. */
  readonly first?: Duration
  /** Default 2. */
  readonly factor?: number
  /** Default 30 s, or `first` where that is longer. */
  readonly longest?: Duration
  /** From 0 to 1; default 0.2. */
  readonly jitter?: number
}

/** Fills in defaults. Throws INVALID_MESSAGE for a wait that shrinks, or that ends before it begins. */
export function restartBackoff(options: unknown, where: string): RestartBackoff {
  const fields = policyFields(options, where, ['first', 'factor', 'longest', 'jitter'])
  const first = fields.duration('first', { from: 0, to: YEAR }, 100)
  return {
    first,
    factor: fields.number('factor', { from: 1, to: 1_000 }, 2),
    longest: fields.duration('longest', { from: first, to: YEAR }, Math.max(first, 30_000)),
    jitter: fields.number('jitter', { from: 0, to: 1 }, 0.2),
  }
}

/** The wait before a restart that has `streak` restarts close before it; `random` is from 0 up to 1. */
export function restartDelay(backoff: RestartBackoff, streak: number, random: number): number {
  const { first, factor, longest, jitter } = backoff
  // A power beyond all numbers times nothing would be no number.
  const wait = first === 0 ? 0 : Math.min(longest, first * factor ** streak)
  return Math.round(wait * (1 - jitter * random))
}
