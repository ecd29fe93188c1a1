import type { Delivery } from './cell.ts'
import type { Kernel } from './kernel.ts'
import { livingCell, quarantineError } from './restart-state.ts'
import { setAside } from './set-aside.ts'
import { takeTurn } from './turn.ts'

/**
 * Messages for an actor between two lives. What stood in the mailbox of the life that is over goes to the next one; what
 * its own parts said to it is over as well. What comes before the next life begins is kept, counts as waiting, and is
 * taken first.
 */

/** Takes a message that is not for this life, or not yet. Returns false for one that is. */
export function divert(kernel: Kernel, delivery: Delivery): boolean {
  const { cell, owed, origin } = delivery
  if (cell.restarts?.heir) {
    const heir = livingCell(cell)
    if (owed === null) heir.pending--
    // A parent outlives its child and goes on talking to it.
    else if (delivery.from !== cell.parent?.address) return settled(delivery)
    takeTurn(kernel, { ...delivery, cell: heir })
    return true
  }
  const standby = cell.restarts?.standby
  if (!standby) return false
  const error = quarantineError(cell)
  if (error) {
    setAside(kernel, delivery, error)
    origin?.settle()
    return true
  }
  count(delivery, 1)
  standby.kept.push(delivery)
  return true
}

/** Takes what was kept, the oldest first. */
export function takeKept(kernel: Kernel, kept: readonly Delivery[]): void {
  for (const delivery of kept) {
    count(delivery, -1)
    takeTurn(kernel, delivery)
  }
}

/** The message that has to go when one that arrives pushes out the oldest. */
export function pushedOut(arriving: Delivery): Delivery {
  const kept = arriving.cell.restarts?.standby?.kept ?? []
  const oldest = kept.findIndex(({ owed }) => owed === null)
  if (oldest < 0) return arriving
  kept.push(arriving)
  return kept.splice(oldest, 1)[0] as Delivery
}

function count({ cell, owed }: Delivery, by: 1 | -1): void {
  if (owed === null) cell.pending += by
  else cell.internal += by
}

function settled({ origin }: Delivery): true {
  origin?.settle()
  return true
}
