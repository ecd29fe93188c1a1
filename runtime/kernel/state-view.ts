import type { Address } from '../protocol/address.ts'
import { type ErrorValue, errorValue } from '../protocol/errors.ts'
import type { Cell } from './cell.ts'
import type { Kernel } from './kernel.ts'
import type { Ended } from './ended-actors.ts'
import { unknownActor } from './route.ts'

/** An actor's state as plain data. */
export interface StateView {
  readonly address: Address
  readonly status: 'active' | 'done' | 'error' | 'stopped'
  /** The value of its statechart; undefined for transition logic. */
  readonly value: unknown
  readonly context: unknown
  readonly tags: readonly string[]
  readonly output: unknown
  readonly error: ErrorValue | undefined
  /** Messages that wait in its mailbox. */
  readonly waiting: number
}

/** The state of an actor of this node. Throws NOT_FOUND. */
export function viewState(kernel: Kernel, address: Address): StateView {
  const cell = kernel.registry.cells.get(address)
  if (cell) return viewOf(cell)
  const ended = kernel.registry.ended(address)
  if (ended) return endedView(ended)
  throw unknownActor(address)
}

/** The view of an active actor. */
export function viewOf(cell: Cell): StateView {
  const { snapshot } = cell
  return {
    address: cell.address,
    status: snapshot.status,
    value: snapshot.value,
    context: snapshot.context,
    tags: [...(snapshot.tags ?? [])],
    output: snapshot.output,
    error: snapshot.status === 'error' ? errorValue(snapshot.error, 'CRASHED') : undefined,
    waiting: cell.pending - cell.skipped,
  }
}

/** The view of an actor that has ended. */
export function endedView(ended: Ended): StateView {
  const { address, reason, value, tags, output, error } = ended
  return { address, status: reason, value, context: undefined, tags, output, error, waiting: 0 }
}
