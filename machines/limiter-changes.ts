import { bucketSize, configure, draw, refill, report, type ReportedLimits, timeUntil } from './limiter-bucket.ts'
import {
  isOpen,
  type LimiterContext,
  type LimiterHold,
  type LimiterOrder,
  type LimiterWaiter,
} from './limiter-context.ts'
import type { LimiterSettings } from './limiter.contract.ts'

/**
 * What can happen to a limiter, as pure changes of its memory. What is to be done about it stands in `orders`.
 *
 * Who came first goes first: nobody passes a caller that waits for many tokens. Time is what messages and the own alarm
 * say; it never goes back.
 */

type Draft = { -readonly [K in Exclude<keyof LimiterContext, 'orders'>]: LimiterContext[K] } & {
  orders: LimiterOrder[]
}

// Whatever one answer says, nobody waits for a reset longer than a day: what comes after it says anew.
const LONGEST_RESET = 86_400_000

/** A client came with settings: the newest hold. */
export function join(context: LimiterContext, settings: LimiterSettings, at: number): LimiterContext {
  const draft = advance(context, at)
  draft.settings = settings
  draft.requests = configure(draft.requests, settings.requestsPerMinute)
  draft.tokens = configure(draft.tokens, settings.tokensPerMinute)
  return settle(draft)
}

/** A caller asks: it is let through, waits, or is refused. */
export function acquire(
  context: LimiterContext,
  call: { readonly id: string; readonly tokens: number; readonly patience: number; readonly holder: string | null },
  ask: string | undefined,
  at: number,
): LimiterContext {
  const draft = advance(context, at)
  const { id, tokens, patience, holder } = call
  if (draft.holds.some((hold) => hold.id === id)) {
    draft.orders.push({ do: 'grant', ask, waited: 0, counted: true })
    return settle(draft)
  }
  const isAgain = draft.waiters.some((waiter) => waiter.id === id)
  const waiter = { id, ask, tokens, holder, since: draft.at, deadline: draft.at + patience }
  draft.waiters = isAgain
    ? draft.waiters.map((other) => (other.id === id ? { ...other, ask } : other))
    : [...draft.waiters, waiter]
  if (!isAgain) watchHolder(draft, holder)
  pump(draft)
  const { queue } = draft.settings
  if (draft.waiters.length > queue && draft.waiters.at(-1) === waiter) {
    leaveQueue(draft, waiter)
    draft.orders.push({
      do: 'refuse',
      id,
      ask,
      code: 'OVERLOADED',
      reason: `${queue} ${queue === 1 ? 'caller waits' : 'callers wait'} already`,
    })
  }
  return settle(draft)
}

/** A call is over. */
export function release(
  context: LimiterContext,
  { id, tokens, used }: { readonly id: string; readonly tokens: number; readonly used: number | null },
  at: number,
): LimiterContext {
  const draft = advance(context, at)
  const hold = draft.holds.find((other) => other.id === id)
  // Told twice, or too late: what it took has been counted.
  if (!hold && draft.settings.concurrency !== null) return settle(draft)
  if (hold) freePlace(draft, hold)
  if (used !== null) draft.tokens = draw(draft.tokens, used - tokens)
  return settle(draft)
}

/** A caller is gone: it waits no longer, and has no place. */
export function leave(context: LimiterContext, id: string, at: number): LimiterContext {
  return drop(context, at, (other) => other.id === id)
}

/** All that somebody waited for or held is free: it has died. */
export function bury(context: LimiterContext, holder: string): LimiterContext {
  return drop(context, context.at, (other) => other.holder === holder)
}

/** The other side has said what it still takes. */
export function feed(context: LimiterContext, limits: ReportedLimits, at: number): LimiterContext {
  const draft = advance(context, at)
  for (const kind of ['requests', 'tokens'] as const) {
    const told = limits[kind]
    if (!told) continue
    const said = told.resetIn === undefined ? told : { ...told, resetIn: Math.min(LONGEST_RESET, told.resetIn) }
    draft[kind] = report(draft[kind], said)
    // Without a limit there is no bucket to empty; that nothing remains is known all the same.
    const isOut = said.remaining === 0 && bucketSize(draft[kind]) === null
    if (isOut && said.resetIn) draft.pausedUntil = Math.max(draft.pausedUntil, draft.at + said.resetIn)
  }
  return settle(draft)
}

/** Nobody gets through for so long. */
export function pause(context: LimiterContext, ms: number, at: number): LimiterContext {
  const draft = advance(context, at)
  draft.pausedUntil = Math.max(draft.pausedUntil, draft.at + ms)
  return settle(draft)
}

/** Time has passed. */
export function pass(context: LimiterContext, at: number): LimiterContext {
  return settle(advance(context, at))
}

function advance(context: LimiterContext, to: number): Draft {
  const at = Math.max(context.at, to)
  const passed = at - context.at
  const holds = context.holds.filter(({ until }) => until > at)
  const draft: Draft = {
    ...context,
    at,
    requests: refill(context.requests, passed),
    tokens: refill(context.tokens, passed),
    orders: [],
  }
  if (holds.length === context.holds.length) return draft
  draft.holds = holds
  for (const hold of context.holds) if (hold.until <= at) unwatchHolder(draft, hold.holder)
  return draft
}

function settle(draft: Draft): LimiterContext {
  pump(draft)
  for (const late of draft.waiters.filter(({ deadline }) => deadline <= draft.at)) {
    leaveQueue(draft, late)
    const reason = `it was not let through within ${late.deadline - late.since} ms`
    draft.orders.push({ do: 'refuse', id: late.id, ask: late.ask, code: 'TIMEOUT', reason })
  }
  // One that gave up may have stood before others that need less.
  pump(draft)
  const open = isOpen(draft)
  if (open !== draft.open) draft.orders.push({ do: 'announce', open })
  draft.open = open
  const wakeAt = nextLook(draft)
  if (wakeAt !== draft.wakeAt) {
    draft.orders.push(wakeAt === null ? { do: 'sleep' } : { do: 'wake', at: wakeAt, delay: wakeAt - draft.at })
  }
  draft.wakeAt = wakeAt
  return draft
}

function pump(draft: Draft): void {
  for (let head = draft.waiters[0]; head; head = draft.waiters[0]) {
    const size = bucketSize(draft.tokens)
    if (size !== null && head.tokens > size) {
      leaveQueue(draft, head)
      const reason = `the call takes ${head.tokens} tokens, and at most ${size} are let through in a minute`
      draft.orders.push({ do: 'refuse', id: head.id, ask: head.ask, code: 'LIMIT_EXCEEDED', reason })
      continue
    }
    if (timeFor(draft, head) > 0) return
    const { id, ask, tokens, holder, since } = head
    draft.waiters = draft.waiters.slice(1)
    draft.requests = draw(draft.requests, 1)
    draft.tokens = draw(draft.tokens, tokens)
    const { concurrency, ttl } = draft.settings
    if (concurrency !== null) draft.holds = [...draft.holds, { id, holder, until: draft.at + ttl }]
    draft.orders.push({ do: 'grant', ask, waited: draft.at - since, counted: concurrency !== null })
  }
}

// Milliseconds until time alone lets a caller through.
function timeFor(draft: Draft, { tokens }: LimiterWaiter): number {
  const { concurrency } = draft.settings
  if (concurrency !== null && draft.holds.length >= concurrency) return Number.POSITIVE_INFINITY
  // Less than one request a minute: then one is let through when the bucket is full.
  const one = Math.min(1, bucketSize(draft.requests) ?? 1)
  return Math.max(draft.pausedUntil - draft.at, timeUntil(draft.requests, one), timeUntil(draft.tokens, tokens), 0)
}

function nextLook(draft: Draft): number | null {
  const [head] = draft.waiters
  let next = head ? draft.at + timeFor(draft, head) : Number.POSITIVE_INFINITY
  for (const { deadline } of draft.waiters) next = Math.min(next, deadline)
  for (const { until } of draft.holds) next = Math.min(next, until)
  // A pause that nobody waits for ends all the same: then it is open again.
  if (draft.pausedUntil > draft.at) next = Math.min(next, draft.pausedUntil)
  return next === Number.POSITIVE_INFINITY ? null : next
}

function drop(
  context: LimiterContext,
  at: number,
  isGone: (other: LimiterWaiter | LimiterHold) => boolean,
): LimiterContext {
  const draft = advance(context, at)
  for (const waiter of draft.waiters.filter(isGone)) leaveQueue(draft, waiter)
  for (const hold of draft.holds.filter(isGone)) freePlace(draft, hold)
  return settle(draft)
}

function leaveQueue(draft: Draft, waiter: LimiterWaiter): void {
  draft.waiters = draft.waiters.filter((other) => other !== waiter)
  unwatchHolder(draft, waiter.holder)
}

function freePlace(draft: Draft, hold: LimiterHold): void {
  draft.holds = draft.holds.filter((other) => other !== hold)
  unwatchHolder(draft, hold.holder)
}

// Where places are not counted the dead keep none, and who waits leaves with its patience.
function watchHolder(draft: Draft, holder: string | null): void {
  if (holder === null || draft.settings.concurrency === null) return
  if (timesKnown(draft, holder) === 1) draft.orders.push({ do: 'watch', holder })
}

function unwatchHolder(draft: Draft, holder: string | null): void {
  if (holder !== null && timesKnown(draft, holder) === 0) draft.orders.push({ do: 'unwatch', holder })
}

function timesKnown({ waiters, holds }: Draft, holder: string): number {
  return [...waiters, ...holds].filter((other) => other.holder === holder).length
}
