import type { Cell } from './cell.ts'
import type { Kernel } from './kernel.ts'

/** Sets a timer of an actor. One with the same id takes its place. */
export function setTimer(kernel: Kernel, cell: Cell, id: string, delay: number, fire: () => void): void {
  const timers = (cell.timers ??= new Map())
  const former = timers.get(id)
  if (former) kernel.wheel.cancel(former)
  timers.set(
    id,
    kernel.wheel.set(kernel.clock.now() + delay, () => {
      timers.delete(id)
      if (!cell.ended) fire()
    }),
  )
}

/** Takes a timer back, if it is still pending. */
export function cancelTimer(kernel: Kernel, cell: Cell, id: string): void {
  const timer = cell.timers?.get(id)
  if (!timer) return
  kernel.wheel.cancel(timer)
  cell.timers?.delete(id)
}
