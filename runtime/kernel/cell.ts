import type { Address } from '../protocol/address.ts'
import type { MessageEvent } from '../protocol/contract.ts'
import type { Principal } from '../protocol/principal.ts'
import type { Ask } from './asks.ts'
import type { ActorDefinition, ActorPolicies } from './definition.ts'
import type { DurableState } from './durable-state.ts'
import type { HostedLogic } from './hosted-logic.ts'
import type { Ended } from './ended-actors.ts'
import type { RestartState } from './restart-state.ts'
import type { SelfRef } from './self-ref.ts'
import type { AnySnapshot } from './step.ts'
import type { Task } from './tasks.ts'
import type { PendingTimer } from './timers.ts'

/**
 * The kernel's host of one active actor. There may be a hundred thousand: what few actors need is null until needed.
 */
export interface Cell extends CellFacts {
  /** Changes only when one without an owner is adopted. */
  parent: Cell | null
  snapshot: AnySnapshot
  ended: boolean
  /** Messages of others on their way to it, and how many of the oldest of them overflow gave up. */
  pending: number
  /** What its own parts sent it, and the kernel, on its way. */
  internal: number
  skipped: number
  /** Counts transitions; the effect ids follow from it. */
  commits: number
  /** Counts its messages to others. */
  seq: number
  children: Map<string, Cell | Task> | null
  timers: Map<string, PendingTimer> | null
  asks: Map<string, Ask> | null
  stash: Delivery[] | null
  watchers: Map<Cell, Watcher> | null
  /** Whose end it waits for. */
  watching: Set<Address> | null
  /** Are told of each step, and of the end. */
  waiters: Set<(ended: Ended | null) => void> | null
  listeners: Set<EventListener> | null
  /** What the machine sees as `self`; made when it first looks. */
  self: SelfRef | null
  /** What only a durable actor has. */
  durable: DurableState | null
  /** What only one that may be restarted has, or one that supervises those. */
  restarts: RestartState | null
}

/** One message in a mailbox: the envelope's facts by reference. */
export interface Delivery {
  readonly cell: Cell
  readonly event: MessageEvent
  readonly from: Address
  readonly principal: Principal
  readonly ask: Ask | null
  /** Set when the sender waits until the message was processed. */
  readonly receipt: Receipt | null
  /** Set on what the kernel itself has to say: it takes no room in the mailbox and is never dropped. */
  readonly owed: Owed | null
  /** Set when the sender keeps it until this actor has done with it. */
  readonly origin: Origin | null
}

/** The sender's copy of a message that is sent again until it is settled. */
export interface Origin {
  /** The actor has done with the message: what came of it is committed with what is settled here, or neither is. */
  settle(): void
}

/** Whether an owed message still holds when its turn comes: its timer or child may have been taken back meanwhile. */
export interface Owed {
  holds(): boolean
}

/** Tells a sender what became of its message. */
export interface Receipt {
  accepted(): void
  refused(error: Error): void
}

/** Is told when the actor ends. */
export type Watcher = (address: Address, reason: 'done' | 'error' | 'stopped') => void

/** Hears what the actor emits. */
export interface EventListener {
  readonly type: string
  readonly hear: (event: MessageEvent) => void
}

/** What makes a cell. */
export interface CellFacts {
  readonly address: Address
  readonly hosted: HostedLogic
  /** Null for a child machine that has no definition of its own: it is talked to by its parent alone. */
  readonly definition: ActorDefinition | null
  readonly policies: ActorPolicies
  /** Tells apart the lives of one address. */
  readonly incarnation: number
  readonly parent: Cell | null
  /** The id under which the parent's chart knows it; null when the parent only owns it. */
  readonly childId: string | null
  /** Whether the parent hears of each of its states. */
  readonly syncs: boolean
  /** On whose behalf its own messages go out. */
  readonly principal: Principal
}

const STARTING: AnySnapshot = Object.freeze({ status: 'active', output: undefined, error: undefined })

/** Makes a cell that has no state yet. The literal keeps one hidden class for all cells, which is what makes them small. */
export function createCell(facts: CellFacts): Cell {
  return {
    address: facts.address,
    hosted: facts.hosted,
    definition: facts.definition,
    policies: facts.policies,
    incarnation: facts.incarnation,
    parent: facts.parent,
    childId: facts.childId,
    syncs: facts.syncs,
    principal: facts.principal,
    snapshot: STARTING,
    ended: false,
    pending: 0,
    internal: 0,
    skipped: 0,
    commits: 0,
    seq: 0,
    children: null,
    timers: null,
    asks: null,
    stash: null,
    watchers: null,
    watching: null,
    waiters: null,
    listeners: null,
    self: null,
    durable: null,
    restarts: null,
  }
}
