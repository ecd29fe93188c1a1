import type { Clock } from '../ports/clock.ts'

// Node's timers overflow at 2^31 ms and do not notice when the clock is set; a look every minute covers both.
const LONGEST = 60_000

/** The clock of the machine Troupe runs on. */
export const hostClock: Clock = {
  now: () => Date.now(),
  alarm(due, callback) {
    let timer = setTimeout(fire, Math.min(LONGEST, Math.max(0, due - Date.now())))
    function fire(): void {
      const left = due - Date.now()
      if (left <= 0) callback()
      else timer = setTimeout(fire, Math.min(LONGEST, left))
    }
    return () => clearTimeout(timer)
  },
}
