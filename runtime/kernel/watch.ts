import type { Address } from '../protocol/address.ts'
import type { DownEvent } from '../protocol/message-actions.ts'
import type { Cell } from './cell.ts'
import { signal } from './inbound.ts'
import type { Kernel } from './kernel.ts'

// Milliseconds until an actor that could not be brought back is looked for again.
const AGAIN_AFTER = 1_000

/**
 * Death-watch: an actor learns of another's end by `troupe.down`. Watching twice is watching once, and watching what is
 * gone is being told at once, so a watcher never waits in vain.
 */
export function watch(kernel: Kernel, cell: Cell, target: Address): void {
  const watching = (cell.watching ??= new Set())
  watching.add(target)
  cell.durable?.shard.touch(cell)
  // Taken back, or told before: then it is not told.
  const owed = {
    holds(): boolean {
      cell.durable?.shard.touch(cell)
      return watching.delete(target)
    },
  }
  const tell = (address: Address, reason: DownEvent['reason']): void => {
    if (!cell.ended) signal(kernel, cell, { type: 'troupe.down', address, reason }, address, owed)
  }
  const watched = kernel.registry.cells.get(target)
  if (watched?.restarts?.standby?.quarantined) return tell(target, 'error')
  if (watched) {
    ;(watched.watchers ??= new Map()).set(cell, tell)
    return
  }
  const { store } = kernel
  if (!store?.isHome(target)) return watchElsewhere(kernel, cell, target, tell)
  const find = (): void => {
    if (cell.ended || !watching.has(target)) return
    store.reach(target, (found, error) => {
      if (found) (found.watchers ??= new Map()).set(cell, tell)
      // It cannot be read now, which is not its end.
      else if (error?.retryable) kernel.wheel.set(kernel.clock.now() + AGAIN_AFTER, find)
      else if (error) tell(target, 'error')
      else watchElsewhere(kernel, cell, target, tell)
    })
  }
  find()
}

function watchElsewhere(
  kernel: Kernel,
  cell: Cell,
  target: Address,
  tell: (address: Address, reason: DownEvent['reason']) => void,
): void {
  const ended = kernel.registry.ended(target)
  if (ended || !kernel.remote) tell(target, ended?.reason ?? 'not_found')
  else kernel.remote.watch(cell.address, target, (reason) => tell(target, reason))
}

/** Takes a watch back. */
export function unwatch(kernel: Kernel, cell: Cell, target: Address): void {
  if (!cell.watching?.delete(target)) return
  // Of one that leaves memory only this process lets go: its record has the watch.
  if (!cell.durable?.dropped) cell.durable?.shard.touch(cell)
  kernel.registry.cells.get(target)?.watchers?.delete(cell)
  kernel.remote?.unwatch(cell.address, target)
}

/** Takes every watch of an actor back. */
export function unwatchAll(kernel: Kernel, cell: Cell): void {
  for (const target of cell.watching ?? []) unwatch(kernel, cell, target)
  cell.watching = null
}
