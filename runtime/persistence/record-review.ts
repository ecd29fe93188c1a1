import { assertPlain } from '../protocol/codec.ts'
import type { Contract } from '../protocol/contract.ts'
import type { ActorRecord, MachineStamp, SnapshotRecord } from '../protocol/record.ts'
import { type ChartMachine, chartOf } from './chart.ts'
import { type ChartValue, pathsOf, readValue } from './chart-value.ts'
import { type MigratedState, type Migration, migrationPath, migrationsOf } from './migration.ts'
import type { Obstacle } from './obstacle.ts'
import { renamePath, renameRecord } from './renames.ts'
import { isFinal, settle } from './settle.ts'
import type { TakenUp, TakeUp, Written } from './take-up.ts'

/** What is known of an actor type when a record of it is read. */
export interface VersionedLogic {
  readonly type: string
  readonly stamp: MachineStamp
  /** The logic as its author wrote it: a machine, transition logic or leaf logic. */
  readonly source: unknown
  /** All of its definition, or of the definition that it is a child in. */
  readonly migrations: readonly Migration[]
  /** Null for a child machine that has no definition of its own. */
  readonly contract: Contract | null
  /** Null where migrations are all there is. */
  readonly takeUp?: TakeUp | null
}

/** What becomes of a record under a logic. */
export interface RecordReview {
  /** The record as the logic can go on with it; null when there are obstacles. */
  readonly record: ActorRecord | null
  readonly obstacles: readonly Obstacle[]
}

/**
 * Brings a record to the version of the logic, as a new record, and says all that stands in the way. A record of the same
 * version and structure is returned as it is, and so is one that has ended: nothing will run in it. `now` is when the
 * delays begin that only the new version has, in milliseconds since 1970.
 */
export function reviewRecord(record: ActorRecord, logic: VersionedLogic, now: number): RecordReview {
  const { stamp, contract, takeUp } = logic
  if (record.ended || record.snapshot.status !== 'active') return { record, obstacles: [] }
  const { version, hash } = record.machine
  if (version === stamp.version && hash === stamp.hash) return { record, obstacles: [] }
  const migrations = migrationsOf(logic.migrations, contract === null ? logic.type : null)
  const path = migrationPath(migrations, version, stamp.version)
  // A child's version is its parent's, which may have been raised for reasons that do not touch the child.
  if (!path && contract === null && hash === stamp.hash) return { record: { ...record, machine: stamp }, obstacles: [] }
  const obstacles: Obstacle[] = []
  // Who has written migrations has taken charge of the ways between versions.
  const isOwnWay = !path && takeUp && migrations.length === 0
  if (!path && !isOwnWay) obstacles.push(noWay(version, stamp.version, migrations))
  else if (path?.length === 0) obstacles.push(changedChart(version, takeUp ? RAISE : RAISE_AND_MIGRATE))
  const moved = migrated(record, path ?? [], logic)
  if (!('record' in moved)) return { record: null, obstacles: [...obstacles, moved] }
  const taken = takeUp ? takenUp(moved, takeUp({ ...written(moved), version: isOwnWay ? version : null, now })) : moved
  if (!('record' in taken)) return { record: null, obstacles: [...obstacles, ...taken] }
  const settled = settleIn(taken, logic, now)
  obstacles.push(...settled.obstacles)
  return { record: obstacles.length === 0 ? settled.record : null, obstacles }
}

interface Moved {
  readonly record: ActorRecord
  /** Paths, under their new names, of the states it was in before. */
  readonly before: ReadonlySet<string>
  readonly begins: ReadonlySet<string>
  /** Those of them that the last migration names: they must be in the chart. */
  readonly named: readonly string[]
}

function migrated(record: ActorRecord, path: readonly Migration[], { stamp }: VersionedLogic): Moved | Obstacle {
  const { id } = record.machine
  let moved = record
  let named = record
  let begins: readonly string[] = []
  for (const { from, to, renamed = {}, migrate, ...step } of path) {
    const name = `from '${from}' to '${to}'`
    const before = moved
    moved = renameRecord(before, renamed, id, id)
    if (countNames(moved) < countNames(before)) return migrationFault(name, '`renamed` gives two things one name')
    named = renameRecord(named, renamed, id, id)
    begins = [...begins.map((state) => renamePath(state, renamed.states)), ...(step.begins ?? [])]
    try {
      moved = { ...moved, snapshot: withState(moved.snapshot, migrate(stateOf(moved.snapshot))) }
    } catch (error) {
      return migrationFault(name, error instanceof Error ? error.message : String(error))
    }
  }
  return {
    record: { ...renameRecord(moved, {}, id, stamp.id), machine: stamp },
    before: new Set(pathsOf(named.snapshot.value)),
    begins: new Set(begins),
    named: path.at(-1)?.begins ?? [],
  }
}

function written({ record }: Moved): Pick<Written, 'context' | 'timers'> {
  return { context: structuredClone(record.snapshot.context), timers: record.timers }
}

// Its timers are those that its state needs: none begins anew.
function takenUp({ record }: Moved, taken: TakenUp | readonly Obstacle[]): Moved | readonly Obstacle[] {
  if (!('value' in taken)) return taken
  const { value, context, timers } = taken
  const snapshot = { ...record.snapshot, value, context }
  return { record: { ...record, snapshot, timers }, before: new Set(pathsOf(value)), begins: new Set(), named: [] }
}

function stateOf({ value, context, history }: SnapshotRecord): MigratedState {
  return structuredClone({ value, context, ...(history ? { history } : {}) })
}

function withState(snapshot: SnapshotRecord, state: MigratedState): SnapshotRecord {
  if (state instanceof Promise) {
    // Nobody will hear how it ends.
    state.catch(() => {})
    throw new TypeError('it returned a promise: return { value, context } at once')
  }
  if (typeof state !== 'object' || state === null)
    throw new TypeError('it returned no state: return { value, context }')
  assertPlain(state)
  const { value, context, history = snapshot.history } = structuredClone(state)
  const { value: _, context: __, history: ___, ...others } = snapshot
  return {
    ...others,
    ...(value === undefined ? {} : { value }),
    ...(context === undefined ? {} : { context }),
    ...(history === undefined || Object.keys(history).length === 0 ? {} : { history }),
  }
}

function settleIn(moved: Moved, { source, contract }: VersionedLogic, now: number): RecordReview {
  const { record } = moved
  const { value } = record.snapshot
  const machine = chartOf(source)
  if (!machine) return { record, obstacles: value === undefined ? [] : [noChart()] }
  const read = valueIn(machine, value)
  if ('kind' in read) return { record: null, obstacles: [read] }
  const snapshot = { ...record.snapshot, value: read.value }
  const { active } = read
  return settle({ ...moved, record: { ...record, snapshot }, machine, contract, active, now })
}

function valueIn(machine: ChartMachine, value: unknown): ChartValue | Obstacle {
  const name = JSON.stringify(value) ?? 'none'
  const hint = 'rename the state in `renamed.states`, or return a state of the new chart from `migrate`'
  if (value === undefined) return { kind: 'state', name, fault: 'the chart needs a state value', hint }
  try {
    const read = readValue(machine.root, value)
    if (!isFinal(machine.root, new Set(read.active))) return read
    const fault = 'the state is a final one, and a record cannot end without a message'
    return { kind: 'state', name, fault, hint: 'migrate to a state that leads there' }
  } catch (error) {
    return { kind: 'state', name, fault: (error as Error).message, hint }
  }
}

// Two things under one name would be one thing lost.
function countNames({ children, snapshot }: ActorRecord): number {
  return Object.keys(children).length + Object.keys(snapshot.children ?? {}).length + pathsOf(snapshot.value).length
}

function noWay(version: string, current: string, migrations: readonly Migration[]): Obstacle {
  const isKnown = migrations.some(({ from, to }) => from === version || to === version)
  const fault = `it was written by version '${version}', and no migration leads from there to '${current}'`
  const add = `add { from: '${version}', to: '${current}', migrate } to \`migrate\``
  const hint = isKnown ? add : `deploy the version that wrote it, if it is a newer one; else ${add}`
  return { kind: 'version', name: version, fault, hint }
}

const RAISE = 'raise `version`: its records are brought up by themselves'
const RAISE_AND_MIGRATE = 'raise `version` and add a migration; one that keeps the state is `migrate: (state) => state`'

function changedChart(version: string, hint: string): Obstacle {
  return { kind: 'chart', name: version, fault: `the chart changed and its version '${version}' did not`, hint }
}

function migrationFault(name: string, reason: string): Obstacle {
  const hint = 'mend it; the record is as it was'
  return { kind: 'migration', name, fault: `the migration ${name} failed: ${reason}`, hint }
}

function noChart(): Obstacle {
  const fault = 'it has a state value, and the logic is no chart'
  return { kind: 'state', name: 'value', fault, hint: 'return { value: undefined, context } from `migrate`' }
}
