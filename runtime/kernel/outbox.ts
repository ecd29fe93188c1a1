import { type Address, parseAddress } from '../protocol/address.ts'
import type { MessageEvent } from '../protocol/contract.ts'
import { isTroupeError } from '../protocol/errors.ts'
import type { OutboxRecord } from '../protocol/record.ts'
import type { Principal } from '../protocol/principal.ts'
import type { Cell, Origin, Owed } from './cell.ts'
import type { DurableState } from './durable-state.ts'
import { accept, passAlong, plainError } from './inbound.ts'
import type { Kernel } from './kernel.ts'
import { keeperOf, noteSettled } from './leavers.ts'
import { endOf } from './lifecycle.ts'
import { unknownActor } from './route.ts'
import { assertStorable } from './storable.ts'

/**
 * Messages of durable actors to durable actors. Each stands in the sender's outbox from the commit that caused it until
 * its receiver has done with it, and is sent again whenever the sender comes back to life before.
 *
 * Within a shard a message goes on its way at once. Should the process die, the journal has both ends or neither: the
 * sender's record loses the message in the same append that has what came of it at the receiver. To another shard it
 * goes when the sender's commit is durable, and the receiver tells by sender, incarnation and seq what it has taken.
 */

// Milliseconds until a receiver that had no room, or could not be reached, is tried again; twice as many each time.
const AGAIN_AFTER = 50
const LONGEST_WAIT = 10_000

/** A message for another durable actor. */
export interface Post {
  readonly to: Address
  readonly event: MessageEvent
  readonly principal: Principal
}

/** True for an address whose actor outlives its process, or may, for all that this node knows. */
export function outlives(kernel: Kernel, to: Address): boolean {
  const definition = kernel.registry.definitions.get(parseAddress(to).type)
  return definition ? definition.policies.durability === 'durable' : kernel.remote !== null
}

/** Sends a message as an effect of the commit at hand. Throws INVALID_MESSAGE for one that is not plain data. */
export function post(kernel: Kernel, cell: Cell, { to, event, principal }: Post): void {
  assertStorable(event, cell.address)
  send(kernel, cell, put(cell, { to, event, principal }))
}

/** Passes an event along a link of the chart to another actor of the family. */
export function postLink(kernel: Kernel, cell: Cell, target: Cell, given: MessageEvent, owed?: Owed): void {
  const event = plainError(given)
  assertStorable(event, cell.address)
  const message = put(cell, { to: target.address, event, principal: cell.principal, link: true })
  passAlong(kernel, target, event, cell.address, owed, originOf(cell, message.seq))
}

/** Sends everything again that is in the outbox of an actor that has come back. */
export function resend(kernel: Kernel, cell: Cell): void {
  for (const message of (cell.durable as DurableState).outbox.values()) {
    if (message.link) relink(kernel, cell, message)
    else send(kernel, cell, message)
  }
}

function put(cell: Cell, message: Omit<OutboxRecord, 'id' | 'seq'>): OutboxRecord {
  const { outbox, shard } = cell.durable as DurableState
  const seq = ++cell.seq
  const record = { id: `${cell.address}:${cell.incarnation}:${seq}`, seq, ...message }
  outbox.set(seq, record)
  shard.touch(cell)
  return record
}

function originOf(cell: Cell, seq: number): Origin {
  return {
    settle() {
      if (cell.durable?.outbox.delete(seq)) noteSettled(cell)
    },
  }
}

function send(kernel: Kernel, cell: Cell, message: OutboxRecord): void {
  const { to, seq } = message
  const durable = cell.durable as DurableState
  if (durable.blocked?.has(to)) return
  const { store } = kernel
  if (store?.isHome(to)) {
    store.reach(to, (target, error) => {
      if (!durable.outbox.has(seq) || durable.shard.lost || durable.blocked?.has(to)) return
      if (target) deliver(kernel, cell, message, target)
      // A node that stops or a disk that fails for a while is no reason to give up.
      else if (error?.retryable) block(kernel, cell, message)
      else giveUp(kernel, cell, message, error ?? unknownActor(to))
    })
    return
  }
  durable.shard.hold(() => sendAway(kernel, cell, message))
}

// One at a time to each receiver, the oldest first: it would take what comes late for what it has seen. That a message is
// durable says the same of those before it, which may have had to wait.
function sendAway(kernel: Kernel, cell: Cell, durableOne: OutboxRecord): void {
  const { to } = durableOne
  const durable = cell.durable as DurableState
  if (durable.blocked?.has(to) || !durable.outbox.has(durableOne.seq)) return
  const message = firstFor(durable, to) as OutboxRecord
  const { seq, event, principal } = message
  if (!kernel.remote) return giveUp(kernel, cell, message, unknownActor(to))
  ;(durable.blocked ??= new Map()).set(to, seq)
  kernel.remote.send({ to, from: cell.address, seq, epoch: message.epoch ?? cell.incarnation, event, principal }).then(
    () => {
      durable.delays?.delete(to)
      originOf(cell, seq).settle()
      sendNext(kernel, cell, to)
    },
    (failure: unknown) => {
      if (isTroupeError(failure) && failure.retryable) return block(kernel, cell, message)
      giveUp(kernel, cell, message, failure)
      sendNext(kernel, cell, to)
    },
  )
}

function deliver(kernel: Kernel, cell: Cell, message: OutboxRecord, target: Cell): void {
  const { event, principal, seq } = message
  const origin = originOf(cell, seq)
  try {
    accept(kernel, target, { event, from: cell.address, principal, origin }, null, null)
    cell.durable?.delays?.delete(target.address)
  } catch (error) {
    if (isTroupeError(error, 'OVERLOADED')) return block(kernel, cell, message)
    giveUp(kernel, cell, message, error)
  }
}

// What follows waits behind it: the order of one sender's messages is part of the promise.
function block(kernel: Kernel, cell: Cell, { to, seq }: OutboxRecord): void {
  const durable = cell.durable as DurableState
  ;(durable.blocked ??= new Map()).set(to, seq)
  const delay = Math.min((durable.delays?.get(to) ?? AGAIN_AFTER / 2) * 2, LONGEST_WAIT)
  ;(durable.delays ??= new Map()).set(to, delay)
  kernel.wheel.set(kernel.clock.now() + delay, () => {
    if (!durable.shard.lost && kernel.accepting) sendNext(kernel, cell, to)
  })
}

function sendNext(kernel: Kernel, sender: Cell, to: Address): void {
  const cell = keeperOf(sender)
  const durable = cell.durable as DurableState
  const refused = durable.blocked?.get(to) ?? 0
  durable.blocked?.delete(to)
  if (kernel.store?.isHome(to)) {
    // Those before it may still stand in the mailbox.
    const waiting = [...durable.outbox.values()].filter((message) => message.to === to && message.seq >= refused)
    for (const message of waiting) if (!message.link) send(kernel, cell, message)
    return
  }
  const next = firstFor(durable, to)
  if (next) send(kernel, cell, next)
}

function firstFor({ outbox }: DurableState, to: Address): OutboxRecord | undefined {
  for (const message of outbox.values()) if (message.to === to && !message.link) return message
  return undefined
}

function relink(kernel: Kernel, cell: Cell, { to, seq, event }: OutboxRecord): void {
  const target = kernel.registry.cells.get(to)
  const origin = originOf(cell, seq)
  if (!target) return origin.settle()
  const { childId } = cell
  const isEnd = childId !== null && cell.ended && target === cell.parent
  const owed = isEnd ? endOf(target, childId, cell) : undefined
  passAlong(kernel, target, event, cell.address, owed, origin)
}

function giveUp(kernel: Kernel, cell: Cell, { to, seq, event, principal }: OutboxRecord, error: unknown): void {
  const { shard } = cell.durable as DurableState
  kernel.deadLetters.add({ to, from: cell.address, event, principal, error, shard })
  cell.durable?.delays?.delete(to)
  originOf(cell, seq).settle()
}
