import type { Clock } from '../ports/clock.ts'

// Node's timers overflow at 2^31 ms and do not notice when the clock is set; a look every minute covers both.
const LONGEST = 60_000

/** The clock of the machine Troupe runs on. */
export const hostClock: Clock = {
  now: () => Date.now(),
  alarm(due, callback, options) {
    let timer = wait()
    function wait(): NodeJS.Timeout {
      const next = setTimeout(fire, Math.min(LONGEST, Math.max(0, due - Date.now())))
      return options?.background ? next.unref() : next
    }
    function fire(): void {
      if (due <= Date.now()) callback()
      else timer = wait()
    }
    return () => clearTimeout(timer)
  },
}
