import type { Address } from './address.ts'
import type { MessageEvent } from './contract.ts'
import type { ErrorValue } from './errors.ts'
import type { Principal } from './principal.ts'

/** One message in flight, as a wire carries it. In one process the same facts travel by reference. */
export interface Envelope {
  readonly id: string
  readonly to: Address
  readonly from: Address
  readonly event: MessageEvent
  /** Set when the sender waits for a reply; `stream` when it takes chunks too. */
  readonly ask?: { readonly id: string; readonly node: string; readonly stream: boolean }
  /** Counts the sender's messages; with `epoch` it lets the receiver drop what it has seen. */
  readonly seq: number
  readonly epoch: number
  /** Absolute, in milliseconds since 1970. */
  readonly deadline?: number
  readonly traceparent?: string
  readonly principal: Principal
}

/** What passes between nodes. */
export type Frame =
  | { readonly kind: 'message'; readonly envelope: Envelope }
  | { readonly kind: 'spawn'; readonly envelope: Envelope; readonly input: unknown; readonly hasInput: boolean }
  | { readonly kind: 'query'; readonly to: Address; readonly query: Query; readonly principal: Principal }
  | { readonly kind: 'accepted' }
  | { readonly kind: 'reply'; readonly value: unknown }
  | { readonly kind: 'error'; readonly error: ErrorValue }
  | { readonly kind: 'chunk'; readonly ask: string; readonly index: number; readonly value: unknown }
  | { readonly kind: 'event'; readonly from: Address; readonly event: MessageEvent }

/** What can be asked about an actor from outside, without a message of its contract. */
export type Query =
  | { readonly kind: 'state' }
  | { readonly kind: 'result'; readonly deadline?: number }
  | { readonly kind: 'end'; readonly deadline?: number }
  | { readonly kind: 'wait'; readonly for: Condition; readonly deadline?: number }
  | { readonly kind: 'stop' }
  | { readonly kind: 'reset' }
  /** Ends an ask whose asker does not wait any more. */
  | { readonly kind: 'cancel'; readonly ask: string }

/** A condition on an actor's state, as data, so that it can be awaited from another process. */
export type Condition =
  | { readonly state: string | Readonly<Record<string, unknown>> }
  | { readonly tag: string }
  | { readonly status: 'done' | 'error' | 'stopped' }
