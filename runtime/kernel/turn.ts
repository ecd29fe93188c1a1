import type { AnyStateMachine } from 'xstate'
import { asTroupeError, TroupeError } from '../protocol/errors.ts'
import type { Cell, Delivery, Receipt } from './cell.ts'
import { acknowledge, commit, recordTransition } from './commit.ts'
import type { Kernel } from './kernel.ts'
import { endCell, isSignal, refuseEnded } from './lifecycle.ts'
import { assertCommittable } from './effects.ts'
import { resetPoisoned } from './quarantine.ts'
import { divert } from './restart-mailbox.ts'
import { livingCell, supervisionOf } from './restart-state.ts'
import type { AnySnapshot, Step } from './step.ts'
import { setAside } from './set-aside.ts'
import { assertStorableStep } from './storable.ts'

/** One turn of one actor: deliver, transition, commit, effects. Never throws. */
export function takeTurn(kernel: Kernel, delivery: Delivery): void {
  const { cell, origin } = delivery
  if (cell.restarts && divert(kernel, delivery)) return
  process(kernel, delivery)
  // One that was dropped has not done with anything.
  if (origin && !cell.durable?.dropped) origin.settle()
}

function process(kernel: Kernel, delivery: Delivery): void {
  const { cell } = delivery
  if (cell.ended) return refuseEnded(kernel, delivery)
  if (delivery.owed?.holds() === false) return
  const before = cell.snapshot
  if (cell.durable) cell.durable.usedAt = kernel.clock.now()
  try {
    if (!advance(kernel, delivery)) return
    if (cell.stash && statesDiffer(before, cell.snapshot)) replayStash(kernel, cell)
  } catch (thrown) {
    // Our own fault: it costs one message, not the node.
    setAside(kernel, delivery, asTroupeError(thrown))
  }
}

/** Returns false when the message changed nothing. */
function advance(kernel: Kernel, delivery: Delivery): boolean {
  const { cell, event } = delivery
  if (delivery.ask?.settled) return false
  const step = attempt(kernel, delivery)
  if (!step) return false
  if (step.snapshot === cell.snapshot && step.actions.length === 0 && !isEnabled(cell, delivery)) {
    if (!isSignal(event.type)) leaveUnhandled(kernel, delivery)
    return false
  }
  commit(kernel, cell, step, delivery)
  return true
}

// A transition that throws has not happened: nothing of it is kept. Guards and assigners may depend on what the next try
// finds different, so there are a few; then the message is set aside and the actor lives on.
function attempt(kernel: Kernel, delivery: Delivery): Step | null {
  const { cell, event } = delivery
  for (let tries = 1; ; tries++) {
    try {
      const step = kernel.stepper.transition(cell.hosted, cell.snapshot, event, cell)
      if (step.actions.length > 0) assertCommittable(cell, step.actions)
      if (cell.durable) assertStorableStep(cell, step)
      return step
    } catch (thrown) {
      if (tries < cell.policies.attempts) continue
      const cause = asTroupeError(thrown, 'CRASHED')
      const error = new TroupeError(
        'CRASHED',
        `${cell.address} failed on '${event.type}' ${tries} times: ${cause.message}`,
        { where: cell.address, cause: thrown, hint: 'its state is as before; mend the machine and replay the message' },
      )
      setAside(kernel, delivery, error)
      afterPoison(kernel, cell, error)
      return null
    }
  }
}

function afterPoison(kernel: Kernel, cell: Cell, error: TroupeError): void {
  const { onPoison } = supervisionOf(cell)
  if (onPoison === 'reset') resetPoisoned(kernel, cell, error)
  if (onPoison !== 'stop') return
  endCell(kernel, cell, { reason: 'error', error, tellParent: true, lastGood: { snapshot: cell.snapshot } })
}

function isEnabled(cell: Cell, delivery: Delivery): boolean {
  const machine: AnyStateMachine | null = cell.hosted.machine
  return machine === null || machine.getTransitionData(cell.snapshot as never, delivery.event as never).length > 0
}

function leaveUnhandled(kernel: Kernel, delivery: Delivery): void {
  const { cell, event, ask, receipt } = delivery
  const { unhandled, mailbox } = cell.policies
  if (kernel.hub.watched) recordTransition(kernel, cell, delivery, false)
  if (unhandled === 'stash') {
    // Asks that gave up meanwhile make room.
    if (cell.stash && cell.stash.length >= mailbox.capacity) cell.stash = cell.stash.filter((put) => !put.ask?.settled)
    const stash = (cell.stash ??= [])
    if (stash.length < mailbox.capacity) {
      stash.push(delivery)
      // Put away is taken: the sender need not wait until its turn comes.
      if (cell.durable) take(cell, receipt)
      return
    }
    setAside(
      kernel,
      delivery,
      new TroupeError('OVERLOADED', `the stash of ${cell.address} is full`, { where: cell.address }),
    )
    return
  }
  const error = new TroupeError('REJECTED', `${cell.address} takes no '${event.type}' in its state`, {
    where: cell.address,
    hint: `it is in ${JSON.stringify(cell.snapshot.value ?? null)}`,
  })
  if (unhandled === 'dead-letter') return setAside(kernel, delivery, error)
  ask?.fail(error)
  if (unhandled === 'reject') receipt?.refused(error)
  else if (receipt) take(cell, receipt)
}

// Of a durable actor only the owner of its shard can say that a message was taken: so it writes.
function take(cell: Cell, receipt: Receipt | null): void {
  cell.durable?.shard.touch(cell)
  if (receipt) acknowledge(cell, receipt)
}

/**
 * What was put away comes before what waits in the mailbox, in its old order. Whenever one of them leads to another state,
 * those before it that were put away again get their chance as well.
 */
export function replayStash(kernel: Kernel, cell: Cell): void {
  for (let again = true; again; ) {
    again = false
    const waiting = cell.stash ?? []
    cell.stash = null
    cell.durable?.shard.touch(cell)
    for (let index = 0; index < waiting.length && !again; index++) {
      const delivery = waiting[index] as Delivery
      if (cell.ended) {
        // Given to the next life here: it has not counted what no longer stood in a mailbox.
        takeTurn(kernel, { ...delivery, cell: livingCell(cell) })
        continue
      }
      const before = cell.snapshot
      again = advance(kernel, delivery) && !cell.ended && statesDiffer(before, cell.snapshot)
      if (again) cell.stash = [...(cell.stash ?? []), ...waiting.slice(index + 1)]
    }
  }
}

function statesDiffer(before: AnySnapshot, after: AnySnapshot): boolean {
  return (before as { _nodes?: unknown })._nodes !== (after as { _nodes?: unknown })._nodes
}
