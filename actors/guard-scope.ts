import type { CallFailure } from '../machines/model-failure.ts'
import { TroupeError } from '../runtime/protocol/errors.ts'

/** What guarded work is given. */
export interface GuardScope {
  /** Aborted when nobody waits for the outcome any more. */
  readonly signal: AbortSignal
  /** Which attempt it is, counted from 1. */
  readonly attempt: number
}

interface ScopeState extends GuardScope {
  attempt: number
  /** The caller's signal. */
  outer: AbortSignal | undefined
  /** True where the work can be given up while its caller goes on. */
  limited: boolean
  controller: AbortController | null
  ended: boolean
  reason: unknown
}

// An AbortController costs more than all else that is done for a call: it is made when the work takes the signal out.
const prototype = {
  get signal(): AbortSignal {
    const state = this as unknown as ScopeState
    if (!state.limited && state.outer) return state.outer
    if (!state.controller) {
      state.controller = new AbortController()
      if (state.ended) state.controller.abort(state.reason)
    }
    return state.controller.signal
  },
}

/** Makes what one attempt is given; `limited` where it can be given up by `abandonWork`. */
export function createGuardScope(attempt: number, outer: AbortSignal | undefined, limited: boolean): GuardScope {
  const scope = Object.create(prototype) as ScopeState
  scope.attempt = attempt
  scope.outer = outer
  scope.limited = limited
  scope.controller = null
  scope.ended = false
  scope.reason = undefined
  return scope
}

/** Tells the work that nobody waits for it. */
export function abandonWork(scope: GuardScope, reason: unknown): void {
  const state = scope as ScopeState
  state.ended = true
  state.reason = reason
  state.controller?.abort(reason)
}

/** What a caller gets whose call was cancelled. */
export function cancelledCall(signal: AbortSignal | undefined): TroupeError {
  return new TroupeError('CANCELLED', 'the call was cancelled', { cause: signal?.reason })
}

/** What a caller gets whose attempt took too long. */
export function lateCall(timeout: number): TroupeError {
  const message = `it did not end within ${timeout} ms`
  const nothing = { status: null, code: null, retryAfter: null, requestId: null }
  const failure: CallFailure = { category: 'timeout', message, ...nothing }
  return new TroupeError('TIMEOUT', message, { data: failure })
}
