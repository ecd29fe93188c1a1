import type { Condition } from '../protocol/envelope.ts'
import type { Address } from '../protocol/address.ts'
import { type ErrorValue, errorOf, errorValue, TroupeError } from '../protocol/errors.ts'
import type { Cell } from './cell.ts'
import type { Kernel } from './kernel.ts'
import type { Ended } from './registry.ts'
import { unknownActor } from './route.ts'
import type { AnySnapshot } from './step.ts'

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

/** Resolves when the condition holds. Rejects with REJECTED when the actor ends and it cannot hold any more, TIMEOUT at the deadline. */
export function awaitCondition(
  kernel: Kernel,
  address: Address,
  condition: Condition,
  deadline: number,
): Promise<StateView> {
  const cell = kernel.registry.cells.get(address)
  if (!cell) {
    const view = viewState(kernel, address)
    return meets(view, condition, null) ? Promise.resolve(view) : Promise.reject(neverHolds(address, condition))
  }
  if (meets(viewOf(cell), condition, cell.snapshot)) return Promise.resolve(viewOf(cell))
  return new Promise((resolve, reject) => {
    const waiters = (cell.waiters ??= new Set())
    const timer = kernel.wheel.set(deadline, () => {
      waiters.delete(waiter)
      reject(
        new TroupeError('TIMEOUT', `${address} did not reach ${JSON.stringify(condition)} in time`, { where: address }),
      )
    })
    const waiter = (ended: Ended | null): void => {
      const view = ended ? endedView(ended) : viewOf(cell)
      const holds = meets(view, condition, cell.snapshot)
      if (!holds && !ended) return
      waiters.delete(waiter)
      kernel.wheel.cancel(timer)
      if (holds) resolve(view)
      else reject(neverHolds(address, condition))
    }
    waiters.add(waiter)
  })
}

/** Resolves to the output when the actor is done. Rejects with CRASHED, CANCELLED (stopped), TIMEOUT or NOT_FOUND. */
export async function awaitResult(kernel: Kernel, address: Address, deadline: number): Promise<unknown> {
  const cell = kernel.registry.cells.get(address)
  const ended = cell ? await untilEnded(kernel, cell, deadline) : kernel.registry.ended(address)
  if (!ended) throw unknownActor(address)
  if (ended.reason === 'done') return ended.output
  if (ended.reason === 'stopped') throw new TroupeError('CANCELLED', `${address} was stopped`, { where: address })
  throw crashed(address, ended.error)
}

function untilEnded(kernel: Kernel, cell: Cell, deadline: number): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const waiters = (cell.waiters ??= new Set())
    const timer = kernel.wheel.set(deadline, () => {
      waiters.delete(waiter)
      reject(new TroupeError('TIMEOUT', `${cell.address} did not end in time`, { where: cell.address }))
    })
    const waiter = (ended: Ended | null): void => {
      if (!ended) return
      waiters.delete(waiter)
      kernel.wheel.cancel(timer)
      resolve(ended)
    }
    waiters.add(waiter)
  })
}

function viewOf(cell: Cell): StateView {
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

function endedView(ended: Ended): StateView {
  const { address, reason, value, output, error } = ended
  return { address, status: reason, value, context: undefined, tags: [], output, error, waiting: 0 }
}

function meets(view: StateView, condition: Condition, snapshot: AnySnapshot | null): boolean {
  if ('status' in condition) return view.status === condition.status
  if ('tag' in condition) return view.tags.includes(condition.tag)
  const matches = (snapshot as { matches?: (state: unknown) => boolean } | null)?.matches
  return matches ? matches.call(snapshot, condition.state) : view.value === condition.state
}

function neverHolds(address: Address, condition: Condition): TroupeError {
  return new TroupeError('REJECTED', `${address} ended before it reached ${JSON.stringify(condition)}`, {
    where: address,
  })
}

function crashed(address: Address, error: ErrorValue | undefined): TroupeError {
  const cause = error ? errorOf(error) : undefined
  return new TroupeError('CRASHED', `${address} crashed: ${cause?.message ?? 'no reason given'}`, {
    where: address,
    ...(cause ? { cause, data: error } : {}),
    ...(cause?.hint === undefined ? {} : { hint: cause.hint }),
  })
}
