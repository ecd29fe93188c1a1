import type { Address } from '../protocol/address.ts'

/**
 * The messages of this node's senders that are on the wire: sent, and neither known to have arrived nor to be refused.
 *
 * An actor may start on the node of its sender meanwhile. By memory, what the sender says next would overtake what it said
 * before; so it takes the wire too, which keeps their order and comes back here, until nothing of that sender to that
 * actor is under way any more. Nobody waits for that: a message lost without a word costs the way round, and no time.
 */
export interface UnderWay {
  /** True while the address cannot be spoken to by memory. Costs next to nothing when nothing is on the wire. */
  has(to: Address, from: Address): boolean
  /** Call what it returns once it is known what came of the message. */
  add(message: Sent): () => void
  /** A message has come off the wire and is put into a mailbox of this node: if it is one of ours, it has arrived. */
  arrived(message: Sent): void
}

/** What tells a message on the wire from others. */
export interface Sent {
  readonly to: Address
  readonly from: Address
  readonly seq: number
}

/** Makes the account of a node, with nothing on the wire. */
export function createUnderWay(): UnderWay {
  // By receiver, then by sender. What a sender says to one actor stands in the order it was sent.
  const lanes = new Map<Address, Map<Address, Set<Sent>>>()

  function remove(message: Sent): void {
    const { to, from } = message
    const senders = lanes.get(to)
    const lane = senders?.get(from)
    if (!senders || !lane?.delete(message) || lane.size > 0) return
    senders.delete(from)
    if (senders.size === 0) lanes.delete(to)
  }

  return {
    has: (to, from) => lanes.size > 0 && lanes.get(to)?.has(from) === true,
    add(message) {
      const { to, from } = message
      const senders = lanes.get(to) ?? new Map<Address, Set<Sent>>()
      const lane = senders.get(from) ?? new Set()
      lanes.set(to, senders.set(from, lane.add(message)))
      return () => remove(message)
    },
    arrived({ to, from, seq }) {
      if (lanes.size === 0) return
      for (const message of lanes.get(to)?.get(from) ?? []) if (message.seq === seq) return remove(message)
    },
  }
}
