import type { Address } from '../../runtime/protocol/address.ts'
import type { TroupeError } from '../../runtime/protocol/errors.ts'

/** What happens to a node's place in its realm. */
export type NatsStatus =
  | { readonly kind: 'disconnected' | 'connected'; readonly server: string }
  /** The connection is closed for good. */
  | { readonly kind: 'closed' }
  /** The servers say that something is wrong: a subject that is denied, credentials that have run out. */
  | { readonly kind: 'refused'; readonly error: TroupeError }
  /** The node was not heard of for longer than its lease. Its addresses were free meanwhile; it takes them again. */
  | { readonly kind: 'lease-lost' }
  /** Another node took the address meanwhile: what runs of it here is not reached any more. */
  | { readonly kind: 'claim-lost'; readonly address: Address }
  /** Something on a subject of the realm is no frame that this version reads. */
  | { readonly kind: 'foreign'; readonly subject: string; readonly reason: string }
