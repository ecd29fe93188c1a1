import type { Clock } from '../ports/clock.ts'
import type { TimerWheel } from './timer-wheel.ts'

/** The time as it is lent to leaf work and to clients. */
export interface LentClock {
  /** Milliseconds since 1970. */
  now(): number
  /** Runs the callback once, when the milliseconds have passed. Returns what takes it back; both are O(1). */
  after(delay: number, callback: () => void): () => void
}

/** The clock of a node, as it lends it. */
export function lendClock(clock: Clock, wheel: TimerWheel): LentClock {
  return {
    now: () => clock.now(),
    after(delay, callback) {
      const timer = wheel.set(clock.now() + delay, callback)
      return () => wheel.cancel(timer)
    },
  }
}
