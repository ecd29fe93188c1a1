import type { Address } from '../protocol/address.ts'
import type { MessageEvent } from '../protocol/contract.ts'
import type { Query } from '../protocol/envelope.ts'
import type { DownEvent } from '../protocol/message-actions.ts'
import type { Principal } from '../protocol/principal.ts'
import type { AskWait, Outgoing } from './route.ts'
import type { UnderWay } from './under-way.ts'

/** What the kernel asks of other nodes. Every promise rejects with a TroupeError. */
export interface RemoteDoor {
  /** What was sent and asked, as long as it is on the wire. */
  readonly underWay: UnderWay
  send(message: Outgoing): Promise<void>
  ask(message: Outgoing, wait: AskWait): Promise<unknown>
  spawn(address: Address, input: unknown, principal: Principal): Promise<void>
  query(to: Address, query: Query, principal: Principal, signal?: AbortSignal): Promise<unknown>
  /** Tells once how the target ends, or that it is not there. */
  watch(watcher: Address, target: Address, down: (reason: DownEvent['reason']) => void): void
  unwatch(watcher: Address, target: Address): void
  /** Hears the events of an actor on another node. */
  listen(address: Address, type: string, hear: (event: MessageEvent) => void): Promise<() => void>
  /** An actor of this node emitted an event. */
  emitted(address: Address, event: MessageEvent): void
  /** Resolves when the realm knows that the address lives here. Rejects with CONFLICT when another node has it. */
  claim(address: Address): Promise<void>
  release(address: Address): void
  close(): Promise<void>
}
