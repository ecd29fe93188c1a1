import type { ErrorCode } from '../runtime/protocol/error-table.ts'
import type { MessageEvent } from '../runtime/protocol/contract.ts'
import type { IdempotencyClaim } from './idempotency.contract.ts'

/**
 * What can happen to an idempotency keeper, as pure changes of its memory. What is to be done about it stands in `orders`.
 *
 * A key is free, then one execution has it, then its value is kept for a time. Only the execution that has the key can say
 * what came of it: the word of one that was given up changes nothing.
 */

/** A key that is not free. */
export type IdempotencyEntry =
  | {
      readonly status: 'running'
      readonly key: string
      readonly hash: string
      readonly run: string
      readonly holder: string | null
    }
  | {
      readonly status: 'kept'
      readonly key: string
      readonly hash: string
      readonly run: string
      readonly value: unknown
    }

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
  /** Oldest first. */
  readonly entries: readonly IdempotencyEntry[]
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
}

/** Somebody wants to do what the key stands for, or to have what came of it. */
export function claim(context: IdempotencyContext, request: ClaimRequest): IdempotencyContext {
  const { key, hash, run, holder, lease, capacity } = request
  const found = context.entries.find((entry) => entry.key === key)
  if (found) return answerFor(context, found, request)
  const orders: IdempotencyOrder[] = []
  const entries = makeRoom(context.entries, capacity - 1, orders)
  if (entries.length >= capacity) {
    const reason = `${capacity} executions are under way already: '${key}' must wait`
    return { ...context, orders: [{ do: 'refuse', code: 'OVERLOADED', reason }] }
  }
  const entry: IdempotencyEntry = { status: 'running', key, hash, run, holder }
  orders.push({ do: 'lease', key, run, delay: lease })
  if (holder !== null && !isHolder(entries, holder)) orders.push({ do: 'watch', holder })
  return { entries: [...entries, entry], orders: [...orders, { do: 'answer', value: { status: 'claimed' } }] }
}

/** The execution of a key lives. */
export function renew(context: IdempotencyContext, key: string, run: string, lease: number): IdempotencyContext {
  const orders: readonly IdempotencyOrder[] = running(context, key, run)
    ? [{ do: 'lease', key, run, delay: lease }]
    : []
  return { ...context, orders }
}

/** What came of a key is kept, if its execution still has it. */
export function keep(
  context: IdempotencyContext,
  {
    key,
    run,
    value,
    ttl,
  }: { readonly key: string; readonly run: string; readonly value?: unknown; readonly ttl: number },
): IdempotencyContext {
  const found = running(context, key, run)
  if (!found) {
    const kept = context.entries.some((entry) => entry.key === key && entry.run === run)
    return { ...context, orders: [{ do: 'answer', value: { kept } }] }
  }
  const entry: IdempotencyEntry = { status: 'kept', key, hash: found.hash, run, value }
  const entries = context.entries.map((other) => (other === found ? entry : other))
  return {
    entries,
    orders: [
      { do: 'unlease', key },
      { do: 'expire', key, run, delay: ttl },
      ...letGo(entries, found.holder),
      { do: 'answer', value: { kept: true } },
      { do: 'announce', event: { type: 'idempotency.kept', key, run } },
    ],
  }
}

/** The execution of a key is over and came to nothing: with an error, or null when it is not heard of any more. */
export function free(context: IdempotencyContext, key: string, run: string, error: unknown): IdempotencyContext {
  const found = running(context, key, run)
  if (!found) return { ...context, orders: [{ do: 'answer', value: { freed: false } }] }
  const entries = context.entries.filter((other) => other !== found)
  return {
    entries,
    orders: [
      { do: 'unlease', key },
      ...letGo(entries, found.holder),
      { do: 'answer', value: { freed: true } },
      { do: 'announce', event: { type: 'idempotency.freed', key, run, error } },
    ],
  }
}

/** Who did something has died: its keys are free. */
export function bury(context: IdempotencyContext, holder: string): IdempotencyContext {
  const dead = context.entries.filter((entry) => entry.status === 'running' && entry.holder === holder)
  return {
    entries: context.entries.filter((entry) => !dead.includes(entry)),
    orders: dead.flatMap(({ key, run }): IdempotencyOrder[] => [
      { do: 'unlease', key },
      { do: 'announce', event: { type: 'idempotency.freed', key, run, error: null } },
    ]),
  }
}

/** A value has been kept for as long as it was to be. */
export function forget(context: IdempotencyContext, key: string, run: string): IdempotencyContext {
  const entries = context.entries.filter(
    (entry) => entry.key !== key || entry.run !== run || entry.status === 'running',
  )
  return { entries, orders: [] }
}

/** How many keys are kept, and how many are being done. */
export function countEntries({ entries }: IdempotencyContext): { readonly kept: number; readonly running: number } {
  const kept = entries.filter(({ status }) => status === 'kept').length
  return { kept, running: entries.length - kept }
}

function answerFor(
  context: IdempotencyContext,
  found: IdempotencyEntry,
  { key, hash, run, lease }: ClaimRequest,
): IdempotencyContext {
  if (found.hash !== hash) {
    const reason = `'${key}' was used before with another payload`
    return { ...context, orders: [{ do: 'refuse', code: 'CONFLICT', reason }] }
  }
  if (found.status === 'kept') {
    return { ...context, orders: [{ do: 'answer', value: { status: 'kept', value: found.value } }] }
  }
  // Who asks again because the answer got lost has it all the same.
  if (found.run === run) {
    return {
      ...context,
      orders: [
        { do: 'lease', key, run, delay: lease },
        { do: 'answer', value: { status: 'claimed' } },
      ],
    }
  }
  return { ...context, orders: [{ do: 'answer', value: { status: 'running' } }] }
}

// Oldest first, and never what is being done.
function makeRoom(
  entries: readonly IdempotencyEntry[],
  room: number,
  orders: IdempotencyOrder[],
): readonly IdempotencyEntry[] {
  let excess = entries.length - room
  if (excess <= 0) return entries
  return entries.filter((entry) => {
    if (excess <= 0 || entry.status === 'running') return true
    excess--
    orders.push({ do: 'unexpire', key: entry.key })
    return false
  })
}

function running(
  { entries }: IdempotencyContext,
  key: string,
  run: string,
): Extract<IdempotencyEntry, { status: 'running' }> | undefined {
  const found = entries.find((entry) => entry.key === key && entry.run === run)
  return found?.status === 'running' ? found : undefined
}

function letGo(entries: readonly IdempotencyEntry[], holder: string | null): readonly IdempotencyOrder[] {
  return holder === null || isHolder(entries, holder) ? [] : [{ do: 'unwatch', holder }]
}

function isHolder(entries: readonly IdempotencyEntry[], holder: string): boolean {
  return entries.some((entry) => entry.status === 'running' && entry.holder === holder)
}
