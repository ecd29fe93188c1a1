import type { TroupeError } from '../protocol/errors.ts'
import type { Cell } from './cell.ts'
import type { Ended } from './ended-actors.ts'
import type { Kernel } from './kernel.ts'
import { endCell } from './lifecycle.ts'
import { dismiss } from './restart.ts'
import { unwatchAll } from './watch.ts'

/**
 * Takes a durable actor out of memory without ending it: its record says where it goes on. Its tasks are aborted, and who
 * waits for it in this process is told why.
 */
export function dropCell(kernel: Kernel, cell: Cell, reason: TroupeError): void {
  if (cell.ended || !cell.durable) return
  cell.ended = true
  cell.durable.dropped = reason
  for (const child of [...(cell.children?.values() ?? [])].reverse()) {
    if ('kind' in child) child.stop()
    else if (child.durable) dropCell(kernel, child, reason)
    else endCell(kernel, child, { reason: 'stopped', tellParent: false })
  }
  for (const { timer } of cell.timers?.values() ?? []) kernel.wheel.cancel(timer)
  kernel.registry.rest(cell)
  kernel.remote?.release(cell.address)
  for (const ask of cell.asks?.values() ?? []) ask.fail(reason)
  for (const { ask, receipt } of [...(cell.stash ?? []), ...dismiss(cell)]) {
    ask?.fail(reason)
    receipt?.refused(reason)
  }
  const { address, snapshot } = cell
  const gone: Ended = {
    address,
    reason: 'stopped',
    output: undefined,
    error: undefined,
    value: snapshot.value,
    tags: [],
    until: 0,
    dropped: reason,
  }
  for (const waiter of cell.waiters ?? []) waiter(gone)
  for (const watcher of cell.watchers?.values() ?? []) watcher(address, 'error')
  unwatchAll(kernel, cell)
  if (kernel.hub.watched) kernel.hub.record({ kind: 'actor.rested', address, incarnation: cell.incarnation })
}
