import type { InspectionRecord } from 'troupe'
import type { Journal } from '../../runtime/ports/journal.ts'

/** When the timers of actors with one timer each were due, and when they fired. */
export interface TimerDues {
  readonly due: ReadonlyMap<string, number>
  /** How many fired. */
  readonly fired: number
  /** What fired before its time. */
  readonly early: readonly string[]
  /** The journal, watched. */
  watched(journal: Journal): Journal
  observe(record: InspectionRecord): void
}

/** Makes an empty account. */
export function createTimerDues(): TimerDues {
  const due = new Map<string, number>()
  const early: string[] = []
  let fired = 0
  return {
    due,
    get fired() {
      return fired
    },
    early,
    watched: (journal) => ({
      ...journal,
      async own(realm, name, options) {
        const shard = await journal.own(realm, name, options)
        return {
          ...shard,
          async append(batch) {
            await shard.append(batch)
            for (const { address, timers } of batch.records) for (const timer of timers) due.set(address, timer.due)
          },
        }
      },
    }),
    observe(record) {
      if (record.kind !== 'transition' || !record.event.startsWith('xstate.after')) return
      fired++
      const time = due.get(record.address)
      if (time !== undefined && record.at < time) early.push(`${record.address} at ${record.at}, due ${time}`)
    },
  }
}
