import type { Address } from './address.ts'
import type { MessageEvent } from './contract.ts'
import type { Principal } from './principal.ts'

/** All that is durable of one actor, as plain data. What is not in here does not survive. */
export interface ActorRecord {
  readonly format: 1
  readonly address: Address
  /** Tells apart the lives of one address. */
  readonly incarnation: number
  /** Counts transitions; the ids of effects follow from it. */
  readonly commit: number
  /** Which chart wrote it: a record of another one is migrated or refused, never guessed at. */
  readonly machine: { readonly id: string; readonly version: string; readonly hash: string }
  readonly principal: Principal
  readonly parent?: { readonly address: Address; readonly childId: string | null }
  readonly snapshot: SnapshotRecord
  readonly timers: readonly TimerRecord[]
  /** Messages that a commit caused and that are not known to have arrived. */
  readonly outbox: readonly OutboxRecord[]
  /** The last message taken of each sender; an older one has been seen. */
  readonly inbox: Readonly<Record<Address, { readonly epoch: number; readonly seq: number }>>
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

/** A message on its way out; `id` is the same however often it is sent. */
export interface OutboxRecord {
  readonly id: string
  readonly to: Address
  readonly seq: number
  readonly event: MessageEvent
  readonly principal: Principal
}

/** The far end of a link that the chart itself made. */
export type LinkEnd = 'self' | 'parent' | { readonly child: string } | { readonly actor: Address }
