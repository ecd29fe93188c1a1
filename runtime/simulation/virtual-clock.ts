import type { Clock } from '../ports/clock.ts'
import { type Duration, milliseconds } from '../protocol/duration.ts'

/** A clock that moves when it is told to. */
export interface VirtualClock extends Clock {
  /** Alarms that have not rung. */
  readonly pending: number
  /** When the next one is due that is not in the background; null when there is none. */
  readonly next: number | null
  /** Moves time on, alarm by alarm in the order they are due; between two of them what they set off runs to its end. */
  advance(by: Duration): Promise<void>
  /** Sets the time, forward or back, as an operator sets a machine's clock: what is overdue then rings at once. */
  setTo(time: number): Promise<void>
}

/** What makes a virtual clock. */
export interface VirtualClockOptions {
  /** Milliseconds since 1970. Default: the first of January 2026. */
  readonly start?: number
  /** Lets what an alarm set off run to its end. Default: waits until Node has been through its queues a few times. */
  readonly settle?: () => Promise<void>
}

interface Alarm {
  readonly due: number
  readonly order: number
  readonly background: boolean
  readonly callback: () => void
}

const START = Date.UTC(2026, 0, 1)

/**
 * Makes a clock for tests and simulations: an hour passes in no time, and always the same way.
 *
 * @example
 * const clock = createVirtualClock()
 * const runtime = await createRuntime({ clock, actors: [reminder] })
 * await clock.advance('1h')
 */
export function createVirtualClock(options: VirtualClockOptions = {}): VirtualClock {
  const settle = options.settle ?? settled
  const alarms = new Set<Alarm>()
  let now = options.start ?? START
  let order = 0

  function nextDue(limit: number): Alarm | undefined {
    let next: Alarm | undefined
    for (const alarm of alarms) {
      if (alarm.due > limit) continue
      if (!next || alarm.due < next.due || (alarm.due === next.due && alarm.order < next.order)) next = alarm
    }
    return next
  }

  async function ring(limit: number): Promise<void> {
    await settle()
    for (let alarm = nextDue(limit); alarm; alarm = nextDue(limit)) {
      alarms.delete(alarm)
      now = Math.max(now, alarm.due)
      alarm.callback()
      await settle()
    }
  }

  return {
    get pending() {
      return alarms.size
    },
    get next() {
      let next: number | null = null
      for (const { due, background } of alarms) if (!background && (next === null || due < next)) next = due
      return next
    },
    now: () => now,
    alarm(due, callback, { background } = { background: false }) {
      const alarm = { due, order: order++, background, callback }
      alarms.add(alarm)
      return () => alarms.delete(alarm)
    },
    async advance(by) {
      const end = now + milliseconds(by)
      await ring(end)
      now = Math.max(now, end)
    },
    async setTo(time) {
      now = time
      await ring(time)
    },
  }
}

// Microtasks run out between two turns of the event loop; work that gives way to IO needs more than one turn.
async function settled(): Promise<void> {
  for (let turn = 0; turn < 4; turn++) await new Promise<void>((resolve) => setImmediate(resolve))
}
