import type { Duration } from '../protocol/duration.ts'
import { policyFields, YEAR } from './policy-fields.ts'

const STRATEGIES = ['one_for_one', 'one_for_all', 'rest_for_one'] as const
const EXCEEDED = ['escalate', 'quarantine'] as const

/** Who is restarted with the one that failed: nobody, everyone, or those that were started after it. */
export type RestartStrategy = (typeof STRATEGIES)[number]

/** What happens when restarts are used up: the supervisor crashes, or who failed is set apart for an operator. */
export type ExceededPolicy = (typeof EXCEEDED)[number]

/** How a supervisor treats the actors it owns. */
export interface ChildrenPolicy {
  readonly strategy: RestartStrategy
  /** At most so many restarts begin within any `period` of milliseconds. */
  readonly intensity: number
  readonly period: number
  readonly exceeded: ExceededPolicy
}

/** The same as somebody writes it. */
export interface ChildrenOptions {
  /** Default `one_for_one`. */
  readonly strategy?: RestartStrategy
  /** Default 3; 0 allows none. A backoff that outgrows the period never uses it up, and tries for ever. */
  readonly intensity?: number
  /** Default 5 s. */
  readonly period?: Duration
  /** Default `escalate`; above an actor without a parent there is nobody, so it is set apart all the same. */
  readonly exceeded?: ExceededPolicy
}

/** Fills in defaults. Throws INVALID_MESSAGE, with `where` before the name of the field, for what cannot be meant. */
export function childrenPolicy(options?: ChildrenOptions, where = 'children'): ChildrenPolicy {
  const fields = policyFields(options, where, ['strategy', 'intensity', 'period', 'exceeded'])
  return {
    strategy: fields.choice('strategy', STRATEGIES, 'one_for_one'),
    intensity: fields.number('intensity', { from: 0, to: 1_000, whole: true }, 3),
    period: fields.duration('period', { from: 1, to: YEAR }, 5_000),
    exceeded: fields.choice('exceeded', EXCEEDED, 'escalate'),
  }
}

/** The policy for actors that nobody owns: each stands alone, and there is nobody to escalate to. */
export function rootPolicy(options?: Pick<ChildrenOptions, 'intensity' | 'period'>): ChildrenPolicy {
  policyFields(options, 'supervision', ['intensity', 'period'])
  return { ...childrenPolicy(options, 'supervision'), exceeded: 'quarantine' }
}

/**
 * Whether the children have one history between them. Those that fall together must: else each could use up the
 * restarts of all. Those that fall alone must not: a thousand strangers, each failing once, are no crash loop.
 */
export function sharesHistory(policy: ChildrenPolicy): boolean {
  return policy.strategy !== 'one_for_one'
}
