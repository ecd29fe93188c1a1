/** Time as the kernel sees it. Machines see none. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number
  /**
   * Runs the callback once at or after the due time, however far away. Returns what takes it back. One in the background
   * does not keep the process alive.
   */
  alarm(due: number, callback: () => void, options?: { readonly background: boolean }): () => void
}
