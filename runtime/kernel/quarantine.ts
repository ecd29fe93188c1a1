import type { Address } from '../protocol/address.ts'
import { type ErrorValue, TroupeError } from '../protocol/errors.ts'
import type { Cell } from './cell.ts'
import type { Ended } from './ended-actors.ts'
import type { Kernel } from './kernel.ts'
import { begin, type LastGood, succeed } from './restart.ts'
import { hasInput } from './restart-state.ts'
import { unknownActor } from './route.ts'

/**
 * An actor that used up its restarts, and whose supervisor must not fall with it, is set apart: it keeps its address, its
 * last good state can be looked at, and it takes no messages until an operator resets it.
 */

/** Sets an actor apart. Who waits for its end or watches it is told. */
export function quarantine(kernel: Kernel, cell: Cell, lastGood: LastGood | undefined, error: ErrorValue): void {
  const succession = { due: null, from: 'start', lastGood, quarantined: error, why: error.message } as const
  const heir = succeed(kernel, cell, succession)
  const { waiters, watchers, durable, address } = heir
  heir.waiters = null
  heir.watchers = null
  const tell = (): void => {
    for (const waiter of waiters ?? []) waiter(quarantineEnd(heir, error))
    for (const watcher of watchers?.values() ?? []) watcher(address, 'error')
    kernel.hub.record({ kind: 'actor.quarantined', address, error })
    // What nobody was told must not be silent.
    if (waiters?.size || watchers?.size) return
    kernel.deadLetters.add({ to: address, from: address, event: { type: 'troupe.quarantined' }, error })
  }
  if (durable) durable.shard.hold(tell)
  else tell()
}

/** How an actor in quarantine ended, for those who wait for that. */
export function quarantineEnd({ address, snapshot }: Cell, error: ErrorValue): Ended {
  const { value, tags } = snapshot
  return { address, reason: 'error', output: undefined, error, value, tags: [...(tags ?? [])], until: 0 }
}

/**
 * Starts an actor anew from its input, out of quarantine or not, and forgets its restarts. Throws NOT_FOUND, and REJECTED
 * for one whose input was not kept.
 */
export function resetActor(kernel: Kernel, address: Address): Cell {
  const cell = kernel.registry.cells.get(address)
  if (!cell) throw unknownActor(address)
  if (!hasInput(cell)) {
    throw new TroupeError('REJECTED', `${address} cannot begin anew: its input was not kept`, {
      where: address,
      hint: "give its definition supervision: { restart: 'transient' }, or stop the actor and spawn it again",
    })
  }
  forgetRestarts(cell)
  const life = startOver(kernel, cell, 'an operator has reset it', 'operator')
  begin(kernel, life)
  return life
}

// Those it falls with have used them up together, so they have them back together.
function forgetRestarts({ restarts, parent }: Cell): void {
  if (restarts) restarts.history = null
  if (!parent?.restarts?.childHistory) return
  parent.restarts.childHistory = null
  parent.durable?.shard.touch(parent)
}

/** Starts an actor anew whose message could not be processed. */
export function resetPoisoned(kernel: Kernel, cell: Cell, error: TroupeError): void {
  begin(kernel, startOver(kernel, cell, error.message, 'poison'))
}

function startOver(kernel: Kernel, cell: Cell, why: string, reason: 'operator' | 'poison'): Cell {
  const due = kernel.clock.now()
  const standby = cell.restarts?.standby
  if (standby) standby.from = 'start'
  const life = standby
    ? cell
    : succeed(kernel, cell, { due, from: 'start', lastGood: { snapshot: cell.snapshot }, why })
  if (kernel.hub.watched) {
    const { address, incarnation, restarts } = life
    const count = restarts?.history?.starts.length ?? 0
    kernel.hub.record({ kind: 'actor.restarted', address, incarnation, reason, restarts: count, after: 0 })
  }
  return life
}
