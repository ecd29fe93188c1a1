import type { Address } from './address.ts'
import type { ErrorValue } from './errors.ts'

/** The one stream that logs, traces, metrics, the console and the Stately inspector read. */
export type InspectionRecord = ActorStarted | ActorStopped | TransitionTaken | EffectDone | DeadLetter | LogWritten

interface Stamp {
  /** Milliseconds since 1970, and a number that counts this node's records. */
  readonly at: number
  readonly seq: number
  readonly node: string
}

/** An actor came to life. */
export interface ActorStarted extends Stamp {
  readonly kind: 'actor.started'
  readonly address: Address
  readonly incarnation: number
  readonly parent?: Address
}

/** An actor ended. */
export interface ActorStopped extends Stamp {
  readonly kind: 'actor.stopped'
  readonly address: Address
  readonly incarnation: number
  readonly reason: 'done' | 'error' | 'stopped'
  readonly error?: ErrorValue
}

/** A message was processed. `value` is the state it led to. */
export interface TransitionTaken extends Stamp {
  readonly kind: 'transition'
  readonly address: Address
  readonly incarnation: number
  readonly from: Address
  readonly event: string
  readonly value: unknown
  readonly status: string
  /** False when no transition was enabled. */
  readonly handled: boolean
}

/** An effect left after its commit. `id` is deterministic. */
export interface EffectDone extends Stamp {
  readonly kind: 'effect'
  readonly address: Address
  readonly id: string
  readonly effect: string
  readonly target?: string
  readonly error?: ErrorValue
}

/** A message that nobody will process. */
export interface DeadLetter extends Stamp {
  readonly kind: 'dead-letter'
  readonly to: Address
  readonly from: Address
  readonly event: unknown
  readonly error: ErrorValue
}

/** A `log` action of a machine. */
export interface LogWritten extends Stamp {
  readonly kind: 'log'
  readonly address: Address
  readonly label?: string
  readonly value: unknown
}
