import type { Clock } from '../../runtime/ports/clock.ts'
import type { Topic, Transport, TransportLink, TransportNode } from '../../runtime/ports/transport.ts'
import { type Address, parseAddress } from '../../runtime/protocol/address.ts'
import { TroupeError } from '../../runtime/protocol/errors.ts'

/** What `memory` takes. */
export interface MemoryOptions {
  /** The time by which deadlines run. Default: this machine's. */
  readonly clock?: Clock
}

/**
 * The wire of one process: runtimes that share one `memory()` form a realm, as they would over NATS. Frames travel as
 * bytes, in order, and never within the call that sent them.
 *
 * @example
 * const wire = memory()
 * const worker = await createRuntime({ transport: wire, actors: [ticket] })
 * const client = await createRuntime({ transport: wire })
 */
export function memory(options: MemoryOptions = {}): Transport {
  const clock = options.clock ?? wallClock
  const realms = new Map<string, MemoryRealm>()
  return {
    name: 'memory',
    async join(node) {
      let realm = realms.get(node.realm)
      if (!realm)
        realms.set(node.realm, (realm = { members: new Map(), holders: new Map(), topics: new Map(), turn: 0 }))
      return joinRealm(realm, node, clock)
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
  /** Ends the requests that this node waits for, and those that others wait for here. */
  readonly waiting: Set<(error: TroupeError) => void>
  /** Ends its subscriptions. */
  readonly leaving: Set<() => void>
}

function joinRealm(realm: MemoryRealm, node: TransportNode, clock: Clock): TransportLink {
  const member: Member = { node, waiting: new Set(), leaving: new Set() }
  realm.members.set(node.id, member)

  function assertOpen(): void {
    if (realm.members.get(node.id) !== member) throw gone(node.id)
  }

  return {
    async request(to, frame, { deadline, signal }) {
      assertOpen()
      const target = holderOf(realm, to)
      return new Promise<Uint8Array>((resolve, reject) => {
        const settle = (finish: () => void): void => {
          stopAlarm()
          signal?.removeEventListener('abort', abort)
          target.waiting.delete(fail)
          member.waiting.delete(fail)
          finish()
        }
        const fail = (error: TroupeError): void => settle(() => reject(error))
        const abort = (): void => fail(new TroupeError('CANCELLED', `the request to ${to} was aborted`, { where: to }))
        const late = (): void => fail(new TroupeError('TIMEOUT', `${to} did not answer in time`, { where: to }))
        const stopAlarm = clock.alarm(deadline, late)
        target.waiting.add(fail)
        member.waiting.add(fail)
        signal?.addEventListener('abort', abort)
        if (signal?.aborted) return abort()
        const sent = frame.slice()
        queueMicrotask(() => {
          void target.node.handle(sent).then((answer) => settle(() => resolve(answer.slice())))
        })
      })
    },
    async post(to, frame) {
      assertOpen()
      const target = realm.members.get(to)
      if (!target) throw gone(to)
      const sent = frame.slice()
      queueMicrotask(() => target.node.take(sent))
    },
    async publish(topic, frame) {
      assertOpen()
      for (const name of [nameOf(topic), nameOf([...topic.slice(0, -1), '*'])]) {
        for (const listener of realm.topics.get(name) ?? []) {
          const sent = frame.slice()
          queueMicrotask(() => listener(sent))
        }
      }
    },
    async subscribe(topic, listener) {
      assertOpen()
      const name = nameOf(topic)
      const listeners = realm.topics.get(name) ?? new Set()
      // Its own function each time: one listener may hear a topic twice.
      const hear = (frame: Uint8Array): void => listener(frame)
      realm.topics.set(name, listeners.add(hear))
      const leave = (): void => {
        member.leaving.delete(leave)
        listeners.delete(hear)
        if (listeners.size === 0 && realm.topics.get(name) === listeners) realm.topics.delete(name)
      }
      member.leaving.add(leave)
      return leave
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
      for (const leave of [...member.leaving]) leave()
      for (const fail of [...member.waiting]) fail(gone(node.id))
    },
  }
}

function holderOf(realm: MemoryRealm, to: Address): Member {
  const holder = realm.holders.get(to)
  if (holder) return holder
  const { type } = parseAddress(to)
  const hosts = [...realm.members.values()].filter((member) => member.node.types.includes(type))
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
  return JSON.stringify(topic)
}

const wallClock: Clock = {
  now: () => Date.now(),
  alarm(due, callback) {
    const timer = setTimeout(callback, Math.max(0, Math.min(due - Date.now(), 2 ** 31 - 1)))
    return () => clearTimeout(timer)
  },
}
