/** What is remembered of restarts, from the first one on. */
export interface RestartHistory {
  /** When those within the last period began or are to begin: never more than the intensity allows. */
  readonly starts: readonly number[]
  /** How many there were without a quiet period between them. */
  readonly streak: number
  /** When it was written. */
  readonly noted: number
}

/**
 * What of a history still counts. After a period in which nothing was started, nothing does.
 *
 * The clock may be set. Forwards it looks like a quiet time. Backwards, all starts would lie ahead and count until the
 * clock has caught up; so a history written more than a period in the future is forgotten. Either way a jump costs one
 * more round of restarts at most, and blocks none for longer than two periods and the wait that was under way. Lesser
 * steps back, as of a clock that is being trimmed, forget nothing: they may come often.
 */
export function recentRestarts(history: RestartHistory | null, period: number, now: number): RestartHistory {
  const known = history === null || history.noted - now > period ? [] : history.starts
  const starts = known.filter((start) => start > now - period)
  return { starts, streak: history === null || starts.length === 0 ? 0 : history.streak, noted: now }
}

/** The history with one more restart, which begins at `start`. */
export function withRestart(recent: RestartHistory, start: number): RestartHistory {
  return { ...recent, starts: [...recent.starts, start], streak: recent.streak + 1 }
}
