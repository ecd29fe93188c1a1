import type { Scheduler } from '../ports/scheduler.ts'

/** Calls back once IO has had its turn. Call what it returns to take that back. */
export type Afterwards = (callback: () => void) => () => void

/** One turn of the scheduler serves all who wait for it; who takes a callback back leaves nothing behind. */
export function createAfterwards(scheduler: Scheduler): Afterwards {
  let waiting = new Set<() => void>()
  let scheduled = false

  function run(): void {
    const due = waiting
    waiting = new Set()
    scheduled = false
    for (const callback of due) if (due.has(callback)) callback()
  }

  return (callback) => {
    const turn = waiting.add(callback)
    if (!scheduled) {
      scheduled = true
      scheduler.later(run)
    }
    return () => void turn.delete(callback)
  }
}
