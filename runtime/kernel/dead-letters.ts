import type { Address } from '../protocol/address.ts'
import type { MessageEvent } from '../protocol/contract.ts'
import { type ErrorValue, errorValue } from '../protocol/errors.ts'
import type { Principal } from '../protocol/principal.ts'
import type { Shard } from './shard.ts'
import { storableError, storableEvent } from './storable.ts'

/** A message that nobody will process, and why. */
export interface DeadLetterEntry {
  readonly at: number
  readonly to: Address
  readonly from: Address
  readonly event: unknown
  readonly error: ErrorValue
}

/** The last dead letters of a node. `dropped` counts the older ones that made room. */
export interface DeadLetters {
  readonly dropped: number
  list(): readonly DeadLetterEntry[]
  add(letter: NewLetter): void
  /** Replays a letter; who asks for it meanwhile joins the replay under way. */
  replayed(id: string, replay: () => Promise<void>): Promise<void>
}

/** A message that nobody will process. With a principal and a shard it is kept in the journal, to be replayed. */
interface NewLetter {
  readonly to: Address
  readonly from: Address
  readonly event: unknown
  readonly error: unknown
  readonly principal?: Principal
  readonly shard?: Pick<Shard, 'addLetter'> | undefined
}

/** Makes the store; it holds the newest `capacity` entries. */
export function createDeadLetters(
  capacity: number,
  now: () => number,
  newId: () => string,
  report: (entry: DeadLetterEntry) => void,
): DeadLetters {
  let entries: DeadLetterEntry[] = []
  let dropped = 0
  const replays = new Map<string, Promise<void>>()
  return {
    get dropped() {
      return dropped + Math.max(0, entries.length - capacity)
    },
    list: () => entries.slice(-capacity),
    replayed(id, replay) {
      const underway = replays.get(id)
      if (underway) return underway
      const started = replay().finally(() => replays.delete(id))
      replays.set(id, started)
      return started
    },
    add({ to, from, event, error, principal, shard }) {
      const entry = { at: now(), to, from, event, error: errorValue(error) }
      if (principal && shard) {
        const kept = { event: storableEvent(event as MessageEvent), error: storableError(entry.error, 'INTERNAL') }
        shard.addLetter({ id: newId(), ...entry, ...kept, principal })
      }
      entries.push(entry)
      // Trimmed in halves, so that a flood costs a copy now and then and not one a message.
      if (entries.length >= capacity * 2) {
        dropped += entries.length - capacity
        entries = entries.slice(-capacity)
      }
      report(entry)
    },
  }
}
