import type { Clock } from '../ports/clock.ts'

/**
 * All timers of a node. Setting and cancelling are O(1), however many are pending, and no delay is too long.
 *
 * Ten levels of 32 slots: a slot of level L spans 32^L milliseconds. A timer stands on the lowest level on which its
 * due time and the present differ, so every slot of a lower level is due before any of a higher one. When the present
 * reaches a slot above level 0, its timers are spread over the levels below; on level 0 they fire, oldest first.
 * One alarm of the clock drives it all. When the clock is set back, the wheel is built anew from the due times.
 */
export interface TimerWheel {
  /** Runs the callback once, at or after the due time (milliseconds since 1970). */
  set(due: number, callback: () => void): Timer
  cancel(timer: Timer): void
  readonly size: number
  /** Cancels every timer. */
  clear(): void
}

/** One pending timer. */
export interface Timer {
  readonly due: number
  readonly callback: () => void
  list: TimerList | null
  before: Timer | null
  after: Timer | null
}

interface TimerList {
  readonly level: number
  readonly slot: number
  first: Timer | null
  last: Timer | null
}

const BITS = 5
const SLOTS = 2 ** BITS
const LEVELS = 10
const FURTHEST = SLOTS ** LEVELS - 1

/** Makes a wheel on a clock. `later` gives way once before it lets go of an alarm. */
export function createTimerWheel(
  clock: Clock,
  later: (callback: () => void) => void = (callback) => void setImmediate(callback),
): TimerWheel {
  let origin = clock.now()
  const lists = new Map<number, TimerList>()
  const occupied = new Int32Array(LEVELS)
  let present = 0
  let size = 0
  let settling = false
  let isCleared = false
  let alarmDue = Infinity
  let stopAlarm: (() => void) | undefined

  function insert(timer: Timer): number {
    const ahead = Math.ceil(timer.due - origin)
    const tick = ahead > present ? Math.min(FURTHEST, ahead) : present
    let level = 0
    let span = SLOTS
    while (Math.floor(tick / span) !== Math.floor(present / span)) {
      level++
      span *= SLOTS
    }
    const slot = Math.floor((tick / span) * SLOTS) % SLOTS
    const list = listAt(level, slot)
    timer.list = list
    timer.before = list.last
    timer.after = null
    if (list.last) list.last.after = timer
    else list.first = timer
    list.last = timer
    occupied[level] = occupied[level]! | (1 << slot)
    return slotStart(level, slot)
  }

  function listAt(level: number, slot: number): TimerList {
    const index = level * SLOTS + slot
    let list = lists.get(index)
    if (!list) lists.set(index, (list = { level, slot, first: null, last: null }))
    return list
  }

  function slotStart(level: number, slot: number): number {
    const span = SLOTS ** level
    const block = span * SLOTS
    return Math.max(present, Math.floor(present / block) * block + slot * span)
  }

  function remove(timer: Timer, list: TimerList): void {
    if (timer.before) timer.before.after = timer.after
    else list.first = timer.after
    if (timer.after) timer.after.before = timer.before
    else list.last = timer.before
    timer.list = null
    if (!list.first) occupied[list.level] = occupied[list.level]! & ~(1 << list.slot)
  }

  /** The first slot that has timers, or undefined. Level 0 is always due first. */
  function nextList(): TimerList | undefined {
    for (let level = 0; level < LEVELS; level++) {
      const bits = occupied[level]!
      if (bits !== 0) return lists.get(level * SLOTS + (31 - Math.clz32(bits & -bits)))
    }
    return undefined
  }

  function advance(): void {
    stopAlarm = undefined
    alarmDue = Infinity
    if (clock.now() < origin + present) rebuild()
    const now = Math.floor(clock.now() - origin)
    for (let list = nextList(); list; list = nextList()) {
      const start = slotStart(list.level, list.slot)
      if (start > now) break
      present = start
      if (list.level === 0) fire(list)
      else spread(list)
    }
    present = Math.max(present, now)
    arm()
  }

  function fire(list: TimerList): void {
    for (let timer = list.first; timer; timer = list.first) {
      remove(timer, list)
      size--
      timer.callback()
    }
  }

  function spread(list: TimerList): void {
    for (let timer = list.first; timer; timer = list.first) {
      remove(timer, list)
      insert(timer)
    }
  }

  function rebuild(): void {
    const pending = [...lists.values()].flatMap((list) => drain(list))
    occupied.fill(0)
    origin = clock.now()
    present = 0
    for (const timer of pending) insert(timer)
  }

  function rearm(): void {
    stopAlarm?.()
    stopAlarm = undefined
    alarmDue = Infinity
    arm()
  }

  function arm(): void {
    const list = nextList()
    if (list) armAt(slotStart(list.level, list.slot))
  }

  function armAt(tick: number): void {
    if (tick >= alarmDue) return
    stopAlarm?.()
    alarmDue = tick
    stopAlarm = clock.alarm(origin + tick, advance, { background: isCleared })
  }

  // An alarm that nobody waits for must not keep the process. It is looked at a turn later, since the next ask may be near.
  function settle(): void {
    if (settling) return
    settling = true
    later(() => {
      settling = false
      if (size === 0) disarm()
    })
  }

  function disarm(): void {
    stopAlarm?.()
    stopAlarm = undefined
    alarmDue = Infinity
  }

  return {
    get size() {
      return size
    },
    set(due, callback) {
      const timer: Timer = { due, callback, list: null, before: null, after: null }
      if (size === 0 || due < origin + present) {
        const now = clock.now()
        if (now < origin + present) {
          rebuild()
          rearm()
        } else if (size === 0) present = Math.floor(now - origin)
      }
      size++
      armAt(insert(timer))
      return timer
    },
    cancel(timer) {
      if (!timer.list) return
      remove(timer, timer.list)
      size--
      if (size === 0) settle()
    },
    clear() {
      disarm()
      for (const list of lists.values()) drain(list)
      occupied.fill(0)
      size = 0
      isCleared = true
    },
  }
}

function drain(list: TimerList): Timer[] {
  const timers: Timer[] = []
  for (let timer = list.first; timer; timer = timer.after) {
    timer.list = null
    timers.push(timer)
  }
  list.first = null
  list.last = null
  return timers
}
