/** Something that has to be settled by a time. */
export interface Due {
  readonly deadline: number
  late(): void
}

/** Deadlines by the thousand with one timer: they share slots of time, and one that is met in time costs a deletion. */
export interface DeadlineBook {
  add(due: Due): void
  remove(due: Due): void
  close(): void
}

const SLOT = 10
const LONGEST_TIMER = 2 ** 31 - 1

/** Makes an empty book. A deadline is called at or after its time, by less than two slots on an idle loop. */
export function createDeadlineBook(): DeadlineBook {
  const slots = new Map<number, Set<Due>>()
  /** Slots in use, the latest first. Those of emptied sets go when their time comes. */
  const times: number[] = []
  let timer: NodeJS.Timeout | undefined
  let armed = Number.POSITIVE_INFINITY

  function arm(): void {
    const next = times.at(-1)
    if (next === undefined || next === armed) return
    clearTimeout(timer)
    armed = next
    timer = setTimeout(ring, Math.min(Math.max(next * SLOT - Date.now(), 0), LONGEST_TIMER))
    // What waits has a connection that keeps the process alive.
    timer.unref()
  }

  function ring(): void {
    armed = Number.POSITIVE_INFINITY
    const now = Date.now()
    for (let time = times.at(-1); time !== undefined && time * SLOT <= now; time = times.at(-1)) {
      times.pop()
      const due = slots.get(time)
      slots.delete(time)
      for (const item of due ?? []) item.late()
    }
    arm()
  }

  return {
    add(due) {
      const time = slotOf(due)
      const slot = slots.get(time)
      if (slot) {
        slot.add(due)
        return
      }
      slots.set(time, new Set([due]))
      times.splice(placeOf(times, time), 0, time)
      arm()
    },
    remove(due) {
      const time = slotOf(due)
      slots.get(time)?.delete(due)
    },
    close() {
      clearTimeout(timer)
      slots.clear()
      times.length = 0
    },
  }
}

function slotOf({ deadline }: Due): number {
  return Math.ceil(deadline / SLOT)
}

function placeOf(times: readonly number[], time: number): number {
  let [low, high] = [0, times.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((times[middle] ?? 0) > time) low = middle + 1
    else high = middle
  }
  return low
}
