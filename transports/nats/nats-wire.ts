import {
  connect,
  type ConnectionOptions,
  errors,
  type Msg,
  type MsgHdrs,
  type NatsConnection,
} from '@nats-io/transport-node'
import { TroupeError } from '../../runtime/protocol/errors.ts'
import { closedLink, connectFailure, deniedSubject, serverFailure } from './nats-failure.ts'
import type { NatsSettings } from './nats-options.ts'

/**
 * A connection that comes back for ever, and that nothing is lost on without a word.
 *
 * The client keeps what is published without a connection, without a bound, and drops it when it is back. So nothing is
 * published to it unless it is connected: parcels wait here, in order, as many bytes as the settings allow and no longer
 * than their patience; then they fail. With a connection as many bytes may be on their way unconfirmed. What is on its way
 * when the connection breaks is unknown: `confirm` rejects, requests are asked after (waiting-requests.ts).
 */
export interface NatsWire {
  readonly client: NatsConnection
  readonly maxPayload: number
  isOpen(): boolean
  /** Sends a parcel now, or when there is a connection again. Throws what keeps it from that for good. */
  send(parcel: Parcel): void
  /** Resolves when the servers have what was sent before. Rejects with UNAVAILABLE when they may not. */
  confirm(): Promise<void>
  /** Resolves when the servers know of the subscription. Rejects with FORBIDDEN when they deny it. */
  subscribe(subject: string, hear: (message: Msg) => void, queue?: string): Promise<() => void>
  /** Hears when the connection is back, and which subject was denied. */
  readonly watchers: Set<WireWatcher>
  close(): Promise<void>
}

/** Something to publish. */
export interface Parcel {
  readonly subject: string
  readonly payload: Uint8Array
  readonly reply?: string
  readonly headers?: MsgHdrs
  readonly owner?: ParcelOwner
}

/** Who sent a parcel. */
export interface ParcelOwner {
  /** It waited in vain. */
  failed(parcel: Parcel, error: TroupeError): void
  /** True when nobody wants it any more. */
  isOver(parcel: Parcel): boolean
}

/** Who hears of a wire. */
export interface WireWatcher {
  returned?(): void
  denied?(subject: string, error: TroupeError): void
}

interface Waiting extends Parcel {
  readonly since: number
}

const CONFIRM_EVERY = 1 << 20

/** Connects. Rejects with UNAVAILABLE without a server, FORBIDDEN with wrong credentials. */
export async function openNatsWire(node: string, settings: NatsSettings, login: ConnectionOptions): Promise<NatsWire> {
  const { servers, patience, outboxBytes, onStatus } = settings
  const client = await connect({
    ...login,
    servers: [...servers],
    noAsyncTraces: true,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 100,
    reconnectJitter: 100,
    ignoreAuthErrorAbort: true,
    pingInterval: 10_000,
    maxPingOut: 2,
    timeout: 5_000,
  }).catch((error: unknown) => {
    throw connectFailure(error, servers)
  })
  const watchers = new Set<WireWatcher>()
  const waiting: Waiting[] = []
  let waitingBytes = 0
  let unconfirmed = 0
  let open = true
  let closed = false
  let current: Promise<void> | null = null
  let next: Promise<void> | null = null
  let impatience: NodeJS.Timeout | undefined
  const hopefuls = new Set<() => void>()

  function publish({ subject, payload, reply, headers }: Parcel): void {
    unconfirmed += payload.length
    client.publish(subject, payload, { ...(reply ? { reply } : {}), ...(headers ? { headers } : {}) })
    if (unconfirmed > CONFIRM_EVERY && !next) confirm().catch(() => {})
  }

  function expire(): void {
    impatience = undefined
    const now = performance.now()
    while (waiting[0] && waiting[0].since + patience <= now) forget(waiting[0])
    if (waiting[0]) impatience = setTimeout(expire, waiting[0].since + patience - now)
  }

  function forget(parcel: Waiting, error: TroupeError = disconnected()): void {
    waiting.splice(waiting.indexOf(parcel), 1)
    waitingBytes -= parcel.payload.length
    parcel.owner?.failed(parcel, error)
  }

  function returned(): void {
    open = true
    clearTimeout(impatience)
    impatience = undefined
    const parcels = waiting.splice(0)
    waitingBytes = 0
    for (const parcel of parcels) if (!parcel.owner?.isOver(parcel)) publish(parcel)
    for (const go of hopefuls) go()
    for (const watcher of [...watchers]) watcher.returned?.()
  }

  function assertOpen(): void {
    if (closed) throw closedLink(node)
  }

  function disconnected(): TroupeError {
    return new TroupeError('UNAVAILABLE', `node ${node} has no connection to ${servers.join(', ')}`, {
      where: servers.join(', '),
      hint: 'try again: it reconnects by itself as soon as a server is there',
    })
  }

  async function opened(): Promise<void> {
    assertOpen()
    if (open) return
    await new Promise<void>((resolve, reject) => {
      const go = (): void => {
        clearTimeout(timer)
        hopefuls.delete(go)
        resolve()
      }
      const timer = setTimeout(() => {
        hopefuls.delete(go)
        reject(disconnected())
      }, patience)
      hopefuls.add(go)
    })
    assertOpen()
  }

  async function round(): Promise<void> {
    await opened()
    const before = unconfirmed
    try {
      await client.flush()
      unconfirmed = Math.max(0, unconfirmed - before)
    } catch {
      throw closed ? closedLink(node) : disconnected()
    }
  }

  // One round trip at a time: whoever asks meanwhile shares the next one.
  function confirm(): Promise<void> {
    if (next) return next
    const begin = (): Promise<void> => {
      current = made
      next = null
      return round()
    }
    const made: Promise<void> = current ? current.then(begin, begin) : round()
    if (current) next = made
    else current = made
    const end = (): void => {
      if (current === made) current = null
    }
    made.then(end, end)
    return made
  }

  function shut(): void {
    closed = true
    open = false
    clearTimeout(impatience)
    for (const parcel of [...waiting]) forget(parcel, closedLink(node))
    for (const go of hopefuls) go()
    onStatus({ kind: 'closed' })
  }

  // It comes back for ever, unless the client finds a reason not to.
  void client.closed().then(() => {
    if (!closed) shut()
  })
  void (async () => {
    for await (const status of client.status()) {
      if (status.type === 'disconnect') {
        open = false
        unconfirmed = 0
        onStatus({ kind: 'disconnected', server: status.server })
      } else if (status.type === 'reconnect') {
        onStatus({ kind: 'connected', server: status.server })
        returned()
      } else if (status.type === 'error') {
        const error = serverFailure(status.error)
        onStatus({ kind: 'refused', error })
        if (status.error instanceof errors.PermissionViolationError && status.error.operation === 'publish') {
          for (const watcher of [...watchers]) watcher.denied?.(status.error.subject, error)
        }
      }
    }
  })()

  return {
    client,
    watchers,
    get maxPayload() {
      return client.info?.max_payload ?? CONFIRM_EVERY
    },
    isOpen: () => open,
    send(parcel) {
      assertOpen()
      if (open && unconfirmed <= outboxBytes) return publish(parcel)
      const { length } = parcel.payload
      if (open || waitingBytes + length > outboxBytes) {
        throw new TroupeError('OVERLOADED', `${outboxBytes} bytes of node ${node} already wait for the NATS servers`, {
          where: node,
          hint: 'send less at a time, or raise outboxBytes of nats({ ... })',
        })
      }
      waiting.push({ ...parcel, since: performance.now() })
      waitingBytes += length
      impatience ??= setTimeout(expire, patience)
    },
    confirm,
    async subscribe(subject, hear, queue) {
      assertOpen()
      let denial: Error | undefined
      const subscription = client.subscribe(subject, {
        ...(queue ? { queue } : {}),
        callback(error, message) {
          if (error) denial = error
          else hear(message)
        },
      })
      const leave = (): void => {
        if (!subscription.isClosed()) subscription.unsubscribe()
      }
      try {
        await confirm()
      } catch (error) {
        leave()
        throw error
      }
      if (denial) throw deniedSubject('subscription', subject, denial)
      return leave
    },
    async close() {
      if (closed) return
      shut()
      await client.close()
    },
  }
}
