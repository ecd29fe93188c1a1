import type { Cell, Delivery, Receipt } from './cell.ts'
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
  const { durable } = cell
  durable?.shard.touch(cell)
  cell.snapshot = snapshot
  cell.commits++
  const ask = delivery?.ask ?? null
  if (ask) (cell.asks ??= new Map()).set(ask.id, ask)
  if (actions.length > 0) performEffects(kernel, cell, actions, delivery)
  if (delivery?.receipt) acknowledge(cell, delivery.receipt)
  if (kernel.hub.watched) recordTransition(kernel, cell, delivery, true)
  if (snapshot.status === 'active') {
    if (cell.syncs && cell.parent && snapshot !== before) syncParent(kernel, cell, snapshot)
  } else if (!cell.ended) {
    endCell(kernel, cell, {
      reason: snapshot.status === 'done' ? 'done' : snapshot.status,
      output: snapshot.output,
      error: snapshot.error,
      tellParent: true,
      lastGood: { snapshot: before, failed: (delivery?.event as { readonly actorId?: string } | undefined)?.actorId },
    })
  }
  if (!cell.waiters) return
  const { waiters } = cell
  const tell = (): void => waiters.forEach((waiter) => waiter(null))
  if (durable) durable.shard.hold(tell)
  else tell()
}

/** Tells the sender that its message was processed: of a durable actor, once that is durable. */
export function acknowledge({ durable }: Cell, { accepted, refused }: Receipt): void {
  if (durable) durable.shard.hold(accepted, refused)
  else accepted()
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
