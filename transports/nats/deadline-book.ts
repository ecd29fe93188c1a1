/** Something that has to be settled by a time. */
export interface Due {
  readonly deadline: number
  /** Where it stands in the book. */
  slot: DeadlineSlot | null
  place: number
}

/** What is due within the same moment, in no order. */
export interface DeadlineSlot<T = Due> {
  readonly time: number
  readonly items: T[]
}

/** Deadlines by the thousand with one timer: they share slots of time, and one that is met in time costs a swap. */
export interface DeadlineBook<T extends Due> {
  add(due: T): void
  remove(due: T): void
  /** Empties the book. Returns what was in it. */
  close(): T[]
}

const SLOT = 10
const LONGEST_TIMER = 2 ** 31 - 1

/** Makes an empty book. `late` is called at or after a deadline, by less than two slots on an idle loop. */
export function createDeadlineBook<T extends Due>(late: (due: T) => void): DeadlineBook<T> {
  const slots = new Map<number, DeadlineSlot<T>>()
  /** The times of the slots, the latest first. Emptied slots go when their time comes. */
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
      const slot = slots.get(time)
      slots.delete(time)
      for (const due of slot?.items.splice(0) ?? []) {
        due.slot = null
        late(due)
      }
    }
    arm()
  }

  return {
    add(due) {
      const time = Math.ceil(due.deadline / SLOT)
      let slot = slots.get(time)
      if (!slot) {
        slot = { time, items: [] }
        slots.set(time, slot)
        times.splice(placeOf(times, time), 0, time)
        arm()
      }
      due.slot = slot
      due.place = slot.items.push(due) - 1
    },
    remove(due) {
      const { slot, place } = due
      if (!slot) return
      due.slot = null
      const last = slot.items.pop()
      if (!last || last === due) return
      slot.items[place] = last
      last.place = place
    },
    close() {
      clearTimeout(timer)
      const left = [...slots.values()].flatMap(({ items }) => items)
      for (const due of left) due.slot = null
      slots.clear()
      times.length = 0
      return left
    },
  }
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
