import type { AnyActorLogic } from 'xstate'
import type { Address } from '../protocol/address.ts'
import { asTroupeError, TroupeError } from '../protocol/errors.ts'
import { narrow } from '../protocol/principal.ts'
import type { TaskRecord } from '../protocol/record.ts'
import type { Cell } from './cell.ts'
import type { DurableState } from './durable-state.ts'
import { emitEvent } from './emit.ts'
import { claimAddress } from './claim-address.ts'
import { createHands } from './hands.ts'
import { hostLogic, type HostedLogic, isLeaf, realLogic } from './hosted-logic.ts'
import { passAlong, signal } from './inbound.ts'
import { inertChild } from './inert-child.ts'
import type { Kernel } from './kernel.ts'
import { endCell, endOf, startCell } from './lifecycle.ts'
import { livingCell } from './restart-state.ts'
import { assertStorable } from './storable.ts'
import { createTask, placeOf, type Task, type TaskOutcome } from './tasks.ts'

/** The parameters of XState's spawnChild, as a step returns them. */
export interface SpawnParams {
  readonly actorRef?: { readonly id: string; readonly logic: AnyActorLogic; readonly _syncSnapshot?: boolean }
  readonly src: unknown
  readonly systemId?: string
  readonly input: unknown
}

/**
 * Starts what a chart invoked or spawned: a machine or transition logic as an actor of its own beside its parent, leaf
 * logic as a task of the parent.
 */
export function spawnChild(kernel: Kernel, parent: Cell, params: SpawnParams): void {
  const { actorRef, src, input } = params
  if (!actorRef || parent.ended) return
  const { id } = actorRef
  const inert = parent.snapshot.children
  if (inert?.[id] === actorRef) inert[id] = inertChild(actorRef, src)
  // An id names one child: who comes under it takes the place of who was there.
  stopChild(kernel, parent, actorRef)
  const syncs = actorRef._syncSnapshot === true
  try {
    const logic = realLogic(actorRef.logic)
    if (isLeaf(logic)) startTask(kernel, parent, { id, logic, input, syncs, src })
    else startChild(kernel, parent, { id, logic, input, syncs, src })
  } catch (thrown) {
    failToStart(kernel, parent, id, thrown)
  }
}

interface ChildFacts {
  readonly id: string
  readonly logic: AnyActorLogic
  readonly input: unknown
  readonly syncs: boolean
  readonly src: unknown
}

function startTask(kernel: Kernel, parent: Cell, { id, logic, input, syncs, src }: ChildFacts): void {
  const record = {
    id,
    src: String(src),
    input,
    syncs,
    key: `${parent.address}:${parent.incarnation}:${parent.commits}:${id}`,
  }
  const { durable } = parent
  if (durable) {
    assertStorable(input, parent.address, `the input of '${record.src}'`)
    durable.tasks.set(id, record)
    durable.shard.touch(parent)
  }
  hostTask(kernel, parent, record, logic)
}

/** Starts leaf work of an actor; of a durable one when that it was asked for is durable. */
export function hostTask(kernel: Kernel, owner: Cell, record: TaskRecord, logic: AnyActorLogic): void {
  const { id, input, syncs, key } = record
  const hands = (self: Task): unknown => createHands(kernel, owner, self, key)
  const facts = { id, logic, input, syncs, owner, ownerSelf: kernel.selfOf(owner), hands }
  const task = createTask(facts, outcomeOf(kernel, owner))
  ;(owner.children ??= new Map()).set(id, task)
  if (!owner.durable) return task.start()
  owner.durable.shard.hold(() => {
    if (!owner.ended && owner.children?.get(id) === task) task.start()
  })
}

function startChild(kernel: Kernel, parent: Cell, child: ChildFacts): void {
  const { id, logic, input, syncs } = child
  const definition = kernel.registry.definitionOf(logic) ?? null
  const hosted = definition?.hosted ?? hostedChild(parent.hosted, logic, child.src)
  const policies = definition?.policies ?? parent.policies
  if (policies.durability === 'durable' && !parent.durable) throw mortalParent(parent, hosted.type)
  // The type of a child without a definition names its parent's; one with its own could have parents of many types.
  const family = definition ? `${parent.hosted.type}/` : ''
  const address = `${kernel.realm}/${hosted.type}/${family}${keyOf(parent.address)}/${id}` as Address
  const start = (): void => {
    const incarnation = kernel.registry.nextIncarnation()
    const { grants } = policies
    const principal = grants ? narrow(parent.principal, grants) : parent.principal
    const facts = { address, hosted, definition, policies, incarnation, parent, childId: id, syncs, principal }
    startCell(kernel, facts, input, (cell) => (parent.children ??= new Map()).set(id, cell))
    const cell = kernel.registry.cells.get(address)
    if (cell) claimAddress(kernel, cell)
  }
  if (parent.durable && policies.durability !== 'durable')
    startLater(kernel, parent, parent.durable, { id, address, start })
  else start()
}

function mortalParent(parent: Cell, type: string): TroupeError {
  return new TroupeError(
    'INVALID_MESSAGE',
    `the chart of ${parent.address} starts a durable '${type}', and would not outlive it`,
    {
      where: parent.address,
      hint: `make '${parent.hosted.type}' durable, or have a task spawn it: that finds it again`,
    },
  )
}

// What it does at once leaves the shard: it must not be before the commit that asked for it is durable.
function startLater(
  kernel: Kernel,
  parent: Cell,
  { shard }: DurableState,
  { id, address, start }: { readonly id: string; readonly address: Address; readonly start: () => void },
): void {
  const children = (parent.children ??= new Map<string, Cell | Task>())
  const place = placeOf(id, address, (event) => {
    const child = parent.children?.get(id)
    if (child && !('kind' in child)) passAlong(kernel, child, event, parent.address)
  })
  children.set(id, place)
  shard.hold(() => {
    if (parent.ended || parent.children?.get(id) !== place) return
    parent.children.delete(id)
    try {
      start()
    } catch (thrown) {
      failToStart(kernel, parent, id, thrown)
    }
  })
}

function failToStart(kernel: Kernel, parent: Cell, id: string, thrown: unknown): void {
  const error = asTroupeError(thrown, 'CRASHED')
  signal(kernel, parent, { type: `xstate.error.actor.${id}`, error, actorId: id }, parent.address)
}

/** Stops a child or task that the chart no longer wants. */
export function stopChild(kernel: Kernel, parent: Cell, ref: { readonly id: string } | undefined): void {
  const child = ref ? parent.children?.get(ref.id) : undefined
  if (!ref || !child) return
  parent.children?.delete(ref.id)
  parent.durable?.tasks.delete(ref.id)
  if ('kind' in child) child.stop()
  else endChild(kernel, parent, child)
}

function endChild(kernel: Kernel, { durable }: Cell, child: Cell): void {
  const end = (): void => endCell(kernel, livingCell(child), { reason: 'stopped', tellParent: false })
  // What it does when it stops leaves the shard as well. One whose parent is lost stops with that.
  if (durable && !child.durable) durable.shard.hold(end, end)
  else end()
}

/** The hosted logic of a child that has no definition of its own. */
export function hostedChild(parent: HostedLogic, logic: AnyActorLogic, src: unknown): HostedLogic {
  let hosted = parent.children.get(logic)
  if (!hosted) {
    const name = typeof src === 'string' ? src.replaceAll(/[^A-Za-z0-9_-]+/g, '-') : 'child'
    hosted = hostLogic(logic, `${parent.type}--${name}`, parent.stamp.version)
    parent.children.set(logic, hosted)
  }
  return hosted
}

function keyOf(address: Address): string {
  return address.slice(address.indexOf('/', address.indexOf('/') + 1) + 1)
}

function outcomeOf(kernel: Kernel, owner: Cell): TaskOutcome {
  const isCurrent = (task: { readonly id: string }): boolean => !owner.ended && owner.children?.get(task.id) === task
  return {
    done(task, output) {
      if (!isCurrent(task)) return
      if (owner.durable) {
        try {
          assertStorable(output, owner.address, `the output of '${task.id}'`)
        } catch (error) {
          return this.failed(task, error)
        }
      }
      const event = { type: `xstate.done.actor.${task.id}`, output, actorId: task.id }
      signal(kernel, owner, event, owner.address, endOf(owner, task.id, task))
    },
    failed(task, error) {
      if (!isCurrent(task)) return
      const event = { type: `xstate.error.actor.${task.id}`, error, actorId: task.id }
      signal(kernel, owner, event, owner.address, endOf(owner, task.id, task))
    },
    said(event) {
      try {
        passAlong(kernel, owner, event, owner.address)
      } catch (error) {
        kernel.deadLetters.add({ to: owner.address, from: owner.address, event, error })
      }
    },
    emitted(event) {
      if (!owner.ended) emitEvent(kernel, owner, event)
    },
    snapshot(task, snapshot) {
      if (!isCurrent(task)) return
      const owed = { holds: () => isCurrent(task) }
      signal(kernel, owner, { type: `xstate.snapshot.${task.id}`, snapshot }, owner.address, owed)
    },
    untidy(task, error) {
      const event = { type: `xstate.stop.actor.${task.id}` }
      kernel.deadLetters.add({ to: owner.address, from: owner.address, event, error })
    },
  }
}
