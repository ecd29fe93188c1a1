import type { Address } from '../protocol/address.ts'
import { asTroupeError, errorValue, TroupeError } from '../protocol/errors.ts'
import { type Cell, type CellFacts, createCell, type Delivery, type Owed } from './cell.ts'
import { commit } from './commit.ts'
import { createDurableState, type DurableState } from './durable-state.ts'
import { assertCommittable } from './effects.ts'
import { signal } from './inbound.ts'
import { postLink } from './outbox.ts'
import type { Kernel } from './kernel.ts'
import { keepLeaver, releaseChild, takeOver } from './leavers.ts'
import type { Ended } from './ended-actors.ts'
import { dismiss, type LastGood } from './restart.ts'
import { beginsAnew, createRestartState, supervisionOf } from './restart-state.ts'
import { setAside } from './set-aside.ts'
import type { Step } from './step.ts'
import { assertStorable, assertStorableStep } from './storable.ts'
import { supervise } from './supervisor.ts'
import type { Task } from './tasks.ts'
import { unwatchAll } from './watch.ts'

/** How an actor ended. */
export interface End {
  readonly reason: 'done' | 'error' | 'stopped'
  readonly output?: unknown
  readonly error?: unknown
  /** False when the parent itself asked for it. */
  readonly tellParent: boolean
  /** What it can go back to; none when it never began. */
  readonly lastGood?: LastGood
}

/**
 * Starts an actor. Throws CRASHED when it fails on its way to its first state; then it never was there. A child that its
 * parent is to restart has failed for the first time then.
 */
export function startCell(kernel: Kernel, facts: CellFacts, input: unknown, enrol?: (cell: Cell) => void): Cell {
  if (kernel.registry.cells.has(facts.address)) {
    throw new TroupeError('CONFLICT', `there is an actor at ${facts.address} already`, {
      where: facts.address,
      hint: 'give one of the two another key or id',
    })
  }
  const cell = createCell(facts)
  if (facts.policies.durability === 'durable') makeDurable(kernel, cell, input)
  if (beginsAnew(cell)) cell.restarts = createRestartState(cell.durable ? undefined : input)
  const step = firstStep(kernel, cell, input)
  if (cell.durable) takeOver(cell)
  kernel.registry.add(cell)
  // An actor may end in its first step: who owns it must know it before.
  enrol?.(cell)
  if (kernel.hub.watched) {
    const { address, incarnation, parent } = cell
    kernel.hub.record({ kind: 'actor.started', address, incarnation, ...(parent ? { parent: parent.address } : {}) })
  }
  if (step instanceof TroupeError) endCell(kernel, cell, { reason: 'error', error: step, tellParent: true })
  else commit(kernel, cell, step, null)
  if (cell.durable) kernel.store?.began(cell.address)
  return cell
}

/** Ends an actor, unless its supervisor goes on with it. */
export function endCell(kernel: Kernel, cell: Cell, end: End): void {
  if (cell.ended) return
  if (cell.restarts && end.reason !== 'stopped' && supervise(kernel, cell, end)) return
  giveUp(kernel, cell, end)
}

/** Ends an actor for good: its children first, then what waits for it, then whoever wants to know. */
export function giveUp(kernel: Kernel, cell: Cell, end: End): void {
  cell.ended = true
  stopChildren(kernel, cell)
  for (const { timer } of cell.timers?.values() ?? []) kernel.wheel.cancel(timer)
  cell.timers = null
  const kept = dismiss(cell)
  if (kept.length > 0) cell.stash = [...(cell.stash ?? []), ...kept]
  const error = end.reason === 'error' ? errorValue(end.error, 'CRASHED') : undefined
  const ended: Ended = {
    address: cell.address,
    reason: end.reason,
    output: end.output,
    error,
    value: cell.snapshot.value,
    tags: [...(cell.snapshot.tags ?? [])],
    until: kernel.clock.now() + cell.policies.keepResult,
    owner: cell.parent?.address,
  }
  kernel.registry.remove(cell, ended)
  kernel.remote?.release(cell.address)
  if (cell.durable) return endDurably(kernel, cell, cell.durable, end, ended)
  tellEnd(kernel, cell, end, ended)
  tellParent(kernel, cell, end)
}

// The end is a commit as well: the parent learns of it with the same append, the world outside after it.
function endDurably(kernel: Kernel, cell: Cell, durable: DurableState, end: End, ended: Ended): void {
  durable.ended = { at: kernel.clock.now(), until: ended.until }
  durable.tasks.clear()
  cell.snapshot = { ...cell.snapshot, status: end.reason, output: end.output, error: ended.error, children: {} }
  durable.shard.touch(cell)
  tellParent(kernel, cell, end)
  keepLeaver(cell, ended)
  // What its owner stopped, nobody will ask for again.
  if (cell.parent && end.reason === 'stopped' && !end.tellParent) releaseChild(cell, true)
  durable.shard.hold(() => tellEnd(kernel, cell, end, ended))
}

/** Tells everyone but the parent that an actor has ended. */
function tellEnd(kernel: Kernel, cell: Cell, end: End, ended: Ended): void {
  const { error } = ended
  for (const ask of cell.asks?.values() ?? []) ask.fail(endedError(cell.address, end))
  cell.asks = null
  for (const delivery of cell.stash ?? []) refuseEnded(kernel, delivery)
  cell.stash = null
  if (error && isUnheard(cell)) {
    const crash = new TroupeError('CRASHED', `${cell.address} crashed: ${error.message}`, {
      where: cell.address,
      data: error,
    })
    kernel.deadLetters.add({ to: cell.address, from: cell.address, event: { type: 'troupe.crashed' }, error: crash })
  }
  for (const waiter of cell.waiters ?? []) waiter(ended)
  cell.waiters = null
  if (kernel.hub.watched) {
    const { address, incarnation } = cell
    kernel.hub.record({ kind: 'actor.stopped', address, incarnation, reason: end.reason, ...(error ? { error } : {}) })
  }
  for (const watcher of cell.watchers?.values() ?? []) watcher(cell.address, end.reason)
  cell.watchers = null
  unwatchAll(kernel, cell)
  cell.listeners = null
}

// A crash of which nobody will be told must not be silent.
function isUnheard(cell: Cell): boolean {
  const heard = cell.waiters?.size || cell.watchers?.size || cell.asks?.size
  return !heard && (cell.parent === null || cell.childId === null)
}

/** Stops every child and task of an actor, the youngest first. */
export function stopChildren(kernel: Kernel, cell: Cell): void {
  for (const child of [...(cell.children?.values() ?? [])].reverse()) {
    if ('kind' in child) child.stop()
    else endCell(kernel, child, { reason: 'stopped', tellParent: false })
  }
  cell.children = null
}

/** Gives a message back that came too late: to the asker as an error, and to the dead letters. */
export function refuseEnded(kernel: Kernel, delivery: Delivery): void {
  const { cell, event, from, principal, ask, receipt, origin } = delivery
  const dropped = cell.durable?.dropped
  if (isSignal(event.type)) {
    if (dropped) receipt?.refused(dropped)
    return
  }
  if (!dropped) {
    const error = new TroupeError('NOT_FOUND', `${cell.address} ended before it could take '${event.type}'`, {
      where: cell.address,
      hint: 'spawn it again, or ask for its result',
    })
    return setAside(kernel, delivery, error)
  }
  // A sender that keeps its copy sends it again.
  if (!origin)
    kernel.deadLetters.add({ to: cell.address, from, event, principal, error: dropped, shard: cell.durable?.shard })
  ask?.fail(dropped)
  receipt?.refused(dropped)
}

/** True for what the kernel says itself; nobody waits for an answer to that. */
export function isSignal(type: string): boolean {
  return type.startsWith('xstate.') || type.startsWith('troupe.')
}

// The parent has taken the outcome: what is left of the child matters only where others can ask for it.
function letGo(parent: Cell, durable: DurableState, childId: string, child: Cell | Task): void {
  if ('kind' in child) durable.tasks.delete(childId)
  else if (child.durable) releaseChild(child, !child.definition)
  durable.shard.touch(parent)
}

function makeDurable(kernel: Kernel, cell: Cell, input: unknown): void {
  const shard = cell.parent?.durable?.shard ?? kernel.store?.shardOf(cell.address)
  if (!shard) {
    throw new TroupeError('INVALID_MESSAGE', `${cell.address} is durable, and this runtime has no journal`, {
      where: cell.address,
      hint: "give it one: createRuntime({ journal: sqlite('runs.sqlite') }), or memoryJournal() where nothing has to last",
    })
  }
  assertStorable(input, cell.address, 'the input')
  cell.durable = createDurableState(shard, input, kernel.clock.now())
}

function firstStep(kernel: Kernel, cell: Cell, input: unknown): Step | TroupeError {
  try {
    return initialStep(kernel, cell, input)
  } catch (thrown) {
    if (cell.parent && supervisionOf(cell).restart !== 'temporary') return thrown as TroupeError
    throw thrown
  }
}

/** The step to the first state. Throws CRASHED. */
export function initialStep(kernel: Kernel, cell: Cell, input: unknown): Step {
  let thrown: unknown
  try {
    const step = kernel.stepper.initial(cell.hosted, input, cell)
    assertCommittable(cell, step.actions)
    if (cell.durable) assertStorableStep(cell, step)
    if (step.snapshot.status !== 'error') return step
    thrown = step.snapshot.error
  } catch (error) {
    thrown = error
  }
  const cause = asTroupeError(thrown, 'CRASHED')
  throw new TroupeError('CRASHED', `${cell.address} failed to start: ${cause.message}`, {
    where: cell.address,
    cause: thrown,
    hint: cause.hint ?? 'look at its context factory, entry actions and input',
  })
}

function tellParent(kernel: Kernel, cell: Cell, end: End): void {
  const { parent, childId } = cell
  if (!parent || parent.ended) return
  const name = childId ?? cell.address
  if (parent.children?.get(name) !== cell) return
  if (childId === null || !end.tellParent) {
    parent.children.delete(name)
    return
  }
  const event =
    end.reason === 'done'
      ? { type: `xstate.done.actor.${childId}`, output: end.output, actorId: childId }
      : { type: `xstate.error.actor.${childId}`, error: end.error ?? endedError(cell.address, end), actorId: childId }
  const owed = endOf(parent, childId, cell)
  if (!cell.durable) return signal(kernel, parent, event, cell.address, owed)
  if (parent.durable) return postLink(kernel, cell, parent, event, owed)
  cell.durable.shard.hold(() => signal(kernel, parent, event, cell.address, owed))
}

/** What a parent is owed when a child ends: word of it, unless the chart let go of the child before. */
export function endOf(parent: Cell, childId: string, child: Cell | Task): Owed {
  return {
    holds() {
      if (parent.children?.get(childId) !== child) return false
      parent.children.delete(childId)
      if (parent.durable) letGo(parent, parent.durable, childId, child)
      return true
    },
  }
}

function endedError(address: Address, end: End): TroupeError {
  if (end.reason === 'error') {
    const cause = errorValue(end.error, 'CRASHED')
    return new TroupeError('CRASHED', `${address} crashed: ${cause.message}`, { where: address, cause: end.error })
  }
  if (end.reason === 'stopped') return new TroupeError('CANCELLED', `${address} was stopped`, { where: address })
  return new TroupeError('REJECTED', `${address} ended without an answer`, { where: address })
}
