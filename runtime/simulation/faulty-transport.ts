import type { RequestOptions, Transport, TransportLink } from '../ports/transport.ts'
import type { Address } from '../protocol/address.ts'
import { TroupeError } from '../protocol/errors.ts'
import { never, type NodeLife } from './node-life.ts'

const LONGEST_DELAY = 1_000

/** A transport as one life of a node sees it. When the life ends, the node has left the realm without a word. */
export function faultyTransport(inner: Transport, life: NodeLife): Transport {
  return {
    name: inner.name,
    async join(node) {
      const link = await life.guard(
        inner.join({
          ...node,
          handle: (frame) => (life.alive ? life.guard(node.handle(frame)) : never()),
          take: (frame) => void (life.alive && node.take(frame)),
        }),
      )
      life.atEnd(() => void link.close())
      return faultyLink(link, life)
    },
  }
}

function faultyLink(link: TransportLink, life: NodeLife): TransportLink {
  const { node, plan, clock } = life
  const lanes = new Map<Address, { due: number; waiting: number }>()

  // What this node sends to one address arrives in its order, however long each takes.
  async function travel(to: Address): Promise<void> {
    const slow = plan.strikes('delay', node, `a request to ${to}`)
    const lane = lanes.get(to) ?? { due: -Infinity, waiting: 0 }
    if (!slow && lane.waiting === 0) return
    lanes.set(to, lane)
    const now = clock.now()
    lane.due = Math.max(lane.waiting > 0 ? lane.due : now, slow ? now + plan.draw(LONGEST_DELAY) : now)
    lane.waiting++
    await life.pause(lane.due - now)
    lane.waiting--
  }

  async function request(to: Address, frame: Uint8Array, options: RequestOptions): Promise<Uint8Array> {
    const what = `a request to ${to}`
    const sent = frame.slice()
    await travel(to)
    if (plan.strikes('lostRequest', node, what)) return lose(to, options)
    const answer = link.request(to, sent, options)
    if (plan.strikes('duplicate', node, what)) link.request(to, sent, options).catch(() => {})
    if (!plan.strikes('lostAnswer', node, what)) return answer
    await answer
    return lose(to, options)
  }

  // As a wire that is cut, which is noticed at once, or as one that is silent.
  async function lose(to: Address, { deadline, signal }: RequestOptions): Promise<never> {
    if (plan.draw(2) === 1) throw new TroupeError('UNAVAILABLE', `the simulated wire to ${to} was cut`, { where: to })
    return new Promise((_, reject) => {
      const late = (): void => reject(new TroupeError('TIMEOUT', `${to} did not answer in time`, { where: to }))
      const abort = (): void => reject(new TroupeError('CANCELLED', `the request to ${to} was aborted`, { where: to }))
      clock.alarm(deadline, late)
      if (signal?.aborted) abort()
      signal?.addEventListener('abort', abort, { once: true })
    })
  }

  const reach = <T>(work: () => Promise<T>): Promise<T> => (life.alive ? life.guard(work()) : never())
  return {
    request: (to, frame, options) => reach(() => request(to, frame, options)),
    post: (to, frame) => reach(() => link.post(to, frame)),
    publish: (topic, frame) => reach(() => link.publish(topic, frame)),
    subscribe: (topic, listener) => reach(() => link.subscribe(topic, (frame) => void (life.alive && listener(frame)))),
    claim: (address) => reach(() => link.claim(address)),
    release(address) {
      if (life.alive) link.release(address)
    },
    close: () => reach(() => link.close()),
  }
}
