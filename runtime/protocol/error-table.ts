/** Who must act on an error, and whether the same call can succeed later without a change. */
export interface ErrorRule {
  readonly actor: 'caller' | 'nobody' | 'the actor' | 'supervisor' | 'operator' | 'agent author' | 'us'
  readonly retryable: boolean
  readonly meaning: string
}

/** Every error code there is. `docs/errors.md` has a heading for each. */
export const ERROR_TABLE = {
  INVALID_MESSAGE: { actor: 'caller', retryable: false, meaning: 'the value does not meet its contract or definition' },
  UNKNOWN_MESSAGE: { actor: 'caller', retryable: false, meaning: 'the contract has no such message' },
  NOT_FOUND: { actor: 'caller', retryable: false, meaning: 'there is no such actor, type or run' },
  FORBIDDEN: { actor: 'caller', retryable: false, meaning: 'the principal does not hold the grant' },
  CONFLICT: { actor: 'caller', retryable: false, meaning: 'it exists already, with other contents' },
  TIMEOUT: { actor: 'caller', retryable: true, meaning: 'the deadline passed before an answer' },
  UNAVAILABLE: { actor: 'caller', retryable: true, meaning: 'nobody can take it now' },
  OVERLOADED: { actor: 'caller', retryable: true, meaning: 'the mailbox or queue is full' },
  CANCELLED: { actor: 'nobody', retryable: false, meaning: 'the caller or an operator cancelled it' },
  REJECTED: { actor: 'the actor', retryable: false, meaning: 'the actor does not accept it in its state' },
  CRASHED: { actor: 'supervisor', retryable: true, meaning: 'the actor ended with an error' },
  INTERRUPTED: { actor: 'supervisor', retryable: true, meaning: 'work that may not be repeated was cut off' },
  STORAGE: { actor: 'operator', retryable: true, meaning: 'the journal or the disk refused' },
  INCOMPATIBLE: { actor: 'operator', retryable: false, meaning: 'versions do not fit together' },
  BUDGET_EXCEEDED: { actor: 'agent author', retryable: false, meaning: 'the budget does not cover it' },
  LIMIT_EXCEEDED: { actor: 'agent author', retryable: false, meaning: 'a declared limit was reached' },
  TOOL_FAILED: { actor: 'agent author', retryable: false, meaning: 'a tool failed' },
  MODEL_REFUSED: { actor: 'agent author', retryable: false, meaning: 'the model declined to answer' },
  INTERNAL: { actor: 'us', retryable: false, meaning: 'a fault in Troupe itself' },
} as const satisfies Record<string, ErrorRule>

/** The closed set of codes a `TroupeError` carries. */
export type ErrorCode = keyof typeof ERROR_TABLE
