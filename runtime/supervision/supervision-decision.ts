import { type ErrorValue, errorValue, TroupeError } from '../protocol/errors.ts'
import type { ChildrenPolicy } from './children-policy.ts'
import { restartDelay } from './restart-backoff.ts'
import { type RestartGroup, restartGroup, type SupervisedChild } from './restart-group.ts'
import { recentRestarts, type RestartHistory, withRestart } from './restart-history.ts'
import type { RestartType } from './supervision-policy.ts'

/** What is to be done about an actor that ended. */
export type SupervisionDecision =
  /** It stays ended; its parent is told. */
  | { readonly kind: 'leave' }
  /** The group is stopped now and started `after` milliseconds; a start that was pending for one of it is void. */
  | ({ readonly kind: 'restart'; readonly after: number; readonly history: RestartHistory } & RestartGroup)
  /** The supervisor crashes with this error, and its own supervisor decides. */
  | { readonly kind: 'escalate'; readonly error: ErrorValue }
  /** It is kept with its last state and this error, and takes nothing until an operator resets it. Siblings go on. */
  | { readonly kind: 'quarantine'; readonly error: ErrorValue }

/** What a decision is made from. */
export interface SupervisionState {
  readonly child: SupervisedChild
  /** All that the supervisor owns, in the order of their start, the child among them. Read only by who needs it. */
  readonly siblings: Iterable<SupervisedChild>
  readonly policy: ChildrenPolicy
  /** The child's, or the supervisor's where `sharesHistory(policy)`; null before the first restart. */
  readonly history: RestartHistory | null
  /** Whether the supervisor is an actor. The runtime supervises those that have no parent, and never crashes. */
  readonly hasParent: boolean
}

/** How and when an actor ended. */
export interface SupervisedEnd {
  /** `stopped` is an order, of a parent, a chart or an operator. */
  readonly reason: 'done' | 'error' | 'stopped'
  readonly error?: ErrorValue
  /** Milliseconds since 1970. */
  readonly now: number
  /** From 0 up to, and without, 1. */
  readonly random: number
}

const LEAVE: SupervisionDecision = Object.freeze({ kind: 'leave' })

/** Decides what happens after an actor ended. Pure: whoever carries it out keeps the history that a restart brings. */
export function decide(state: SupervisionState, end: SupervisedEnd): SupervisionDecision {
  const { child, policy } = state
  if (!isRestarted(child.policy.restart, end.reason)) return LEAVE
  const recent = recentRestarts(state.history, policy.period, end.now)
  if (recent.starts.length >= policy.intensity) {
    const kind = state.hasParent ? policy.exceeded : 'quarantine'
    return { kind, error: exceededError(state, end, kind) }
  }
  const after = restartDelay(child.policy.backoff, recent.streak, end.random)
  const ended = end.reason === 'done' ? fromStart(child) : child
  const group = restartGroup(policy.strategy, ended, state.siblings)
  return { kind: 'restart', ...group, after, history: withRestart(recent, end.now + after) }
}

function isRestarted(restart: RestartType, reason: SupervisedEnd['reason']): boolean {
  if (reason === 'stopped') return false
  return restart === 'permanent' || (restart === 'transient' && reason === 'error')
}

// The last state of who ended well is its end: begun from there it would end at once, again and again.
function fromStart(child: SupervisedChild): SupervisedChild {
  return { ...child, policy: { ...child.policy, from: 'start' } }
}

function exceededError(state: SupervisionState, end: SupervisedEnd, kind: 'escalate' | 'quarantine'): ErrorValue {
  const { id } = state.child
  const { intensity, period } = state.policy
  const cause = end.error?.message ?? (end.reason === 'done' ? 'it ended' : 'it failed')
  const spent = intensity === 0 ? 'may not be restarted' : `used up its ${intensity} restarts within ${period} ms`
  const hint = kind === 'quarantine' ? 'mend the cause, then reset it' : 'mend the cause, or allow it more restarts'
  const data = { child: id, restarts: intensity, period, ...(end.error ? { error: end.error } : {}) }
  return errorValue(new TroupeError('CRASHED', `${id} ${spent}: ${cause}`, { where: id, hint, data }))
}
