import { createMachine, fromPromise, setup } from 'xstate'
import { bringUp } from '../../../runtime/persistence/bring-up.ts'
import type { Migration } from '../../../runtime/persistence/migration.ts'
import type { Obstacle } from '../../../runtime/persistence/obstacle.ts'
import { reviewRecord } from '../../../runtime/persistence/record-review.ts'
import type { Contract } from '../../../runtime/protocol/contract.ts'
import type { ActorRecord, LinkEnd, TimerRecord } from '../../../runtime/protocol/record.ts'
import { deployed, oneToTwo, type RecordContents, recordOfVersion } from './migration-record.ts'

/** When the records of these tests are brought up. */
export const NOW = 1_000_000

const work = fromPromise(async () => 1)
const part = createMachine({ id: 'part' })

/** A chart and the names it may use; its config is as a JavaScript author would write it. */
export function chart(config: object) {
  const delays = { patience: 50, ofContext: ({ context }: { context: { wait?: number } }) => context.wait as number }
  return setup({ actors: { work, part }, delays }).createMachine({ id: 'ticket', ...config } as never)
}

const former = chart({ initial: 'open', states: { open: {}, waiting: {} } })

/** A record of version 1. */
export function written(contents: RecordContents): ActorRecord {
  return recordOfVersion(former, '1', contents)
}

/** What keeps the record from version 2, which is of the config given. */
export function obstacles(
  record: ActorRecord,
  config: object,
  changes: Partial<Migration> = {},
  contract?: Contract,
): readonly Obstacle[] {
  return reviewRecord(record, deployed(chart(config), '2', [oneToTwo(changes)], contract), NOW).obstacles
}

/** The record in version 2, which is of the config given. */
export function brought(record: ActorRecord, config: object, changes: Partial<Migration> = {}): ActorRecord {
  return bringUp(record, deployed(chart(config), '2', [oneToTwo(changes)]), NOW)
}

/** What makes a migration lead to a state. */
export function moveTo(value: unknown): Partial<Migration> {
  return { migrate: ({ context }) => ({ value, context }) }
}

/** A timer of a record. */
export function timer(id: string, due: number, type = id, to: LinkEnd = 'self'): TimerRecord {
  return { id, due, to, event: { type } }
}
