import type { ErrorCode } from '../runtime/protocol/error-table.ts'
import type { MessageEvent } from '../runtime/protocol/contract.ts'
import {
  addEntry,
  countKept,
  dropEntry,
  findEntry,
  type IdempotencyEntry,
  type IdempotencyShelf,
  isOver,
  keepValue,
  oldestValue,
  type RunningEntry,
  runningFor,
} from './idempotency-shelf.ts'
import type { IdempotencyClaim } from './idempotency.contract.ts'

/**
 * What can happen to an idempotency keeper, as pure changes of its memory. What is to be done about it stands in `orders`.
 *
 * A key is free, then one execution has it, then its value is kept for a time. Only the execution that has the key can say
 * what came of it: the word of one that was given up changes nothing.
 */

/** What a keeper has to do after a transition: data, which the chart turns into effects. */
export type IdempotencyOrder =
  | {
      readonly do: 'answer'
      readonly value: IdempotencyClaim | { readonly kept: boolean } | { readonly freed: boolean }
    }
  | { readonly do: 'refuse'; readonly code: ErrorCode; readonly reason: string }
  | { readonly do: 'watch' | 'unwatch'; readonly holder: string }
  | { readonly do: 'lease'; readonly key: string; readonly run: string; readonly delay: number }
  | { readonly do: 'unlease'; readonly key: string }
  | { readonly do: 'expire'; readonly key: string; readonly run: string; readonly delay: number }
  | { readonly do: 'unexpire'; readonly key: string }
  | { readonly do: 'announce'; readonly event: MessageEvent }

/** The memory of a keeper, as JSON. */
export interface IdempotencyContext {
  readonly shelf: IdempotencyShelf
  readonly orders: readonly IdempotencyOrder[]
}

/** What a claim says. */
export interface ClaimRequest {
  readonly key: string
  readonly hash: string
  readonly run: string
  readonly holder: string | null
  readonly lease: number
  readonly capacity: number
  readonly at?: number | undefined
}

/** Somebody wants to do what the key stands for, or to have what came of it. */
export function claim({ shelf: before }: IdempotencyContext, request: ClaimRequest): IdempotencyContext {
  const { key, hash, run, holder, lease, capacity, at } = request
  const found = findEntry(before, key)
  if (found && !isOver(found, at)) return { shelf: before, orders: answerFor(found, request) }
  const orders: IdempotencyOrder[] = []
  let shelf = found ? dropEntry(before, found) : before
  // A timer for each value would keep a process that has nothing else to do: who comes next clears away what is over.
  for (let old = oldestValue(shelf); old && isOver(old, at); old = oldestValue(shelf)) shelf = dropEntry(shelf, old)
  // Oldest first, and never what is being done.
  for (let old = oldestValue(shelf); old && shelf.size >= capacity; old = oldestValue(shelf)) {
    shelf = dropEntry(shelf, old)
    orders.push({ do: 'unexpire', key: old.key })
  }
  if (shelf.size >= capacity) {
    const reason = `${capacity} executions are under way already: '${key}' must wait`
    return { shelf: before, orders: [{ do: 'refuse', code: 'OVERLOADED', reason }] }
  }
  orders.push({ do: 'lease', key, run, delay: lease })
  if (holder !== null && runningFor(shelf, holder).length === 0) orders.push({ do: 'watch', holder })
  orders.push({ do: 'answer', value: { status: 'claimed' } })
  return { shelf: addEntry(shelf, { status: 'running', key, hash, run, holder }), orders }
}

/** The execution of a key lives. */
export function renew({ shelf }: IdempotencyContext, key: string, run: string, lease: number): IdempotencyContext {
  return { shelf, orders: runningUnder(shelf, key, run) ? [{ do: 'lease', key, run, delay: lease }] : [] }
}

/** What came of a key is kept, if its execution still has it. */
export function keep(
  { shelf: before }: IdempotencyContext,
  {
    key,
    run,
    value,
    ttl,
    at,
  }: {
    readonly key: string
    readonly run: string
    readonly value?: unknown
    readonly ttl: number
    readonly at?: number | undefined
  },
): IdempotencyContext {
  const found = runningUnder(before, key, run)
  if (!found) {
    const kept = findEntry(before, key)?.run === run
    return { shelf: before, orders: [{ do: 'answer', value: { kept } }] }
  }
  const shelf = keepValue(before, found, value, at === undefined ? undefined : at + ttl)
  return {
    shelf,
    orders: [
      { do: 'unlease', key },
      ...(at === undefined ? [{ do: 'expire', key, run, delay: ttl } as const] : []),
      ...letGo(shelf, found.holder),
      { do: 'answer', value: { kept: true } },
      { do: 'announce', event: { type: 'idempotency.kept', key, run } },
    ],
  }
}

/** The execution of a key is over and came to nothing: with an error, or null when it is not heard of any more. */
export function free(
  { shelf: before }: IdempotencyContext,
  key: string,
  run: string,
  error: unknown,
): IdempotencyContext {
  const found = runningUnder(before, key, run)
  if (!found) return { shelf: before, orders: [{ do: 'answer', value: { freed: false } }] }
  const shelf = dropEntry(before, found)
  return {
    shelf,
    orders: [
      { do: 'unlease', key },
      ...letGo(shelf, found.holder),
      { do: 'answer', value: { freed: true } },
      { do: 'announce', event: { type: 'idempotency.freed', key, run, error } },
    ],
  }
}

/** Who did something has died: its keys are free. */
export function bury({ shelf }: IdempotencyContext, holder: string): IdempotencyContext {
  const dead = runningFor(shelf, holder)
  return {
    shelf: dead.reduce(dropEntry, shelf),
    orders: dead.flatMap(({ key, run }): IdempotencyOrder[] => [
      { do: 'unlease', key },
      { do: 'announce', event: { type: 'idempotency.freed', key, run, error: null } },
    ]),
  }
}

/** A value has been kept for as long as it was to be. */
export function forget({ shelf }: IdempotencyContext, key: string, run: string): IdempotencyContext {
  const found = findEntry(shelf, key)
  const isIts = found?.status === 'kept' && found.run === run
  return { shelf: isIts ? dropEntry(shelf, found) : shelf, orders: [] }
}

/** How many keys are kept, and how many are being done. */
export function countEntries(
  { shelf }: IdempotencyContext,
  at?: number,
): { readonly kept: number; readonly running: number } {
  return { kept: countKept(shelf, at), running: shelf.running }
}

function answerFor(found: IdempotencyEntry, { key, hash, run, lease }: ClaimRequest): readonly IdempotencyOrder[] {
  if (found.hash !== hash) {
    return [{ do: 'refuse', code: 'CONFLICT', reason: `'${key}' was used before with another payload` }]
  }
  if (found.status === 'kept') return [{ do: 'answer', value: { status: 'kept', value: found.value } }]
  if (found.run !== run) return [{ do: 'answer', value: { status: 'running' } }]
  // Who asks again because the answer got lost has it all the same.
  return [
    { do: 'lease', key, run, delay: lease },
    { do: 'answer', value: { status: 'claimed' } },
  ]
}

function runningUnder(shelf: IdempotencyShelf, key: string, run: string): RunningEntry | undefined {
  const found = findEntry(shelf, key)
  return found?.status === 'running' && found.run === run ? found : undefined
}

function letGo(shelf: IdempotencyShelf, holder: string | null): readonly IdempotencyOrder[] {
  return holder === null || runningFor(shelf, holder).length > 0 ? [] : [{ do: 'unwatch', holder }]
}
