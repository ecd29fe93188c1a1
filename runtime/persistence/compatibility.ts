import { type Address, parseAddress } from '../protocol/address.ts'
import type { ActorRecord, OutboxRecord } from '../protocol/record.ts'
import { chartOf, takesEvent } from './chart.ts'
import { contractFault } from './contract-fault.ts'
import type { Obstacle, ObstacleKind } from './obstacle.ts'
import { reviewRecord, type VersionedLogic } from './record-review.ts'

/** How the records of a journal and the actor types of a new version fit together. */
export interface Compatibility {
  /** The types that were compared, and how many records of each go on, are migrated, have ended or are refused. */
  readonly types: readonly TypeCompatibility[]
  /** What is wrong, worst spread first. */
  readonly problems: readonly CompatibilityProblem[]
  /** How many further problems there are beyond those listed. */
  readonly unlisted: number
}

/** How the records of one type fare. */
export interface TypeCompatibility {
  readonly type: string
  readonly version: string
  readonly unchanged: number
  readonly migrated: number
  readonly ended: number
  readonly refused: number
}

/** One thing that is wrong, however many records it concerns. */
export interface CompatibilityProblem {
  readonly type: string
  readonly kind: ObstacleKind
  readonly name: string
  readonly fault: string
  readonly hint: string
  readonly count: number
  /** The first of the addresses concerned. */
  readonly addresses: readonly Address[]
}

const MAX_ADDRESSES = 10
const MAX_PROBLEMS = 200

/**
 * Tries the new version of some actor types on records, without changing any: each is brought up as it would be when it
 * is next activated, and messages on their way are held against the type that they go to. Records of other types are
 * looked at for such messages alone. `now` is milliseconds since 1970.
 */
export async function compareWithRecords(
  logics: readonly VersionedLogic[],
  records: AsyncIterable<ActorRecord>,
  now: number,
): Promise<Compatibility> {
  const byType = new Map(logics.map((logic) => [logic.type, logic]))
  const tallies = new Map(logics.map((logic) => [logic.type, tallyOf(logic)]))
  const problems = createProblems()
  for await (const record of records) {
    const { address } = record
    const { type } = parseAddress(address)
    const logic = byType.get(type)
    const tally = tallies.get(type)
    if (logic && tally) {
      const review = reviewRecord(record, logic, now)
      for (const obstacle of review.obstacles) problems.add(type, obstacle, address)
      tally[fateOf(record, review.record)]++
    }
    for (const message of record.outbox) {
      const receiver = message.to === address ? undefined : byType.get(parseAddress(message.to).type)
      const obstacle = receiver && messageObstacle(receiver, message)
      if (obstacle) problems.add(receiver.type, obstacle, message.to)
    }
  }
  return { types: [...tallies.values()], ...problems.listed() }
}

type Tally = { -readonly [K in keyof TypeCompatibility]: TypeCompatibility[K] }

function tallyOf({ type, stamp }: VersionedLogic): Tally {
  return { type, version: stamp.version, unchanged: 0, migrated: 0, ended: 0, refused: 0 }
}

function fateOf(before: ActorRecord, after: ActorRecord | null): 'unchanged' | 'migrated' | 'ended' | 'refused' {
  if (!after) return 'refused'
  if (before.snapshot.status !== 'active') return 'ended'
  return after === before ? 'unchanged' : 'migrated'
}

function messageObstacle({ source, contract }: VersionedLogic, { event, link }: OutboxRecord): Obstacle | null {
  const { type } = event
  // What the runtime itself has to say is no matter of charts, and the end of a child may go unheard.
  if (type.startsWith('troupe.') || type.startsWith('xstate.')) return null
  const chart = chartOf(source)
  const reason = chart && !takesEvent(chart, type) ? 'no state takes it' : link ? null : contractFault(contract, event)
  if (reason === null) return null
  const fault = `a message '${type}' is on its way, and ${reason}`
  return { kind: 'event', name: type, fault, hint: 'take it somewhere in this version, if only to refuse it' }
}

function createProblems(): {
  add(type: string, obstacle: Obstacle, address: Address): void
  listed(): Pick<Compatibility, 'problems' | 'unlisted'>
} {
  const found = new Map<string, CompatibilityProblem & { count: number; addresses: Address[] }>()
  let unlisted = 0
  return {
    add(type, obstacle, address) {
      const key = JSON.stringify([type, obstacle.kind, obstacle.name])
      const known = found.get(key)
      if (!known && found.size >= MAX_PROBLEMS) unlisted++
      else if (!known) found.set(key, { type, ...obstacle, count: 1, addresses: [address] })
      else {
        known.count++
        if (known.addresses.length < MAX_ADDRESSES) known.addresses.push(address)
      }
    },
    listed: () => ({ problems: [...found.values()].sort((a, b) => b.count - a.count), unlisted }),
  }
}
