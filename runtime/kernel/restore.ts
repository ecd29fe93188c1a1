import { bringUp } from '../persistence/bring-up.ts'
import { decodeSnapshot } from '../persistence/snapshot-codec.ts'
import { type Address, parseAddress } from '../protocol/address.ts'
import { errorOf, type ErrorValue, TroupeError } from '../protocol/errors.ts'
import type { ActorRecord, ChildRecord } from '../protocol/record.ts'
import { type Cell, createCell, type Delivery } from './cell.ts'
import { claimAddress } from './claim-address.ts'
import { hostedChild } from './children.ts'
import { createDurableState, type Watermark } from './durable-state.ts'
import { type ActorDefinition, actorPolicies } from './definition.ts'
import type { Ended } from './ended-actors.ts'
import { endedLogic, type HostedLogic, realLogic } from './hosted-logic.ts'
import { inertChild } from './inert-child.ts'
import type { Kernel } from './kernel.ts'
import { keepLeaver, restoreLeaver } from './leavers.ts'
import { resend } from './outbox.ts'
import { awaitStart } from './restart.ts'
import { beginsFromStart, restoreRestarts } from './restart-record.ts'
import type { Shard } from './shard.ts'
import type { AnySnapshot } from './step.ts'
import { resumeLife } from './resume-life.ts'
import { replayStash } from './turn.ts'

/**
 * Brings a family back from its records: first all cells, so that they find each other; then what they were at. Throws
 * NOT_FOUND for a type that this node does not host and INCOMPATIBLE for a record that its machine cannot take up; then
 * none of the family is back.
 */
export function restoreFamily(kernel: Kernel, shard: Shard, records: readonly ActorRecord[]): void {
  const root = records[0]
  if (!root || kernel.registry.cells.has(root.address) || shard.leavers.has(root.address) || shard.lost) return
  const cells = new Map<Address, Cell>()
  const back: (readonly [Cell, ActorRecord])[] = []
  for (const record of records) {
    const parent = (record.parent && cells.get(record.parent.address)) ?? waitingOwner(kernel, record)
    const [cell, current] = restoreCell(kernel, shard, record, parent)
    cells.set(cell.address, cell)
    back.push([cell, current])
  }
  const listed = new Set(back.flatMap(([, { children }]) => Object.keys(children)))
  for (const [cell, record] of back) enter(kernel, cell, record, listed.has(cell.address))
  for (const [cell, record] of back) resume(kernel, cell, record)
  for (const [index, [cell, record]] of back.entries()) if (record !== records[index]) settleMigrated(kernel, cell)
}

// An owner that is not durable has stayed in memory when the shard was lost.
function waitingOwner({ registry }: Kernel, { address, parent }: ActorRecord): Cell | null {
  const owner = parent && registry.cells.get(parent.address)
  return owner && !owner.durable && owner.children?.has(address) ? owner : null
}

// What was migrated counts from now on, before anything else does; its new state may take what the old one put away.
function settleMigrated(kernel: Kernel, cell: Cell): void {
  cell.durable?.shard.touch(cell)
  if (cell.stash && !cell.ended) replayStash(kernel, cell)
}

function restoreCell(
  kernel: Kernel,
  shard: Shard,
  stored: ActorRecord,
  parent: Cell | null,
): readonly [Cell, ActorRecord] {
  const { address, incarnation, principal } = stored
  const childId = stored.parent?.childId ?? null
  const { definition, hosted, isOver = false } = logicOf(kernel, stored, parent, childId)
  const policies =
    definition?.policies ?? parent?.policies ?? actorPolicies(parseAddress(address).type, { durability: 'durable' })
  const { type, stamp, source } = hosted
  const { contract = null, takeUp = null } = definition ?? {}
  const versioned = { type, stamp, source, migrations: policies.migrations, contract, takeUp }
  const record = isOver || beginsFromStart(stored) ? stored : bringUp(stored, versioned, kernel.clock.now())
  const syncs = stored.parent?.syncs ?? false
  const cell = createCell({
    address,
    hosted,
    definition,
    policies,
    incarnation,
    parent,
    childId,
    syncs,
    principal,
  })
  const durable = createDurableState(shard, record.input, kernel.clock.now())
  cell.durable = durable
  if (!parent && stored.parent) durable.formerParent = stored.parent.address
  cell.snapshot = snapshotOf(hosted, record)
  restoreRestarts(cell, record)
  cell.commits = record.commit
  cell.seq = record.seq
  for (const message of record.outbox) durable.outbox.set(message.seq, message)
  for (const [from, watermark] of Object.entries<Watermark>(record.inbox)) durable.inbox.set(from as Address, watermark)
  for (const task of record.tasks) durable.tasks.set(task.id, task)
  return [cell, record]
}

interface KnownLogic {
  readonly definition: ActorDefinition | null
  readonly hosted: HostedLogic
  /** Set for one that has ended whose logic nobody needs. */
  readonly isOver?: true
}

function logicOf(
  kernel: Kernel,
  { address, snapshot, machine, parent: owner }: ActorRecord,
  parent: Cell | null,
  childId: string | null,
): KnownLogic {
  const { type } = parseAddress(address)
  const definition = kernel.registry.definitions.get(type)
  if (definition) return { definition, hosted: definition.hosted }
  const src =
    childId === null ? undefined : (parent?.snapshot.children?.[childId] as { src?: unknown } | undefined)?.src
  const logic = typeof src === 'string' ? parent?.hosted.machine?.implementations.actors[src] : undefined
  if (parent && logic) return { definition: null, hosted: hostedChild(parent.hosted, realLogic(logic as never), src) }
  // Its parent's chart has let go of it: it has only something to say yet.
  if (owner && snapshot.status !== 'active' && type.startsWith(`${parseAddress(owner.address).type}--`)) {
    return { definition: null, hosted: endedLogic(type, machine), isOver: true }
  }
  throw new TroupeError('NOT_FOUND', `nothing here hosts '${type}', of which ${address} is (${snapshot.status})`, {
    where: address,
    hint: 'give createRuntime its definition among the actors; its record is untouched',
  })
}

function snapshotOf({ machine }: HostedLogic, record: ActorRecord): AnySnapshot {
  const { snapshot } = record
  const { status, value, context, output, error } = snapshot
  const thrown = error === undefined ? undefined : errorOf(error as ErrorValue)
  if (!machine) return { status, context, output, error: thrown }
  // Nothing goes on from it: it is there to be looked at.
  if (beginsFromStart(record)) return { status, value, context, output, error: thrown, children: {} }
  const standIn = (id: string, { src, syncs }: ChildRecord): unknown => {
    const logic = machine.implementations.actors[src]
    if (logic) return inertChild({ id, logic: logic as never, _syncSnapshot: syncs }, src)
    throw new TroupeError('INCOMPATIBLE', `the child '${id}' was a '${src}', which '${machine.id}' does not have`, {
      where: machine.id,
      hint: 'keep its logic in setup({ actors }), or migrate the record',
    })
  }
  return decodeSnapshot(machine as never, { ...snapshot, ...(thrown ? { error: thrown } : {}) }, standIn) as AnySnapshot
}

/** Puts a cell where others find it. One that has ended is found by its parent only, which has to hear of it yet. */
function enter(kernel: Kernel, cell: Cell, record: ActorRecord, isListed: boolean): void {
  const { parent, childId, snapshot, address } = cell
  const isHere = snapshot.status === 'active' || cell.restarts?.standby
  if (isHere) {
    kernel.registry.add(cell)
    claimAddress(kernel, cell)
    if (kernel.hub.watched) {
      const owner = parent ? { parent: parent.address } : {}
      kernel.hub.record({ kind: 'actor.started', address, incarnation: cell.incarnation, ...owner })
    }
  } else {
    const now = kernel.clock.now()
    const { at, until } = record.ended ?? { at: now, until: now + cell.policies.keepResult }
    cell.ended = true
    if (cell.durable) cell.durable.ended = { at, until }
    const error = record.snapshot.error as ErrorValue | undefined
    const reason = snapshot.status as Ended['reason']
    const { output, value } = snapshot
    const owner = record.parent?.address
    const ended: Ended = { address, reason, output, error, value, tags: [], until, owner }
    kernel.registry.remove(cell, ended)
    keepLeaver(cell, ended)
    // A chart that waits for its end knows it by another name.
    if (isListed || !parent) return restoreLeaver(cell)
  }
  const name = childId ?? address
  const isAwaited = isHere || cell.durable?.outbox.size
  if (parent && isAwaited) (parent.children ??= new Map()).set(name, cell)
}

/** Takes up what a cell was at when it was last written down. */
function resume(kernel: Kernel, cell: Cell, record: ActorRecord): void {
  if (cell.ended) return resend(kernel, cell)
  for (const { event, from, principal } of record.stash) {
    const put: Delivery = { cell, event, from, principal, ask: null, receipt: null, owed: null, origin: null }
    ;(cell.stash ??= []).push(put)
  }
  if (cell.restarts?.standby) awaitStart(kernel, cell, record.watching)
  else resumeLife(kernel, cell, { ...record, lost: Object.keys(record.children) })
  resend(kernel, cell)
}
