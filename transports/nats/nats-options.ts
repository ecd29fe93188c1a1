import type { Duration } from '../../runtime/protocol/duration.ts'
import type { NatsStatus } from './nats-status.ts'

/** What `nats` takes. */
export interface NatsOptions {
  /** `host:port` of one server or of several of a cluster. Default: `127.0.0.1:4222`. */
  readonly servers?: string | readonly string[]
  /** How this node is called in the server's lists. Default: the node's id. */
  readonly name?: string
  /** The path of a `.creds` file. */
  readonly credentials?: string
  /** The seed of an nkey. */
  readonly nkey?: string
  readonly token?: string
  readonly user?: string
  readonly password?: string
  /** `true` for the machine's own authorities; files of PEM otherwise. */
  readonly tls?: true | NatsTls
  /** How long addresses stay with a node that is not heard of, in whole seconds from one up. Default: `'10s'`. */
  readonly lease?: Duration
  /** On how many servers the directory of addresses rests. Default: 1. */
  readonly replicas?: 1 | 3 | 5
  /** How long what is sent without a connection waits for one. Default: `'5s'`. */
  readonly patience?: Duration
  /** How many bytes may wait for the servers, with a connection or without. Default: 32 MiB. */
  readonly outboxBytes?: number
  /** Hears of the connection, of lost claims, of what the servers deny, of what is no frame. */
  readonly onStatus?: (status: NatsStatus) => void
}

/** Files of a connection that is encrypted. */
export interface NatsTls {
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
}

/** What the parts of the transport read: every option with its value. */
export interface NatsSettings {
  readonly servers: readonly string[]
  readonly leaseSeconds: number
  readonly replicas: number
  readonly patience: number
  readonly outboxBytes: number
  readonly onStatus: (status: NatsStatus) => void
}
