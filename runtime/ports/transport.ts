import type { Address } from '../protocol/address.ts'

/**
 * What carries frames between nodes. A node is one runtime; it hosts some actor types. A transport knows nothing of
 * actors: it brings bytes to a node that hosts an address and brings the answer back.
 */
export interface Transport {
  readonly name: string
  /** Joins a node to its realm. Frames may arrive as soon as this is called. */
  join(node: TransportNode): Promise<TransportLink>
}

/** The kernel's side. */
export interface TransportNode {
  readonly id: string
  readonly realm: string
  /** The types this node can start actors of. */
  readonly types: readonly string[]
  /** Takes a request and resolves to the bytes that answer it. Never rejects: faults are answers too. */
  handle(frame: Uint8Array): Promise<Uint8Array>
  /** Takes a frame that wants no answer. Never throws. */
  take(frame: Uint8Array): void
}

/** The transport's side. Every method rejects with UNAVAILABLE after `close`. */
export interface TransportLink {
  /**
   * Brings a request to the node that claimed the address, else to one that hosts its type, and resolves to the answer.
   * Rejects with UNAVAILABLE when there is none, TIMEOUT at the deadline, CANCELLED on abort.
   */
  request(to: Address, frame: Uint8Array, options: RequestOptions): Promise<Uint8Array>
  /** Sends a frame to one node. At most once. */
  post(node: string, frame: Uint8Array): Promise<void>
  /** Sends a frame to all subscribers of the topic, this node's included. At most once. Parts may hold any text. */
  publish(topic: Topic, frame: Uint8Array): Promise<void>
  /** Hears a topic until the function returned is called. A last part `'*'` stands for any. */
  subscribe(topic: Topic, listener: (frame: Uint8Array) => void): Promise<() => void>
  /** Tells the realm that the address lives here now. Rejects with CONFLICT when another node holds it. */
  claim(address: Address): Promise<void>
  release(address: Address): void
  close(): Promise<void>
}

/** A subject of its own kind, part by part. */
export type Topic = readonly string[]

/** How long a request may take. */
export interface RequestOptions {
  /** Absolute, in milliseconds since 1970. */
  readonly deadline: number
  readonly signal?: AbortSignal
}
