import type { MessageEvent } from '../protocol/contract.ts'
import type { LinkEnd } from '../protocol/record.ts'
import type { Cell } from './cell.ts'
import type { Kernel } from './kernel.ts'
import { relay } from './relay.ts'
import { assertStorable } from './storable.ts'
import type { Timer } from './timer-wheel.ts'

/** A message that an actor will pass along one of its links when the time has come. Plain data but for its wheel entry. */
export interface PendingTimer {
  readonly event: MessageEvent
  readonly to: LinkEnd
  readonly timer: Timer
}

/** Sets a timer of an actor, due at an absolute time. One with the same id takes its place. */
export function setTimer(kernel: Kernel, cell: Cell, id: string, due: number, to: LinkEnd, event: MessageEvent): void {
  if (cell.durable) {
    assertStorable(event, cell.address)
    cell.durable.shard.touch(cell)
  }
  const timers = (cell.timers ??= new Map())
  const former = timers.get(id)
  if (former) kernel.wheel.cancel(former.timer)
  const timer = kernel.wheel.set(due, () => {
    if (cell.ended) return
    // To the chart itself it is pending until its turn comes: a message before it may still take it back.
    if (to !== 'self') {
      timers.delete(id)
      cell.durable?.shard.touch(cell)
    }
    relay(kernel, cell, to, event, to === 'self' ? { holds } : undefined)
  })
  const pending: PendingTimer = { event, to, timer }
  timers.set(id, pending)

  function holds(): boolean {
    if (timers.get(id) !== pending) return false
    timers.delete(id)
    cell.durable?.shard.touch(cell)
    return true
  }
}

/** Takes a timer back, if it is still pending. */
export function cancelTimer(kernel: Kernel, cell: Cell, id: string): void {
  const pending = cell.timers?.get(id)
  if (!pending) return
  kernel.wheel.cancel(pending.timer)
  cell.timers?.delete(id)
}
