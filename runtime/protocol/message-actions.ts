import type { Address } from './address.ts'
import type { MessageEvent } from './contract.ts'
import type { ErrorCode } from './error-table.ts'

/**
 * Actions that a machine writes into its chart and the runtime carries out after the commit. They are plain functions
 * with a mark, so that a machine needs nothing of the runtime: `entry: reply(({ context }) => ({ total: context.total }))`.
 * Under XState's own `createActor` they do nothing.
 */

/** What an action's resolver sees. */
export interface ActionArgs<TContext, TEvent> {
  readonly context: TContext
  readonly event: TEvent
}

/** What a marked action asks for, once resolved. */
export type ActionRequest =
  | { readonly kind: 'reply'; readonly ask: string | undefined; readonly value: unknown }
  | { readonly kind: 'refuse'; readonly ask: string | undefined; readonly reason: string; readonly code: ErrorCode }
  | { readonly kind: 'chunk'; readonly ask: string | undefined; readonly value: unknown }
  | { readonly kind: 'announce'; readonly events: readonly MessageEvent[] }
  | { readonly kind: 'tell'; readonly to: Address; readonly event: MessageEvent }
  | { readonly kind: 'watch' | 'unwatch'; readonly target: Address }

const REQUEST = Symbol.for('troupe.action')
const ASK = Symbol.for('troupe.ask')

type Resolver = (args: ActionArgs<never, never>, params: unknown) => ActionRequest
type Value<TContext, TEvent, T> = T | ((args: ActionArgs<TContext, TEvent>) => T)
type MarkedAction<TContext, TEvent> = (args: ActionArgs<TContext, TEvent>, params: unknown) => void

/** Answers the ask that the current message is, or the ask whose id is given. */
export function reply<TContext, TEvent>(
  value?: (args: ActionArgs<TContext, TEvent>) => unknown,
  ask?: (args: ActionArgs<TContext, TEvent>) => string | undefined,
): MarkedAction<TContext, TEvent> {
  return mark('reply', (args) => ({
    kind: 'reply',
    ask: ask?.(args) ?? askOf(args.event),
    value: value?.(args),
  }))
}

/** Answers the ask with an error, REJECTED unless another code says better what the asker can do, and the reason. */
export function refuse<TContext, TEvent>(
  reason: Value<TContext, TEvent, string>,
  ask?: (args: ActionArgs<TContext, TEvent>) => string | undefined,
  code: ErrorCode = 'REJECTED',
): MarkedAction<TContext, TEvent> {
  return mark('refuse', (args) => ({
    kind: 'refuse',
    ask: ask?.(args) ?? askOf(args.event),
    reason: resolve(reason, args),
    code,
  }))
}

/** Sends one chunk to whoever streams the current message, or the ask whose id is given. */
export function chunk<TContext, TEvent>(
  value: (args: ActionArgs<TContext, TEvent>) => unknown,
  ask?: (args: ActionArgs<TContext, TEvent>) => string | undefined,
): MarkedAction<TContext, TEvent> {
  return mark('chunk', (args) => ({
    kind: 'chunk',
    ask: ask?.(args) ?? askOf(args.event),
    value: value(args),
  }))
}

/** Emits events, in order, to whoever listens. For many events one is much cheaper than an XState `emit` for each. */
export function announce<TContext, TEvent>(
  events: Value<TContext, TEvent, readonly MessageEvent[]>,
): MarkedAction<TContext, TEvent> {
  return mark('announce', (args) => ({ kind: 'announce', events: resolve(events, args) }))
}

/** Sends a message to any actor by its address. */
export function tell<TContext, TEvent>(
  to: Value<TContext, TEvent, Address>,
  event: Value<TContext, TEvent, MessageEvent>,
): MarkedAction<TContext, TEvent> {
  return mark('tell', (args) => ({ kind: 'tell', to: resolve(to, args), event: resolve(event, args) }))
}

/** Asks to be told by `troupe.down` when the actor at the address ends. */
export function watch<TContext, TEvent>(target: Value<TContext, TEvent, Address>): MarkedAction<TContext, TEvent> {
  return mark('watch', (args) => ({ kind: 'watch', target: resolve(target, args) }))
}

/** Takes a `watch` back. */
export function unwatch<TContext, TEvent>(target: Value<TContext, TEvent, Address>): MarkedAction<TContext, TEvent> {
  return mark('unwatch', (args) => ({ kind: 'unwatch', target: resolve(target, args) }))
}

/** What a watcher receives when the watched actor ends. */
export interface DownEvent {
  readonly type: 'troupe.down'
  readonly address: Address
  readonly reason: 'done' | 'error' | 'stopped' | 'not_found'
}

/** The id of the ask a message is, to be kept in context for a later `reply`; undefined for a plain send. */
export function askOf(event: unknown): string | undefined {
  return typeof event === 'object' && event !== null ? (event as { [ASK]?: string })[ASK] : undefined
}

/** Marks an event with the ask it is. The mark is not enumerable: it is no field of the message. */
export function markAsk(event: MessageEvent, ask: string): void {
  Object.defineProperty(event, ASK, { value: ask })
}

/** What a marked action asks for; undefined for any other action. */
export function requestOf(action: unknown, args: unknown, params: unknown): ActionRequest | undefined {
  const resolver = typeof action === 'function' ? (action as { [REQUEST]?: Resolver })[REQUEST] : undefined
  return resolver?.(args as ActionArgs<never, never>, params)
}

function mark<TContext, TEvent>(
  name: string,
  resolver: (args: ActionArgs<TContext, TEvent>) => ActionRequest,
): MarkedAction<TContext, TEvent> {
  const action = (): void => {}
  Object.defineProperty(action, 'name', { value: name })
  Object.defineProperty(action, REQUEST, { value: resolver })
  return action
}

function resolve<TContext, TEvent, T>(value: Value<TContext, TEvent, T>, args: ActionArgs<TContext, TEvent>): T {
  return typeof value === 'function' ? (value as (args: ActionArgs<TContext, TEvent>) => T)(args) : value
}
