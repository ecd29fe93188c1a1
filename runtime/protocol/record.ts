import type { Address } from './address.ts'
import type { MessageEvent } from './contract.ts'
import type { ErrorValue } from './errors.ts'
import type { Principal } from './principal.ts'

/** All that is durable of one actor, as plain data. What is not in here does not survive. */
export interface ActorRecord {
  readonly format: 1
  readonly address: Address
  /** Tells apart the lives of one address; a later life has a greater one. */
  readonly incarnation: number
  /** Counts transitions; the ids of effects follow from it. */
  readonly commit: number
  /** Counts its messages to others. */
  readonly seq: number
  /** Which chart wrote it: a record of another one is migrated or refused, never guessed at. */
  readonly machine: MachineStamp
  readonly principal: Principal
  readonly parent?: { readonly address: Address; readonly childId: string | null; readonly syncs: boolean }
  /** What it was started with: a reset starts from it again. */
  readonly input?: unknown
  readonly snapshot: SnapshotRecord
  readonly timers: readonly TimerRecord[]
  /** Leaf work that a commit asked for and whose outcome no commit has taken yet. */
  readonly tasks: readonly TaskRecord[]
  /** Messages that a commit caused and that are not known to have arrived. */
  readonly outbox: readonly OutboxRecord[]
  /** The last message taken of each sender elsewhere; an older one has been seen. */
  readonly inbox: Readonly<Record<Address, { readonly epoch: number; readonly seq: number }>>
  /** Messages put away until the state changes, in their order. */
  readonly stash: readonly StashRecord[]
  /**
   * Actors that it owns, by the names it knows them by: the ids of its chart's children, the addresses of the others. One
   * without a record lived in memory only.
   */
  readonly children: Readonly<Record<string, Address>>
  /** Whose end it waits for. */
  readonly watching: readonly Address[]
  /**
   * When it has something to do by itself: the due time of its next timer, 0 for at once (messages or tasks are under way),
   * null for never. An ended actor has its `until` here: nothing is left to do but to forget it.
   */
  readonly wake: number | null
  /** Set once it has ended. Its result can be fetched until then. Milliseconds since 1970. */
  readonly ended?: { readonly at: number; readonly until: number }
  /** What its supervisor remembers of restarts, from the first one on. */
  readonly restarts?: RestartsRecord
  /** Set while it takes no messages, until an operator resets it: why. */
  readonly quarantined?: ErrorValue
}

/** What is remembered of restarts. Times are in milliseconds since 1970. */
export interface RestartsRecord {
  readonly own: RestartTimes | null
  /** Of the actors it supervises, where these fall together. */
  readonly children: RestartTimes | null
  /** Set while it waits to begin; its snapshot is the state it begins from, or only the last there was. */
  readonly next: {
    readonly due: number
    readonly from: 'start' | 'last good state'
    /** The names of what the state had under way. */
    readonly lost: readonly string[]
  } | null
}

/** The restarts of one actor, or of those that fall together. */
export interface RestartTimes {
  readonly starts: readonly number[]
  readonly streak: number
  readonly noted: number
}

/** Which chart wrote a record: its id, the version its author gave, and a hash of its structure. */
export interface MachineStamp {
  readonly id: string
  readonly version: string
  readonly hash: string
}

/** The state of a chart, or of transition logic, without anything that lives. */
export interface SnapshotRecord {
  readonly status: 'active' | 'done' | 'error' | 'stopped'
  readonly value?: unknown
  readonly context?: unknown
  readonly output?: unknown
  readonly error?: unknown
  /** The states that each history node remembers, by their ids. */
  readonly history?: Readonly<Record<string, readonly string[]>>
  readonly children?: Readonly<Record<string, ChildRecord>>
}

/** A child that a chart invoked or spawned. Its state is in a record of its own. */
export interface ChildRecord {
  /** The name of its logic among the machine's actors. */
  readonly src: string
  readonly syncs: boolean
}

/** A message due at an absolute time, in milliseconds since 1970. */
export interface TimerRecord {
  readonly id: string
  readonly due: number
  readonly to: LinkEnd
  readonly event: MessageEvent
}

/** Leaf work that was started, and may have been at work when its process died. */
export interface TaskRecord {
  /** The id under which the chart knows it. */
  readonly id: string
  /** The name of its logic among the machine's actors. */
  readonly src: string
  readonly input?: unknown
  readonly syncs: boolean
  /** The effect that started it: the same however often it is run. */
  readonly key: string
}

/** A message on its way out; `id` is the same however often it is sent. */
export interface OutboxRecord {
  readonly id: string
  readonly to: Address
  readonly seq: number
  /** The life that sent it, where that is over. */
  readonly epoch?: number
  readonly event: MessageEvent
  readonly principal: Principal
  /** Set on what passes between the parts of one chart, for which there is no contract. */
  readonly link?: true
}

/** A message put away. */
export interface StashRecord {
  readonly event: MessageEvent
  readonly from: Address
  readonly principal: Principal
}

/** The far end of a link that the chart itself made. */
export type LinkEnd = 'self' | 'parent' | { readonly child: string } | { readonly actor: Address }

/** A message that nobody could process, kept until someone replays or drops it. */
export interface DeadLetterRecord {
  readonly id: string
  /** When it died, in milliseconds since 1970. */
  readonly at: number
  readonly to: Address
  readonly from: Address
  readonly event: MessageEvent
  readonly principal: Principal
  readonly error: ErrorValue
}
