import type { Msg } from '@nats-io/transport-node'
import type { TransportNode } from '../../runtime/ports/transport.ts'
import type { Address } from '../../runtime/protocol/address.ts'
import { asTroupeError, type TroupeError } from '../../runtime/protocol/errors.ts'
import type { AddressClaims } from './address-claims.ts'
import { closedLink, tooLarge } from './nats-failure.ts'
import { decodeNatsFrame, encodeNatsFrame, type NatsFrame, overhead } from './nats-frame.ts'
import type { NatsStatus } from './nats-status.ts'
import type { NatsSubjects } from './nats-subjects.ts'
import type { NatsWire } from './nats-wire.ts'
import { leaseless, type NodeLease } from './node-lease.ts'

/** What comes off the wire for a node: requests, posts, fences and probes. */
export interface RequestIntake {
  /** Hears what is sent to the node and to the types it hosts. */
  open(): Promise<void>
  /** Takes nothing more, and tells all whose requests are worked on here that they will not be answered. */
  close(): void
}

/** What a node takes requests with. */
export interface IntakeTools {
  readonly node: TransportNode
  readonly wire: NatsWire
  readonly subjects: NatsSubjects
  readonly claims: AddressClaims
  readonly lease: NodeLease
  /** Other nodes work on these of our requests. */
  vouched(tokens: readonly number[]): void
  onStatus(status: NatsStatus): void
}

/** A request that is worked on: where its answer is awaited, and its place among the others. */
interface Work {
  readonly reply: string
  place: number
}

const UNKNOWN = new Set<NatsFrame['kind']>(['answer', 'moved', 'error'])

/** Makes the intake of a node; it hears nothing before it is opened. */
export function createRequestIntake(tools: IntakeTools): RequestIntake {
  const { node, wire, subjects, claims, lease, onStatus } = tools
  /** What is worked on, in no order. */
  const inHand: Work[] = []
  const leaving: (() => void)[] = []
  let closed = false

  function answer(reply: string, frame: NatsFrame): void {
    try {
      wire.send({ subject: reply, payload: encodeNatsFrame(frame) })
    } catch {
      // The link is closed, or cannot send any more for now: the asker's own deadline, or its next probe, tells it.
    }
  }

  async function work(to: Address, reply: string, body: Uint8Array): Promise<void> {
    const own: Work = { reply, place: inHand.length }
    inHand.push(own)
    const result = await node.handle(body)
    if (closed) return
    const last = inHand.pop()
    if (last && last !== own) {
      inHand[own.place] = last
      last.place = own.place
    }
    claims.settled(to, () => {
      // Whoever stood still for longer than the lease speaks for nobody, until it is known what it still holds.
      const isFenced = !lease.isValid() || claims.standing(to) === 'lost'
      const error = isFenced ? leaseless(node.id) : answerFault(result, wire.maxPayload, to)
      answer(reply, error ? { kind: 'error', error } : { kind: 'answer', body: result })
    })
  }

  function request(frame: NatsFrame & { kind: 'request' }, reply: string, isOurs: boolean): void {
    const { to, body } = frame
    claims.settled(to, () => {
      if (closed) return answer(reply, { kind: 'error', error: closedLink(node.id) })
      if (!lease.isValid()) {
        lease.renew()
        return answer(reply, { kind: 'moved' })
      }
      const standing = claims.standing(to)
      // Of an address that nobody holds, every host of its type may make something.
      const isTaken = standing === 'held' || (standing === 'none' && !isOurs)
      if (isTaken) void work(to, reply, body)
      else answer(reply, { kind: 'moved' })
    })
  }

  function hear({ subject, data, reply = '' }: Msg, isOurs: boolean): void {
    let frame: NatsFrame
    try {
      frame = decodeNatsFrame(data)
      if (UNKNOWN.has(frame.kind)) return
    } catch (thrown) {
      const error = asTroupeError(thrown)
      onStatus({ kind: 'foreign', subject, reason: error.message })
      if (reply) answer(reply, { kind: 'error', error })
      return
    }
    if (frame.kind === 'request') request(frame, reply, isOurs)
    else if (frame.kind === 'post') node.take(frame.body)
    else if (frame.kind === 'fence') answer(reply, { kind: 'moved' })
    else if (frame.kind === 'vouch') tools.vouched(frame.tokens)
    else if (frame.kind === 'probe') vouch(frame)
  }

  function vouch({ asker, tokens }: NatsFrame & { kind: 'probe' }): void {
    if (!lease.isValid()) return
    const stem = subjects.answers(asker)
    const replies = new Set(inHand.map(({ reply }) => reply))
    const ours = tokens.filter((token) => replies.has(`${stem}.${token}`))
    if (ours.length > 0) answer(subjects.node(asker), { kind: 'vouch', tokens: ours })
  }

  return {
    async open() {
      const sources = [
        wire.subscribe(subjects.node(node.id), (message) => hear(message, true)),
        wire.subscribe(subjects.everyone, (message) => hear(message, true)),
        ...node.types.map((type) => wire.subscribe(subjects.type(type), (message) => hear(message, false), 'hosts')),
      ]
      leaving.push(...(await Promise.all(sources)))
    },
    close() {
      closed = true
      for (const leave of leaving) leave()
      const error: TroupeError = closedLink(node.id)
      for (const { reply } of inHand) answer(reply, { kind: 'error', error })
      inHand.length = 0
    },
  }
}

function answerFault(answer: Uint8Array, most: number, to: Address): TroupeError | null {
  return answer.length + overhead(to) > most ? tooLarge(answer.length, most, to) : null
}
