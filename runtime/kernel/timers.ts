import type { MessageEvent } from '../protocol/contract.ts'
import type { LinkEnd } from '../protocol/record.ts'
import type { Cell } from './cell.ts'
import type { Kernel } from './kernel.ts'
import { relay } from './relay.ts'
import type { Timer } from './timer-wheel.ts'

/** A message that an actor will pass along one of its links when the time has come. Plain data but for its wheel entry. */
export interface PendingTimer {
  readonly event: MessageEvent
  readonly to: LinkEnd
  readonly timer: Timer
}

/** Sets a timer of an actor, due at an absolute time. One with the same id takes its place. */
export function setTimer(kernel: Kernel, cell: Cell, id: string, due: number, to: LinkEnd, event: MessageEvent): void {
  const timers = (cell.timers ??= new Map())
  const former = timers.get(id)
  if (former) kernel.wheel.cancel(former.timer)
  const timer = kernel.wheel.set(due, () => {
    timers.delete(id)
    if (!cell.ended) relay(kernel, cell, to, event)
  })
  timers.set(id, { event, to, timer })
}

/** Takes a timer back, if it is still pending. */
export function cancelTimer(kernel: Kernel, cell: Cell, id: string): void {
  const pending = cell.timers?.get(id)
  if (!pending) return
  kernel.wheel.cancel(pending.timer)
  cell.timers?.delete(id)
}
