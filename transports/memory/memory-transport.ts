import type { Topic, Transport, TransportLink, TransportNode } from '../../runtime/ports/transport.ts'
import { type Address, parseAddress } from '../../runtime/protocol/address.ts'
import { TroupeError } from '../../runtime/protocol/errors.ts'

/**
 * The wire of one process: runtimes that share one `memory()` form a realm, as they would over NATS. Frames travel as
 * bytes, in order, and never within the call that sent them.
 *
 * @example
 * const wire = memory()
 * const worker = await createRuntime({ transport: wire, actors: [ticket] })
 * const client = await createRuntime({ transport: wire })
 */
export function memory(): Transport {
  const realms = new Map<string, MemoryRealm>()
  return {
    name: 'memory',
    async join(node) {
      let realm = realms.get(node.realm)
      if (!realm)
        realms.set(node.realm, (realm = { members: new Map(), holders: new Map(), topics: new Map(), turn: 0 }))
      return joinRealm(realm, node)
    },
  }
}

interface MemoryRealm {
  readonly members: Map<string, Member>
  readonly holders: Map<Address, Member>
  readonly topics: Map<string, Set<(frame: Uint8Array) => void>>
  turn: number
}

interface Member {
  readonly node: TransportNode
  /** Ends the requests that other nodes wait for here. */
  readonly waiting: Set<(error: TroupeError) => void>
}

function joinRealm(realm: MemoryRealm, node: TransportNode): TransportLink {
  const member: Member = { node, waiting: new Set() }
  realm.members.set(node.id, member)

  function assertOpen(): void {
    if (realm.members.get(node.id) !== member) throw gone(node.id)
  }

  return {
    async request(to, frame, { deadline, signal }) {
      assertOpen()
      const target = holderOf(realm, to, member)
      return new Promise<Uint8Array>((resolve, reject) => {
        const settle = (finish: () => void): void => {
          clearTimeout(timer)
          signal?.removeEventListener('abort', abort)
          target.waiting.delete(fail)
          finish()
        }
        const fail = (error: TroupeError): void => settle(() => reject(error))
        const abort = (): void => fail(new TroupeError('CANCELLED', `the request to ${to} was aborted`, { where: to }))
        const late = (): void => fail(new TroupeError('TIMEOUT', `${to} did not answer in time`, { where: to }))
        const timer = setTimeout(late, Math.max(0, Math.min(deadline - Date.now(), 2 ** 31 - 1)))
        target.waiting.add(fail)
        signal?.addEventListener('abort', abort)
        if (signal?.aborted) return abort()
        queueMicrotask(() => {
          void target.node.handle(frame.slice()).then((answer) => settle(() => resolve(answer)))
        })
      })
    },
    async post(to, frame) {
      assertOpen()
      const target = realm.members.get(to)
      if (!target) throw gone(to)
      queueMicrotask(() => target.node.take(frame.slice()))
    },
    async publish(topic, frame) {
      assertOpen()
      for (const name of [nameOf(topic), nameOf([...topic.slice(0, -1), '*'])]) {
        for (const listener of realm.topics.get(name) ?? []) queueMicrotask(() => listener(frame.slice()))
      }
    },
    async subscribe(topic, listener) {
      assertOpen()
      const name = nameOf(topic)
      const listeners = realm.topics.get(name) ?? new Set()
      realm.topics.set(name, listeners.add(listener))
      return () => {
        listeners.delete(listener)
        if (listeners.size === 0) realm.topics.delete(name)
      }
    },
    async claim(address) {
      assertOpen()
      const holder = realm.holders.get(address)
      if (holder && holder !== member) {
        throw new TroupeError('CONFLICT', `${address} lives on node ${holder.node.id}`, {
          where: address,
          hint: 'talk to it there by its address',
        })
      }
      realm.holders.set(address, member)
    },
    release(address) {
      if (realm.holders.get(address) === member) realm.holders.delete(address)
    },
    async close() {
      if (realm.members.get(node.id) !== member) return
      realm.members.delete(node.id)
      for (const [address, holder] of realm.holders) if (holder === member) realm.holders.delete(address)
      for (const fail of [...member.waiting]) fail(gone(node.id))
    },
  }
}

function holderOf(realm: MemoryRealm, to: Address, asking: Member): Member {
  const holder = realm.holders.get(to)
  if (holder) return holder
  const { type } = parseAddress(to)
  const hosts = [...realm.members.values()].filter((member) => member !== asking && member.node.types.includes(type))
  const next = hosts[realm.turn++ % hosts.length]
  if (next) return next
  throw new TroupeError('UNAVAILABLE', `no node of the realm hosts '${type}'`, {
    where: to,
    hint: `start a runtime with the '${type}' definition among its actors`,
  })
}

function gone(node: string): TroupeError {
  return new TroupeError('UNAVAILABLE', `node ${node} has left`, {
    where: node,
    hint: 'try again: another may take over',
  })
}

function nameOf(topic: Topic): string {
  return topic.map(encodeURIComponent).join('/')
}
