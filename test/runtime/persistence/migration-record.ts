import type { AnyActorLogic } from 'xstate'
import { machineStamp } from '../../../runtime/persistence/machine-stamp.ts'
import type { Migration } from '../../../runtime/persistence/migration.ts'
import type { VersionedLogic } from '../../../runtime/persistence/record-review.ts'
import type { Address } from '../../../runtime/protocol/address.ts'
import type { Contract } from '../../../runtime/protocol/contract.ts'
import type {
  ActorRecord,
  OutboxRecord,
  SnapshotRecord,
  StashRecord,
  TaskRecord,
} from '../../../runtime/protocol/record.ts'

const PRINCIPAL = { id: 'tester', grants: null } as unknown as ActorRecord['principal']

/** What a test wants a record to hold beside its state. */
export type RecordContents = Partial<Omit<ActorRecord, 'snapshot'>> & { readonly snapshot?: Partial<SnapshotRecord> }

/** A record as the machine would have written it in its version. */
export function recordOfVersion(logic: AnyActorLogic, version: string, contents: RecordContents): ActorRecord {
  const { snapshot, ...others } = contents
  return {
    format: 1,
    address: 'realm/ticket/t-1' as Address,
    incarnation: 1,
    commit: 7,
    seq: 3,
    machine: machineStamp(logic, 'ticket', version),
    principal: PRINCIPAL,
    timers: [],
    tasks: [],
    outbox: [],
    inbox: {},
    stash: [],
    children: {},
    watching: [],
    wake: null,
    ...others,
    snapshot: { status: 'active', context: {}, ...snapshot },
  }
}

/** What is known of a machine that is deployed in a version. */
export function deployed(
  source: AnyActorLogic,
  version: string,
  migrations: readonly Migration[] = [],
  contract: Contract | null = { spec: { messages: {} }, messages: new Map(), emits: new Map() },
): VersionedLogic {
  return { type: 'ticket', stamp: machineStamp(source, 'ticket', version), source, migrations, contract }
}

/** A migration from 1 to 2 that keeps the state, but for what is given. */
export function oneToTwo(changes: Partial<Migration> = {}): Migration {
  return { from: '1', to: '2', migrate: (state) => state, ...changes }
}

/** A message that was put away. */
export function putAway(type: string, fields: object = {}): StashRecord {
  return { event: { type, ...fields }, from: 'realm/user/u' as Address, principal: PRINCIPAL }
}

/** A message on its way out. */
export function onItsWay(to: string, type: string): OutboxRecord {
  return { id: `${to} ${type}`, to: to as Address, seq: 1, event: { type }, principal: PRINCIPAL }
}

/** A task under way. */
export function atWork(id: string, src: string): TaskRecord {
  return { id, src, syncs: false, key: `realm/ticket/t-1:7:0`, input: { n: 1 } }
}
