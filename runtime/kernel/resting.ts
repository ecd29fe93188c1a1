import { TroupeError } from '../protocol/errors.ts'
import type { Cell } from './cell.ts'
import { dropCell } from './drop.ts'
import type { Kernel } from './kernel.ts'

/**
 * Durable actors that nobody needs leave memory, a family at a time, and come back with their next message or timer. One
 * rests when it has had no message for as long as its type says, has nothing under way, and nobody in this process waits
 * for it or listens to it.
 */

const LOOK_EVERY = 30_000

/** Looks for families that can rest, now and again. Call what it returns to stop. */
export function watchForRest(kernel: Kernel): () => void {
  let cancel = look()

  function look(): () => void {
    const next = (): void => {
      restIdle(kernel)
      cancel = look()
    }
    return kernel.clock.alarm(kernel.clock.now() + LOOK_EVERY, next, { background: true })
  }

  return () => cancel()
}

/** Lets every family rest that can. */
function restIdle(kernel: Kernel): void {
  const now = kernel.clock.now()
  for (const cell of [...kernel.registry.cells.values()]) {
    if (cell.parent || !canRest(cell, now)) continue
    const { usedAt } = cell.durable
    cell.durable.shard.hold(() => {
      // Something may have come in while its last record was written.
      if (cell.durable.usedAt === usedAt && canRest(cell, now)) rest(kernel, cell)
    })
  }
}

type DurableCell = Cell & { readonly durable: NonNullable<Cell['durable']> }

function canRest(cell: Cell, now: number): cell is DurableCell {
  const { durable } = cell
  if (!durable || cell.ended || cell.restarts?.standby || now - durable.usedAt < cell.policies.restAfter) return false
  const isQuiet = cell.pending === 0 && cell.internal === 0 && !hasWork(durable)
  const isAlone = !(cell.waiters?.size || cell.watchers?.size || cell.listeners?.size || cell.watching?.size)
  // Who put a question away that was given up has nothing to answer.
  const isAsked = cell.asks?.size || cell.stash?.some(({ ask }) => ask?.settled === false)
  if (!isQuiet || !isAlone || isAsked) return false
  for (const child of cell.children?.values() ?? []) if ('kind' in child || !canRest(child, now)) return false
  return true
}

function hasWork({ outbox, tasks, leavers }: DurableCell['durable']): boolean {
  return outbox.size + tasks.size + (leavers?.size ?? 0) > 0
}

function rest(kernel: Kernel, cell: Cell): void {
  const due = nextDue(cell)
  dropCell(kernel, cell, new TroupeError('UNAVAILABLE', `${cell.address} rests`, { where: cell.address }))
  if (due !== Infinity) kernel.store?.restUntil(cell.address, due)
}

function nextDue({ timers, children }: Cell): number {
  let next = Infinity
  for (const { timer } of timers?.values() ?? []) next = Math.min(next, timer.due)
  for (const child of children?.values() ?? []) if (!('kind' in child)) next = Math.min(next, nextDue(child))
  return next
}
