import type { Kernel } from './kernel.ts'
import { dropCell } from './drop.ts'
import { endCell } from './lifecycle.ts'
import { stopping } from './stopping.ts'

// Milliseconds that a journal has at least to acknowledge what was written, and to give the shard back.
const GRACE = 1_000

/**
 * Stops a node in order: nothing new is taken, what stands in the mailboxes is processed, then the actors stop, children
 * before parents and the youngest first, and last the node leaves its realm. Durable actors do not end: they rest. A
 * journal that does not answer in the time is not waited for: what it has not acknowledged may be written or not.
 */
export async function shutDown(kernel: Kernel, drainMs: number): Promise<void> {
  const { store } = kernel
  const end = kernel.clock.now() + drainMs
  kernel.accepting = false
  await drained(kernel, end)
  const isSettled = store === null || (await within(kernel, end, store.settled()))
  store?.shut()
  if (!isSettled) store?.abandon('acknowledge what was written')
  const cells = [...kernel.registry.cells.values()].reverse()
  // First of all: who ends takes its children along, and these are not to end.
  for (const cell of cells) dropCell(kernel, cell, stopping(cell.address))
  for (const cell of cells) endCell(kernel, cell, { reason: 'stopped', tellParent: false })
  try {
    const isReleased = store === null || (await within(kernel, end, store.release()))
    if (!isReleased) store?.abandon('give the shard back')
  } finally {
    await leave(kernel)
  }
}

async function leave(kernel: Kernel): Promise<void> {
  if (kernel.remote) {
    // What the ends just answered is on its way out: it goes before the link does.
    await new Promise<void>((resolve) => kernel.afterwards(resolve))
    await kernel.remote.close()
  }
  kernel.wheel.clear()
}

// A mailbox that never empties must not keep the process: after the time given the rest is dead-lettered by its end.
async function drained(kernel: Kernel, end: number): Promise<void> {
  await unless(kernel, end, kernel.queue.idle())
}

// Nor must a journal that never answers, but one that is only slow has a moment even when the mailboxes took all the time.
function within(kernel: Kernel, end: number, work: Promise<void>): Promise<boolean> {
  return unless(kernel, Math.max(end, kernel.clock.now() + GRACE), work)
}

/** Resolves to false when the time comes before the work is done. */
async function unless(kernel: Kernel, due: number, work: Promise<void>): Promise<boolean> {
  let giveUp: (done: boolean) => void = () => {}
  const timeUp = new Promise<boolean>((resolve) => {
    giveUp = resolve
  })
  const timer = kernel.wheel.set(due, () => giveUp(false))
  try {
    return await Promise.race([work.then(() => true), timeUp])
  } finally {
    kernel.wheel.cancel(timer)
  }
}
