/** What the servers answer to a request about a stream, as far as we read it. */
export interface JetStreamReply {
  readonly seq?: number
  readonly message?: { readonly seq: number; readonly data?: string }
  readonly error?: { readonly err_code?: number; readonly description?: string }
}

/** The `err_code`s that are no faults. */
export const JETSTREAM_CODES = {
  noMessage: 10_037,
  /** The subject has another last message than was expected: somebody else wrote. */
  wrongLast: 10_071,
  /** Another write of the subject is under way in the cluster: that is no loss yet. */
  inFlight: 10_164,
} as const
