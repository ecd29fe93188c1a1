/** Time as the kernel sees it. Machines see none. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number
  /** Runs the callback once at or after the due time, however far away. Returns what takes it back. */
  alarm(due: number, callback: () => void): () => void
}
