import { randomUUID } from 'node:crypto'
import { headers } from '@nats-io/transport-node'
import type { Transport, TransportLink, TransportNode } from '../../runtime/ports/transport.ts'
import { TroupeError } from '../../runtime/protocol/errors.ts'
import { type AddressClaims, createAddressClaims } from './address-claims.ts'
import { createAddressRoutes } from './address-routes.ts'
import { createClaimSweep } from './claim-sweep.ts'
import { openClaimDirectory } from './claim-directory.ts'
import { checkServer, ensureDirectory } from './nats-checks.ts'
import { closedLink, connectFailure, tooLarge } from './nats-failure.ts'
import { decodeNatsFrame, encodeNatsFrame } from './nats-frame.ts'
import { natsLogin, natsSettings } from './nats-login.ts'
import type { NatsOptions, NatsSettings } from './nats-options.ts'
import { natsSubjects } from './nats-subjects.ts'
import { type NatsWire, openNatsWire } from './nats-wire.ts'
import { takeNodeLease } from './node-lease.ts'
import { createRequestIntake } from './request-intake.ts'
import { createRequestMux } from './request-mux.ts'
import { createWaitingRequests } from './waiting-requests.ts'

/** How many denied subjects are remembered; the servers deny the others again. */
const MOST_DENIED = 1_000

/**
 * The wire between processes, over NATS: all runtimes that name the same servers and realm reach each other. Each joins
 * with a connection of its own, which comes back by itself. Needs nats-server 2.12 with JetStream.
 *
 * @example
 * const runtime = await createRuntime({ realm: 'acme', transport: nats({ servers: 'localhost:4222' }), actors: [ticket] })
 */
export function nats(options: NatsOptions = {}): Transport {
  const settings = natsSettings(options)
  return {
    name: 'nats',
    async join(node) {
      const login = await natsLogin(options, node.id).catch((error: unknown) => {
        throw connectFailure(error, settings.servers)
      })
      const wire = await openNatsWire(node.id, settings, login)
      try {
        return await joinRealm(node, wire, settings)
      } catch (error) {
        await wire.close()
        throw error
      }
    },
  }
}

async function joinRealm(node: TransportNode, wire: NatsWire, settings: NatsSettings): Promise<TransportLink> {
  const { leaseSeconds, replicas, patience, onStatus } = settings
  const subjects = natsSubjects(node.realm)
  checkServer(wire.client, settings.servers.join(', '))
  await ensureDirectory(wire.client, subjects, replicas)
  const mux = await createRequestMux(node.id, wire, subjects.answers(node.id))
  const directory = openClaimDirectory(mux, subjects.stream, () => ensureDirectory(wire.client, subjects, replicas))
  let claims: AddressClaims | undefined
  const lease = await takeNodeLease(directory, {
    node: node.id,
    subject: subjects.lease(node.id),
    seconds: leaseSeconds,
    newLife: randomUUID,
    lost: () => onStatus({ kind: 'lease-lost' }),
    regained: () => claims?.retakeAll(),
  })
  const lost = (address: Parameters<AddressClaims['take']>[0]): void => onStatus({ kind: 'claim-lost', address })
  const taken = createAddressClaims({ node: node.id, directory, subjects, lease, patience, lost })
  claims = taken
  const isHere: Parameters<typeof createAddressRoutes>[0]['isHere'] = (to) =>
    taken.standing(to) === 'held' || taken.standing(to) === 'claiming'
  const routes = createAddressRoutes({ node: node.id, wire, mux, directory, subjects, isHere })
  const waiting = createWaitingRequests({ node: node.id, wire, mux, subjects }, (leaseSeconds * 1_000) / 3)
  const { vouched } = waiting
  const sweep = createClaimSweep({ directory, subjects, lease }, leaseSeconds)
  const intake = createRequestIntake({ node, wire, subjects, claims: taken, lease, vouched, onStatus })
  const denied = new Map<string, TroupeError>()
  wire.watchers.add({
    returned() {
      denied.clear()
      lease.renew()
    },
    denied(subject, error) {
      if (denied.size >= MOST_DENIED) denied.clear()
      denied.set(subject, error)
    },
  })
  let closed = false

  function assertOpen(): void {
    if (closed) throw closedLink(node.id)
  }

  /** Publishes, and resolves when the servers have it. */
  async function deliver(subject: string, frame: Uint8Array): Promise<void> {
    assertOpen()
    const payload = encodeNatsFrame({ kind: 'post', body: frame })
    if (payload.length > wire.maxPayload) throw tooLarge(payload.length, wire.maxPayload, subject)
    const known = denied.get(subject)
    if (known) throw known
    const { promise, reject } = Promise.withResolvers<never>()
    wire.send({ subject, payload, owner: { failed: (_parcel, error) => reject(error), isOver: () => false } })
    await Promise.race([wire.confirm(), promise])
    const refusal = denied.get(subject)
    if (refusal) throw refusal
  }

  const link: TransportLink = {
    async request(to, frame, options) {
      assertOpen()
      return routes.request(to, frame, options)
    },
    post: (to, frame) => deliver(subjects.node(to), frame),
    publish: (topic, frame) => deliver(subjects.topic(topic), frame),
    async subscribe(topic, listener) {
      assertOpen()
      return wire.subscribe(subjects.topic(topic), ({ subject, data }) => {
        const body = postOf(data, (reason) => onStatus({ kind: 'foreign', subject, reason }))
        if (body) listener(body)
      })
    },
    async claim(address) {
      assertOpen()
      await taken.take(address)
    },
    release: (address) => taken.release(address),
    async close() {
      if (closed) return
      closed = true
      waiting.close()
      sweep.close()
      intake.close()
      routes.close()
      taken.close()
      mux.close()
      giveUp(wire, subjects.lease(node.id), lease.close())
      if (wire.isOpen()) await Promise.race([wire.confirm().catch(() => {}), elapsed(1_000)])
      await wire.close()
    },
  }
  try {
    await intake.open()
    return link
  } catch (error) {
    await link.close()
    throw error
  }
}

/** Takes the lease back: with it go all claims of the node at once. */
function giveUp(wire: NatsWire, subject: string, sequence: number): void {
  if (sequence === 0 || !wire.isOpen()) return
  const condition = headers()
  condition.set('Nats-Expected-Last-Subject-Sequence', String(sequence))
  condition.set('Nats-TTL', '1s')
  wire.send({ subject, payload: new Uint8Array(0), headers: condition })
}

function postOf(data: Uint8Array, foreign: (reason: string) => void): Uint8Array | undefined {
  try {
    const frame = decodeNatsFrame(data)
    if (frame.kind === 'post') return frame.body
    throw new TroupeError('INVALID_MESSAGE', `a ${frame.kind} is no post`)
  } catch (error) {
    foreign(error instanceof Error ? error.message : String(error))
    return undefined
  }
}

function elapsed(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref())
}
