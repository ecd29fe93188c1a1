import type { Address } from './address.ts'
import type { ErrorValue } from './errors.ts'

/** The one stream that logs, traces, metrics, the console and the Stately inspector read. */
export type InspectionRecord =
  | ActorStarted
  | ActorStopped
  | ActorRested
  | ActorRestarted
  | ActorQuarantined
  | TransitionTaken
  | EffectDone
  | DeadLetter
  | LogWritten
  | ShardChanged

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

/** A durable actor left memory; its record goes on. */
export interface ActorRested extends Stamp {
  readonly kind: 'actor.rested'
  readonly address: Address
  readonly incarnation: number
}

/** An actor begins anew, `after` milliseconds, with this incarnation. */
export interface ActorRestarted extends Stamp {
  readonly kind: 'actor.restarted'
  readonly address: Address
  readonly incarnation: number
  /** How its last life ended, or who else had it end. */
  readonly reason: 'done' | 'error' | 'sibling' | 'poison' | 'operator'
  /** How many restarts count within the period, this one among them where it counts. */
  readonly restarts: number
  readonly after: number
  readonly error?: ErrorValue
}

/**
 * An actor is set apart: it used up its restarts, or its record is damaged, or of a version that its machine cannot
 * take up.
 */
export interface ActorQuarantined extends Stamp {
  readonly kind: 'actor.quarantined'
  readonly address: Address
  readonly error: ErrorValue
}

/** A shard was taken over by this node, or lost to another or to a failing medium. */
export interface ShardChanged extends Stamp {
  readonly kind: 'shard'
  readonly shard: string
  readonly epoch: number
  readonly state: 'owned' | 'lost'
  /** How many of its actors have something to do by themselves. */
  readonly wakes?: number
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
