import type { Cell } from './cell.ts'
import type { DurableState } from './durable-state.ts'
import type { Ended } from './ended-actors.ts'
import { livingCell } from './restart-state.ts'

/**
 * A durable actor that has ended may still have something to say: messages that its receivers have not done with. Such a
 * leaver stays in memory and in the journal until its outbox is empty. Who begins at its address before that takes the
 * outbox over; so nothing that was committed is lost, and it keeps its order.
 */
export interface Leaver {
  readonly cell: Cell
  readonly ended: Ended
}

/** Keeps an ended actor until it has said everything. */
export function keepLeaver(cell: Cell, ended: Ended): void {
  const { outbox, shard } = cell.durable as DurableState
  if (outbox.size > 0) shard.leavers.set(cell.address, { cell, ended })
}

/** Its parent has done with an ended child. One that is unwanted has no record any more once it has said everything. */
export function releaseChild(cell: Cell, unwanted: boolean): void {
  const durable = cell.durable as DurableState
  durable.unwanted = unwanted
  if (durable.outbox.size === 0) return settleRecord(cell, durable)
  durable.shard.touch(cell)
  const parent = cell.parent && livingCell(cell.parent)
  if (!parent?.durable || parent.ended)
    return // Its parent brings it back along: who comes under its name must find it.
  ;(parent.durable.leavers ??= new Set()).add(cell.address)
  parent.durable.shard.touch(parent)
}

/** Has an ended actor go on leaving that has come back for it. */
export function restoreLeaver(cell: Cell): void {
  const durable = cell.durable as DurableState
  if (durable.outbox.size === 0) return
  durable.unwanted = cell.definition === null
  if (cell.parent?.durable) (cell.parent.durable.leavers ??= new Set()).add(cell.address)
}

/** A message has left the outbox of an actor. */
export function noteSettled(cell: Cell): void {
  const keeper = keeperOf(cell)
  const durable = keeper.durable as DurableState
  if (!durable.ended || durable.outbox.size > 0) return durable.shard.touch(keeper)
  dropLeaver(keeper, durable)
  settleRecord(keeper, durable)
}

/** Has an actor that begins go on with what the last life of its address has not said yet. */
export function takeOver(cell: Cell): void {
  const durable = cell.durable as DurableState
  const leaver = durable.shard.leavers.get(cell.address)
  if (!leaver) return
  const last = leaver.cell
  const left = last.durable as DurableState
  // Whose place was taken has no end to tell of.
  const ends = [`xstate.done.actor.${last.childId}`, `xstate.error.actor.${last.childId}`]
  for (const [seq, message] of left.outbox) {
    if (message.link && ends.includes(message.event.type)) left.outbox.delete(seq)
    else left.outbox.set(seq, { epoch: last.incarnation, ...message })
  }
  left.blocked ??= new Map()
  cell.seq = last.seq
  cell.durable = { ...durable, outbox: left.outbox, blocked: left.blocked }
  left.successor = cell
  dropLeaver(last, left)
}

/** The present life of an actor, or that which has taken its outbox over. */
export function keeperOf(cell: Cell): Cell {
  let keeper = livingCell(cell)
  for (let next = keeper.durable?.successor; next; next = keeper.durable?.successor) keeper = livingCell(next)
  return keeper
}

function dropLeaver(cell: Cell, { shard }: DurableState): void {
  const { address, parent } = cell
  if (shard.leavers.get(address)?.cell === cell) shard.leavers.delete(address)
  if (parent) livingCell(parent).durable?.leavers?.delete(address)
}

function settleRecord(cell: Cell, { shard, unwanted }: DurableState): void {
  if (unwanted) shard.forget(cell)
  else shard.touch(cell)
}
