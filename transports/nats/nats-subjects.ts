import { createHash } from 'node:crypto'
import type { Topic } from '../../runtime/ports/transport.ts'
import { type Address, parseAddress } from '../../runtime/protocol/address.ts'
import { TroupeError } from '../../runtime/protocol/errors.ts'

/** Every subject of a realm. All of them begin with its name, so that one permission covers them. */
export interface NatsSubjects {
  /** Requests for actors of a type, taken by one of its hosts. */
  type(type: string): string
  /** Requests and posts for one node. */
  node(id: string): string
  /** Where the answers to one node arrive, each under a number of its own. */
  answers(id: string): string
  /** What all nodes hear. */
  readonly everyone: string
  topic(topic: Topic): string
  /** Where the directory keeps the holder of an address. */
  claim(address: Address): string
  /** Where the directory keeps the lease of a node. */
  lease(id: string): string
  /** Who clears the directory up for now. */
  readonly sweeper: string
  /** All that the directory keeps. */
  readonly directory: string
  /** All claims of the directory. */
  readonly claims: string
  /** The name of the stream that is the directory. */
  readonly stream: string
}

/** A subject stays well below what the servers bear. */
const LONGEST = 255
/** A part that would be longer becomes a digest. */
const LONGEST_PART = 80

/** Makes the subjects of a realm. Different addresses, nodes and topics never share one, whatever text they hold. */
export function natsSubjects(realm: string): NatsSubjects {
  return {
    type: (type) => `${realm}.type.${token(type)}`,
    node: (id) => `${realm}.node.${token(id)}`,
    answers: (id) => `${realm}.answer.${token(id)}`,
    everyone: `${realm}.all`,
    topic(topic) {
      const last = topic.at(-1) ?? ''
      const head = topic.slice(0, -1)
      const plain = [realm, 'topic', ...head.map(token)].join('.')
      // By the head alone: who hears any last part must come to the same.
      const stem = plain.length + 1 + LONGEST_PART > LONGEST ? `${realm}.topic.${digest(JSON.stringify(head))}` : plain
      return `${stem}.${last === '*' ? '*' : token(last)}`
    },
    claim(address) {
      const { type, key } = parseAddress(address)
      return `${realm}.directory.address.${token(type)}.${token(key)}`
    },
    lease: (id) => `${realm}.directory.lease.${token(id)}`,
    sweeper: `${realm}.directory.sweeper`,
    directory: `${realm}.directory.>`,
    claims: `${realm}.directory.address.>`,
    stream: `troupe-${realm}-directory`,
  }
}

/**
 * A part of a subject for any text: letters, digits and `-` stay, every other byte of its UTF-8 becomes `_` and two hex
 * digits. The empty text is `_`, one that gets too long `__` and its digest: neither can come out of another text.
 */
export function token(text: string): string {
  if (PLAIN.test(text)) return text.length <= LONGEST_PART ? text : digest(text)
  if (text === '') return '_'
  if (!text.isWellFormed()) {
    throw new TroupeError('INVALID_MESSAGE', 'half of a surrogate pair cannot be part of a name', { where: text })
  }
  const escaped = text.replace(ODD, escape)
  return escaped.length <= LONGEST_PART ? escaped : digest(text)
}

const PLAIN = /^[A-Za-z0-9-]+$/
const ODD = /[^A-Za-z0-9-]/gu

function escape(character: string): string {
  return [...Buffer.from(character)].map((byte) => `_${byte.toString(16).padStart(2, '0')}`).join('')
}

function digest(text: string): string {
  return `__${createHash('sha256').update(text).digest('base64url')}`
}
