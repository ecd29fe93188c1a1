import type { ActorRecord } from '../protocol/record.ts'
import { encodeRecord } from '../protocol/record-codec.ts'
import { parseAddress } from '../protocol/address.ts'

/** How an actor stands, as its record has it. */
export interface ActorSummary {
  readonly address: string
  readonly type: string
  readonly status: 'active' | 'done' | 'error' | 'stopped' | 'waiting' | 'quarantined'
  /** The state value of its chart; null for other logic. */
  readonly state: unknown
  readonly version: string
  readonly parent: string | null
  /** When its next timer is due, in milliseconds since 1970. */
  readonly due: number | null
  readonly timers: number
  /** Messages that are not known to have arrived. */
  readonly outbox: number
  /** Leaf work under way. */
  readonly tasks: number
  /** Messages put away. */
  readonly stash: number
  readonly children: number
  readonly restarts: number
  /** The length of its record. */
  readonly bytes: number
  readonly quarantined: string | null
}

/** The summary of a record. */
export function actorSummary(record: ActorRecord): ActorSummary {
  const { address, snapshot, machine, timers, restarts, quarantined } = record
  const dues = timers.map(({ due }) => due)
  return {
    address,
    type: parseAddress(address).type,
    // Between two lives it waits, whatever its last state was.
    status: quarantined ? 'quarantined' : restarts?.next ? 'waiting' : snapshot.status,
    state: snapshot.value ?? null,
    version: machine.version,
    parent: record.parent?.address ?? null,
    due: dues.length > 0 ? dues.reduce((least, due) => Math.min(least, due)) : null,
    timers: timers.length,
    outbox: record.outbox.length,
    tasks: record.tasks.length,
    stash: record.stash.length,
    children: Object.keys(record.children).length,
    restarts: restarts?.own?.starts.length ?? 0,
    bytes: encodeRecord(record).length,
    quarantined: quarantined?.message ?? null,
  }
}

/** A state value as one word: `open`, `paid.shipping`, or regions side by side: `lane1.read|lane2.count`. */
export function stateText(value: unknown): string {
  if (typeof value === 'string') return value
  if (typeof value !== 'object' || value === null) return '-'
  const parts = Object.entries(value).map(([name, inner]) => {
    const text = stateText(inner)
    return text === '-' || text === '' ? name : `${name}.${text}`
  })
  return parts.join('|')
}
