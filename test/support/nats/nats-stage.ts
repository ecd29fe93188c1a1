import { afterEach } from 'vitest'
import type { TransportLink, TransportNode } from '../../../runtime/ports/transport.ts'
import { address } from '../../../runtime/protocol/address.ts'
import { nats, type NatsOptions, type NatsStatus } from '../../../transports/nats/index.ts'
import { type NatsNode, natsNode } from './nats-node.ts'
import { type NatsServer, type NatsServerOptions, natsServer } from './nats-server.ts'

/** A node of this process, and what it has heard. */
export interface StageNode {
  readonly id: string
  readonly link: TransportLink
  readonly taken: string[]
  readonly statuses: NatsStatus[]
}

/** What a test over NATS works with: servers and nodes that end with it. */
export interface NatsStage {
  server(options?: NatsServerOptions): Promise<NatsServer>
  /** A node of this process; it answers `ID:TEXT`. */
  join(options: NatsOptions, facts?: Partial<TransportNode>): Promise<StageNode>
  /** A node in a process of its own. */
  node(id: string, options: NatsOptions): Promise<NatsNode>
}

/** Sets a stage for each test of a file, and clears it. */
export function natsStage(): NatsStage {
  const opened: (() => Promise<unknown>)[] = []
  let nodes = 0
  afterEach(async () => {
    for (const close of opened.splice(0).reverse()) await close()
  })
  return {
    async server(options) {
      const server = await natsServer(options)
      opened.push(() => server.close())
      return server
    },
    async join(options, facts = {}) {
      const id = facts.id ?? `here${++nodes}`
      const [taken, statuses]: [string[], NatsStatus[]] = [[], []]
      const link = await nats({ onStatus: (status) => statuses.push(status), ...options }).join({
        realm: 'realm',
        types: [],
        handle: async (frame) => bytes(`${id}:${text(frame)}`),
        take: (frame) => void taken.push(text(frame)),
        ...facts,
        id,
      })
      opened.push(() => link.close())
      return { id, link, taken, statuses }
    },
    async node(id, options) {
      const node = await natsNode(id, options)
      opened.push(() => node.kill())
      return node
    },
  }
}

/** The bytes of a text. */
export const bytes = (value: string): Uint8Array => new TextEncoder().encode(value)
/** The text of bytes. */
export const text = (frame: Uint8Array): string => new TextDecoder().decode(frame)
/** An address of type 'thing' in realm 'realm'. */
export const thing = (key: string) => address('realm', 'thing', key)
/** A deadline of five seconds, or of as many milliseconds as given. */
export const soon = (ms = 5_000) => ({ deadline: Date.now() + ms })
