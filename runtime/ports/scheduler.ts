/** How the kernel gives way: the order in which ready actors run is the scheduler's. */
export interface Scheduler {
  /** Runs the callback soon, before timers and IO. */
  soon(callback: () => void): void
  /** Runs the callback after IO had its turn. */
  later(callback: () => void): void
}
