import type { Kernel } from './kernel.ts'
import { dropCell } from './drop.ts'
import { endCell } from './lifecycle.ts'
import { stopping } from './stopping.ts'

/**
 * Stops a node in order: nothing new is taken, what stands in the mailboxes is processed, then the actors stop, children
 * before parents and the youngest first, and last the node leaves its realm. Durable actors do not end: they rest.
 */
export async function shutDown(kernel: Kernel, drainMs: number): Promise<void> {
  kernel.accepting = false
  await drained(kernel, drainMs)
  await kernel.store?.settled()
  kernel.store?.shut()
  const cells = [...kernel.registry.cells.values()].reverse()
  // First of all: who ends takes its children along, and these are not to end.
  for (const cell of cells) dropCell(kernel, cell, stopping(cell.address))
  for (const cell of cells) endCell(kernel, cell, { reason: 'stopped', tellParent: false })
  await kernel.store?.release()
  if (kernel.remote) {
    // What the ends just answered is on its way out: it goes before the link does.
    await new Promise<void>((resolve) => kernel.afterwards(resolve))
    await kernel.remote.close()
  }
  kernel.wheel.clear()
}

// A mailbox that never empties must not keep the process: after the time given the rest is dead-lettered by its end.
async function drained(kernel: Kernel, drainMs: number): Promise<void> {
  let giveUp: () => void = () => {}
  const timeUp = new Promise<void>((resolve) => {
    giveUp = resolve
  })
  const timer = kernel.wheel.set(kernel.clock.now() + drainMs, giveUp)
  await Promise.race([kernel.queue.idle(), timeUp])
  kernel.wheel.cancel(timer)
}
