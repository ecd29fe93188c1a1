import type { Address } from '../protocol/address.ts'
import { asTroupeError, errorOf, type ErrorValue, TroupeError } from '../protocol/errors.ts'
import type { TimerRecord } from '../protocol/record.ts'
import type { RestartBeginning } from '../supervision/supervision-policy.ts'
import { type Cell, createCell, type Delivery } from './cell.ts'
import { commit } from './commit.ts'
import type { DurableState } from './durable-state.ts'
import type { Kernel } from './kernel.ts'
import { endCell, initialStep, startCell, stopChildren } from './lifecycle.ts'
import { takeKept } from './restart-mailbox.ts'
import { createRestartState, hasInput, inputOf, type Standby, supervisionOf } from './restart-state.ts'
import { resumeLife } from './resume-life.ts'
import type { AnySnapshot } from './step.ts'
import type { Task } from './tasks.ts'
import { replayStash } from './turn.ts'
import { unwatchAll } from './watch.ts'

/** The state to which a life can go back: what it was before the step at which it ended. */
export interface LastGood {
  readonly snapshot: AnySnapshot
  /** The children it had. Default: those it has. */
  readonly children?: ReadonlyMap<string, Cell | Task>
  /** The child whose failure is the cause. */
  readonly failed?: string | undefined
}

/** How the next life begins. */
export interface Succession {
  /** Milliseconds since 1970; null when an operator decides. */
  readonly due: number | null
  readonly from: RestartBeginning
  readonly lastGood: LastGood | undefined
  readonly quarantined?: ErrorValue
  /** What those learn whose questions go with the old life. */
  readonly why: string
}

/**
 * Ends the life of an actor and puts the next one in its place, which stands by. The address, its mailbox and who waits for
 * it, watches it or listens to it go over; questions under way fail with CRASHED. Of a durable actor both are one commit.
 */
export function succeed(kernel: Kernel, old: Cell, succession: Succession): Cell {
  const { due, lastGood, quarantined = null } = succession
  const from = lastGood ? succession.from : 'start'
  const goesOn = from === 'last good state'
  const state = (old.restarts ??= createRestartState(undefined))
  const children = lastGood?.children ?? new Map(old.children)
  const standby: Standby = {
    due,
    from,
    quarantined,
    timers: goesOn ? timersOf(old) : [],
    children: goesOn ? childCells(children) : [],
    lost: goesOn ? [...children.keys(), ...(lastGood?.failed === undefined ? [] : [lastGood.failed])] : [],
    kept: [],
    timer: null,
  }
  const heir = createCell({ ...old, incarnation: kernel.registry.nextIncarnation() })
  heir.restarts = { ...createRestartState(state.input), history: state.history, standby }
  heir.snapshot = snapshotOf(lastGood?.snapshot ?? old.snapshot, goesOn, quarantined)
  heir.watching = goesOn && old.watching ? new Set(old.watching) : null
  heir.commits = old.commits
  heir.seq = old.seq
  if (old.durable) heir.durable = inherit(old, old.durable, goesOn)
  endLife(kernel, old, succession.why)
  handOver(old, heir)
  state.heir = heir
  kernel.registry.add(heir)
  const name = heir.childId ?? heir.address
  if (heir.parent?.children?.get(name) === old) heir.parent.children.set(name, heir)
  heir.durable?.shard.touch(heir)
  return heir
}

/** Begins a life that stands by. A failure on the way to its first state ends it like any other. */
export function begin(kernel: Kernel, cell: Cell): void {
  const standby = cell.restarts?.standby
  if (!cell.restarts || !standby || cell.ended) return
  cell.restarts.standby = null
  cell.durable?.shard.touch(cell)
  if (kernel.hub.watched) {
    const { address, incarnation, parent } = cell
    kernel.hub.record({ kind: 'actor.started', address, incarnation, ...(parent ? { parent: parent.address } : {}) })
  }
  if (standby.from === 'start') beginAnew(kernel, cell)
  else goOn(kernel, cell, standby)
  if (cell.stash && !cell.ended) replayStash(kernel, cell)
  takeKept(kernel, standby.kept)
}

/** Has a life begin that stood by when its process died, at its old time. */
export function awaitStart(kernel: Kernel, cell: Cell, watching: readonly Address[]): void {
  const standby = cell.restarts?.standby
  if (!standby) return
  if (watching.length > 0) cell.watching = new Set(watching)
  if (standby.due === null) return
  const timer = kernel.wheel.set(standby.due, () => {
    if (kernel.accepting && cell.restarts?.standby?.timer === timer) begin(kernel, cell)
  })
  standby.timer = timer
}

/** Makes the start of a life void, if it stands by. Returns the messages that it kept. */
export function dismiss({ restarts }: Cell): readonly Delivery[] {
  const kept = restarts?.standby?.kept ?? []
  if (restarts) restarts.standby = null
  return kept
}

/** The actors among the children, in the order of their start. */
export function childCells(children: Cell['children'] | ReadonlyMap<string, Cell | Task>): Cell[] {
  return [...(children?.values() ?? [])].filter((child): child is Cell => !('kind' in child))
}

function beginAnew(kernel: Kernel, cell: Cell): void {
  try {
    commit(kernel, cell, initialStep(kernel, cell, inputOf(cell)), null)
  } catch (thrown) {
    endCell(kernel, cell, { reason: 'error', error: asTroupeError(thrown, 'CRASHED'), tellParent: true })
  }
}

function goOn(kernel: Kernel, cell: Cell, { timers, children, lost }: Standby): void {
  for (const child of children) {
    if (!hasInput(child) || supervisionOf(child).restart === 'temporary') continue
    const facts = { ...child, parent: cell, incarnation: kernel.registry.nextIncarnation() }
    const name = child.childId ?? child.address
    startCell(kernel, facts, inputOf(child), (started) => (cell.children ??= new Map()).set(name, started))
  }
  resumeLife(kernel, cell, {
    timers,
    lost,
    tasks: [...(cell.durable?.tasks.values() ?? [])],
    watching: [...(cell.watching ?? [])],
  })
}

function timersOf({ timers }: Cell): TimerRecord[] {
  return [...(timers ?? [])].map(([id, { timer, to, event }]) => ({ id, due: timer.due, to, event }))
}

// Of a state that nothing goes back to, only what can be looked at is kept.
function snapshotOf(snapshot: AnySnapshot, goesOn: boolean, quarantined: ErrorValue | null): AnySnapshot {
  if (goesOn) return snapshot
  const { value, context, tags } = snapshot
  const status = quarantined ? 'error' : 'active'
  const error = quarantined ? errorOf(quarantined) : undefined
  return { status, value, context, output: undefined, error, ...(tags ? { tags } : {}), children: {} }
}

// What it sent and has taken stays so: only the work under way is another's.
function inherit(old: Cell, durable: DurableState, goesOn: boolean): DurableState {
  const { outbox } = durable
  // They were sent by that life, and are known to their receivers as such.
  for (const [seq, message] of outbox) outbox.set(seq, { epoch: old.incarnation, ...message })
  durable.blocked ??= new Map()
  return { ...durable, tasks: goesOn ? new Map(durable.tasks) : new Map(), ended: null }
}

function endLife(kernel: Kernel, old: Cell, why: string): void {
  old.ended = true
  stopChildren(kernel, old)
  for (const { timer } of old.timers?.values() ?? []) kernel.wheel.cancel(timer)
  old.timers = null
  unwatchAll(kernel, old)
  const { asks, address, durable } = old
  if (!asks) return
  const error = new TroupeError('CRASHED', `${address} begins anew: ${why}`, {
    where: address,
    hint: 'ask again: what came of the question is not known',
  })
  const fail = (): void => {
    for (const ask of asks.values()) ask.fail(error)
  }
  // What it had answered before leaves first.
  if (durable) durable.shard.hold(fail, fail)
  else fail()
}

function handOver(old: Cell, heir: Cell): void {
  heir.waiters = old.waiters
  heir.watchers = old.watchers
  heir.listeners = old.listeners
  heir.stash = old.stash?.map((delivery) => ({ ...delivery, cell: heir })) ?? null
  old.waiters = null
  old.watchers = null
  old.stash = null
  // Those that will come from its mailbox; those that overflow gave up will not.
  heir.pending = old.pending - old.skipped
}
