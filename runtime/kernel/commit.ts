import type { Cell, Delivery } from './cell.ts'
import { performEffects } from './effects.ts'
import { signal } from './inbound.ts'
import type { Kernel } from './kernel.ts'
import { endCell } from './lifecycle.ts'
import type { AnySnapshot, Step } from './step.ts'

/**
 * The commit: from here on the step has happened. The new snapshot takes the old one's place, and only then do its
 * effects leave, those of a transition in the order the chart names them.
 */
export function commit(kernel: Kernel, cell: Cell, step: Step, delivery: Delivery | null): void {
  const { snapshot, actions } = step
  const before = cell.snapshot
  cell.snapshot = snapshot
  cell.commits++
  const ask = delivery?.ask ?? null
  if (ask) (cell.asks ??= new Map()).set(ask.id, ask)
  if (actions.length > 0) performEffects(kernel, cell, actions, delivery)
  delivery?.receipt?.accepted()
  if (kernel.hub.watched) recordTransition(kernel, cell, delivery, true)
  if (snapshot.status === 'active') {
    if (cell.syncs && cell.parent && snapshot !== before) syncParent(kernel, cell, snapshot)
  } else if (!cell.ended) {
    endCell(kernel, cell, {
      reason: snapshot.status === 'done' ? 'done' : snapshot.status,
      output: snapshot.output,
      error: snapshot.error,
      tellParent: true,
    })
  }
  for (const waiter of cell.waiters ?? []) waiter(null)
}

/** Records that a message was processed. */
export function recordTransition(kernel: Kernel, cell: Cell, delivery: Delivery | null, handled: boolean): void {
  kernel.hub.record({
    kind: 'transition',
    address: cell.address,
    incarnation: cell.incarnation,
    from: delivery?.from ?? cell.address,
    event: delivery?.event.type ?? 'xstate.init',
    value: cell.snapshot.value,
    status: cell.snapshot.status,
    handled,
  })
}

function syncParent(kernel: Kernel, cell: Cell, snapshot: AnySnapshot): void {
  const { parent, childId } = cell
  if (!parent || parent.ended) return
  const owed = { holds: () => childId !== null && parent.children?.get(childId) === cell }
  signal(kernel, parent, { type: `xstate.snapshot.${childId}`, snapshot }, cell.address, owed)
}
