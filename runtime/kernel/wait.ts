import type { Address } from '../protocol/address.ts'
import type { Condition } from '../protocol/envelope.ts'
import { type ErrorValue, errorOf, TroupeError } from '../protocol/errors.ts'
import type { Cell } from './cell.ts'
import type { Kernel } from './kernel.ts'
import type { Ended } from './ended-actors.ts'
import { quarantineEnd } from './quarantine.ts'
import { livingCell, quarantineError } from './restart-state.ts'
import { unknownActor } from './route.ts'
import { endedView, type StateView, viewOf, viewState } from './state-view.ts'

/** How long to wait, and what cuts it short. */
export interface Wait {
  /** Absolute, in milliseconds since 1970. */
  readonly deadline: number
  readonly signal?: AbortSignal | undefined
}

/** Resolves when the condition holds. Rejects with REJECTED when the actor ends and it cannot hold any more, TIMEOUT, CANCELLED. */
export async function awaitCondition(
  kernel: Kernel,
  address: Address,
  condition: Condition,
  wait: Wait,
): Promise<StateView> {
  const view = viewState(kernel, address)
  if (meets(view, condition)) return view
  const cell = kernel.registry.cells.get(address)
  if (!cell || quarantineError(cell)) throw neverHolds(address, condition)
  const what = `reach ${JSON.stringify(condition)}`
  return until(kernel, cell, wait, what, (ended) => {
    const now = ended ? endedView(ended) : viewOf(livingCell(cell))
    if (meets(now, condition)) return now
    if (ended) throw neverHolds(address, condition)
    return undefined
  })
}

/** Resolves to the output when the actor is done. Rejects with CRASHED, CANCELLED (stopped), TIMEOUT or NOT_FOUND. */
export async function awaitResult(kernel: Kernel, address: Address, wait: Wait): Promise<unknown> {
  const { reason, output, error } = await untilEnded(kernel, address, wait)
  if (reason === 'done') return output
  if (reason === 'stopped') throw new TroupeError('CANCELLED', `${address} was stopped`, { where: address })
  throw crashed(address, error)
}

/** Resolves to how the actor ended. Rejects with TIMEOUT, CANCELLED or NOT_FOUND. */
export async function awaitEnd(kernel: Kernel, address: Address, wait: Wait): Promise<Ended['reason']> {
  return (await untilEnded(kernel, address, wait)).reason
}

async function untilEnded(kernel: Kernel, address: Address, wait: Wait): Promise<Ended> {
  const cell = kernel.registry.cells.get(address)
  const quarantined = cell?.restarts?.standby?.quarantined
  if (cell && quarantined) return quarantineEnd(cell, quarantined)
  const ended = cell
    ? await until(kernel, cell, wait, 'end', (end) => end ?? undefined)
    : kernel.registry.ended(address)
  if (ended) return ended
  throw unknownActor(address)
}

/** Looks at each step of the actor, and at its end, until the look finds something or throws. */
function until<T>(
  kernel: Kernel,
  cell: Cell,
  { deadline, signal }: Wait,
  what: string,
  look: (ended: Ended | null) => T | undefined,
): Promise<T> {
  const { address } = cell
  return new Promise((resolve, reject) => {
    const waiters = (cell.waiters ??= new Set())
    const timer = kernel.wheel.set(deadline, () =>
      fail(new TroupeError('TIMEOUT', `${address} did not ${what} in time`, { where: address })),
    )
    function close(): void {
      waiters.delete(waiter)
      kernel.wheel.cancel(timer)
      signal?.removeEventListener('abort', aborted)
    }
    function fail(error: unknown): void {
      close()
      reject(error as TroupeError)
    }
    function aborted(): void {
      fail(new TroupeError('CANCELLED', `the wait for ${address} to ${what} was aborted`, { where: address }))
    }
    function waiter(ended: Ended | null): void {
      if (ended?.dropped) return fail(ended.dropped)
      try {
        const found = look(ended)
        if (found === undefined) return
        close()
        resolve(found)
      } catch (error) {
        fail(error)
      }
    }
    waiters.add(waiter)
    if (signal?.aborted) aborted()
    else signal?.addEventListener('abort', aborted)
  })
}

function meets(view: StateView, condition: Condition): boolean {
  if ('status' in condition) return view.status === condition.status
  if ('tag' in condition) return view.tags.includes(condition.tag)
  return matches(view.value, condition.state)
}

// As XState's `matches`, on plain values: it must hold for an actor that has ended, and on another node.
function matches(value: unknown, wanted: unknown): boolean {
  if (typeof wanted === 'string') {
    const dot = wanted.indexOf('.')
    if (dot > 0) return matches(value, { [wanted.slice(0, dot)]: wanted.slice(dot + 1) })
    return value === wanted || (isRegions(value) && Object.hasOwn(value, wanted))
  }
  if (!isRegions(wanted) || !isRegions(value)) return false
  return Object.entries(wanted).every(([key, inner]) => Object.hasOwn(value, key) && matches(value[key], inner))
}

function isRegions(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
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
