import type { Scheduler } from '../ports/scheduler.ts'

/** Gives way by microtasks, and to IO by `setImmediate`. */
export const hostScheduler: Scheduler = {
  soon: (callback) => queueMicrotask(callback),
  later: (callback) => void setImmediate(callback),
}
