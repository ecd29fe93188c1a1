import type { InspectionRecord } from '../protocol/inspection-record.ts'

type Unstamped<R> = R extends InspectionRecord ? Omit<R, 'at' | 'seq' | 'node'> : never

/** A record before the hub has stamped it. */
export type RecordFacts = Unstamped<InspectionRecord>

/** Takes records. What it throws is swallowed: a viewer cannot harm an actor. */
export type Observer = (record: InspectionRecord) => void

/** Where a node's inspection records leave it. With no observer a record is not even made: ask `watched` first. */
export interface InspectionHub {
  readonly watched: boolean
  record(facts: RecordFacts): void
  observe(observer: Observer): () => void
}

/** Makes the hub of one node. */
export function createInspectionHub(node: string, now: () => number): InspectionHub {
  let observers: readonly Observer[] = []
  let seq = 0
  return {
    get watched() {
      return observers.length > 0
    },
    record(facts) {
      if (observers.length === 0) return
      const record = { ...facts, at: now(), seq: ++seq, node } as InspectionRecord
      for (const observer of observers) {
        try {
          const outcome: unknown = observer(record)
          if (outcome instanceof Promise) outcome.catch(() => {})
        } catch {
          // An observer's fault is its own: the actor goes on.
        }
      }
    },
    observe(observer) {
      const entry: Observer = (record) => observer(record)
      observers = [...observers, entry]
      return () => {
        observers = observers.filter((other) => other !== entry)
      }
    },
  }
}
