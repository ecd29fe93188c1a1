import type { Address } from '../protocol/address.ts'
import type { MessageEvent } from '../protocol/contract.ts'
import { TroupeError } from '../protocol/errors.ts'
import { markAsk } from '../protocol/message-actions.ts'
import { authorise, type Principal } from '../protocol/principal.ts'
import { assertEvent, messageSpec, validateMessage } from '../protocol/validation.ts'
import { asOnWire } from './as-on-wire.ts'
import type { Ask } from './asks.ts'
import type { Cell, Delivery, Origin, Owed, Receipt } from './cell.ts'
import { freezeDeep } from './freeze.ts'
import type { Kernel } from './kernel.ts'
import { quarantineError } from './restart-state.ts'
import { setAside } from './set-aside.ts'
import type { Shard } from './shard.ts'
import { assertStorable, storableError } from './storable.ts'

const ALWAYS: Owed = { holds: () => true }

/** A message for an actor of this node, as it arrives. */
export interface Incoming {
  readonly event: MessageEvent
  readonly from: Address
  readonly principal: Principal
  readonly origin?: Origin
}

/**
 * The way into a mailbox, the same for local and remote senders: authorise, validate, mark, enqueue. Throws
 * UNKNOWN_MESSAGE, FORBIDDEN, INVALID_MESSAGE, OVERLOADED, UNAVAILABLE or NOT_FOUND; then nothing has entered.
 */
export function accept(kernel: Kernel, cell: Cell, incoming: Incoming, ask: Ask | null, receipt: Receipt | null): void {
  assertEvent(incoming.event, cell.address)
  const apart = cell.restarts && quarantineError(cell)
  if (apart) throw apart
  const contract = contractOf(cell)
  const spec = messageSpec(contract, incoming.event.type, cell.address)
  if (spec.requires !== undefined)
    authorise(incoming.principal, spec.requires, `${cell.address} '${incoming.event.type}'`)
  const arrived = asOnWire(kernel, incoming.event)
  const event = validateMessage(spec, arrived, cell.address)
  if (cell.durable) {
    // It may rest in a journal: in a stash, or as a dead letter.
    assertStorable(event, cell.address)
    assertRoom(cell, cell.durable.shard)
  }
  if (ask) markAsk(event, ask.id)
  if (kernel.freeze) freezeDeep(event)
  const { from, principal, origin = null } = incoming
  enqueue(kernel, { cell, event, from, principal, ask, receipt, owed: null, origin })
}

/** Puts what the kernel itself has to say into the mailbox: it is never refused. */
export function signal(
  kernel: Kernel,
  cell: Cell,
  event: MessageEvent,
  from: Address,
  owed: Owed = ALWAYS,
  origin: Origin | null = null,
): void {
  const told = cell.durable ? plainError(event) : event
  kernel.queue.push({ cell, event: told, from, principal: cell.principal, ask: null, receipt: null, owed, origin })
}

/** A durable chart is told of an error as data, since it may keep it. */
export function plainError(event: MessageEvent): MessageEvent {
  if (!event.type.startsWith('xstate.error.')) return event
  return { ...event, error: storableError(event['error'], 'CRASHED') }
}

// Far more than any chart needs, and an end all the same: a callback that never stops talking must not take the memory.
const INTERNAL_ROOM = 100_000
// Effects of one shard (acknowledgements, replies, events) that may wait for its journal.
const SHARD_ROOM = 100_000

/**
 * Puts a message of the chart's own parts into the mailbox: of itself, its parent, a child, a task. It does not compete with
 * messages from outside for room; past a room of its own it is a dead letter. Throws INVALID_MESSAGE for what a durable actor
 * could not keep.
 */
export function passAlong(
  kernel: Kernel,
  cell: Cell,
  event: MessageEvent,
  from: Address,
  owed: Owed = ALWAYS,
  origin: Origin | null = null,
): void {
  if (cell.ended) return origin?.settle()
  // It may be put away, or become a dead letter.
  if (cell.durable) assertStorable(event, cell.address)
  if (cell.internal < INTERNAL_ROOM) return signal(kernel, cell, event, from, owed, origin)
  const error = new TroupeError('OVERLOADED', `${INTERNAL_ROOM} messages of its own parts wait at ${cell.address}`, {
    where: cell.address,
    hint: 'a callback, a child or the chart itself sends faster than the chart can follow',
  })
  kernel.deadLetters.add({ to: cell.address, from, event, error })
  origin?.settle()
}

// What was processed has left the mailbox, but who sent it waits for the journal: one that hangs must not take the memory.
function assertRoom({ address }: Cell, { waiting, name }: Shard): void {
  if (waiting < SHARD_ROOM) return
  throw new TroupeError('OVERLOADED', `${waiting} effects wait until the journal has shard ${name}, ${address} in it`, {
    where: address,
    hint: 'send again later, or slower; look whether the medium of the journal answers',
  })
}

function enqueue(kernel: Kernel, delivery: Delivery): void {
  const { cell } = delivery
  if (kernel.queue.isFull(cell)) {
    const { capacity, overflow } = cell.policies.mailbox
    const full = new TroupeError('OVERLOADED', `the mailbox of ${cell.address} is full: ${capacity} messages wait`, {
      where: cell.address,
      hint: 'send again later, or slower; the capacity is a policy of the definition',
    })
    if (overflow === 'reject') throw full
    if (overflow === 'drop-newest') {
      setAside(kernel, delivery, full)
      delivery.origin?.settle()
      return
    }
    cell.skipped++
  }
  kernel.queue.push(delivery)
}

function contractOf(cell: Cell): NonNullable<Cell['definition']>['contract'] {
  if (cell.definition) return cell.definition.contract
  throw new TroupeError('NOT_FOUND', `${cell.address} is a part of its parent and takes no messages of its own`, {
    where: cell.address,
    hint: `send to ${cell.parent?.address ?? 'its parent'}`,
  })
}
