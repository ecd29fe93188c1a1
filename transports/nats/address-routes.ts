import type { RequestOptions } from '../../runtime/ports/transport.ts'
import { type Address, parseAddress } from '../../runtime/protocol/address.ts'
import { asTroupeError, TroupeError } from '../../runtime/protocol/errors.ts'
import { holderOf, livingHolder } from './address-claims.ts'
import type { ClaimDirectory } from './claim-directory.ts'
import { createDeadlineBook, type Due } from './deadline-book.ts'
import { decodeNatsFrame, encodeNatsFrame, overhead } from './nats-frame.ts'
import { closedLink, tooLarge } from './nats-failure.ts'
import type { NatsSubjects } from './nats-subjects.ts'
import type { NatsWire } from './nats-wire.ts'
import { type MuxCall, type MuxCaller, muxRequest, type RequestMux } from './request-mux.ts'

/**
 * The way of requests to the node that holds their address, or else to one that hosts its type.
 *
 * Where an address lives is looked up once and remembered, until its node turns a request away or is not there. What is
 * said to an address arrives in the order it was said, whatever happens to the way meanwhile: while it is looked up, all
 * requests to the address stand in one line; and before a line goes to another node than before, the former one has
 * answered a fence, so that everything it turned away is back in the line, at its place.
 */
export interface AddressRoutes {
  request(to: Address, body: Uint8Array, options: RequestOptions): Promise<Uint8Array>
  close(): void
}

/** What routes are found with. */
export interface RouteTools {
  readonly node: string
  readonly wire: NatsWire
  readonly mux: RequestMux
  readonly directory: ClaimDirectory
  readonly subjects: NatsSubjects
  /** Whether this node holds the address. */
  isHere(address: Address): boolean
}

/** The way to one address. */
interface Lane {
  node: string | null
  /** What waits while the way is looked up; null when it is known. */
  line: Request[] | null
}

/** A request from its beginning to its end: as a call on the mux and by its deadline. */
interface Request extends Due, MuxCall {
  readonly order: number
  readonly to: Address
  /** Where it was sent: a node, or null for the hosts of its type. */
  host: string | null
  tries: number
  isOver: boolean
  resolve(answer: Uint8Array): void
  reject(error: TroupeError): void
  /** Stops listening to its signal. */
  readonly leave: (() => void) | null
}

const MOST_LANES = 50_000
const MOST_TRIES = 10
const FENCE_PATIENCE = 1_000

/** Makes the routes of a node, with none known. */
export function createAddressRoutes(tools: RouteTools): AddressRoutes {
  const { node, wire, mux, directory, subjects } = tools
  const lanes = new Map<Address, Lane>()
  const deadlines = createDeadlineBook<Request>((request) => {
    const { to } = request
    fail(request, new TroupeError('TIMEOUT', `${to} did not answer in time`, { where: to }))
  })
  // One for all requests: what each of them carries is data only.
  const caller: MuxCaller<Request> = {
    isLasting: true,
    answered: (request, { data }) => settled(request, data),
    failed: fail,
    unheard(request) {
      if (request.host === null) fail(request, unhosted(request.to))
      else again(request)
    },
  }
  let orders = 0

  function laneOf(to: Address): Lane {
    const known = lanes.get(to)
    if (known) return known
    const lane: Lane = { node: tools.isHere(to) ? node : null, line: null }
    lanes.set(to, lane)
    if (lanes.size > MOST_LANES) forgetOldest(lanes)
    return lane
  }

  function dispatch(request: Request, host: string | null): void {
    if (request.isOver) return
    request.host = host
    request.subject = host === null ? subjects.type(parseAddress(request.to).type) : subjects.node(host)
    mux.send(request)
  }

  /** Ends a request, once. */
  function end(request: Request): boolean {
    if (request.isOver) return false
    request.isOver = true
    deadlines.remove(request)
    mux.settle(request)
    request.leave?.()
    return true
  }

  function fail(request: Request, error: TroupeError): void {
    if (end(request)) request.reject(error)
  }

  function settled(request: Request, bytes: Uint8Array): void {
    try {
      const frame = decodeNatsFrame(bytes)
      if (frame.kind === 'moved') again(request)
      else if (frame.kind === 'error') fail(request, frame.error)
      else if (frame.kind !== 'answer') {
        fail(request, new TroupeError('INVALID_MESSAGE', `a ${frame.kind} is no answer`, { where: request.to }))
      } else if (end(request)) request.resolve(frame.body)
    } catch (error) {
      fail(request, asTroupeError(error))
    }
  }

  /** Puts a request that was turned away back to its place. */
  function again(request: Request): void {
    const { to, host, isOver } = request
    if (isOver) return
    if (++request.tries > MOST_TRIES) return fail(request, unreachable(to, host ?? 'a host of its type'))
    const lane = laneOf(to)
    if (lane.line) {
      const place = lane.line.findIndex(({ order }) => order > request.order)
      lane.line.splice(place < 0 ? lane.line.length : place, 0, request)
    } else if (lane.node !== host && lane.node !== null) {
      // The way has been found again since it was sent.
      dispatch(request, lane.node)
    } else {
      lane.line = [request]
      void find(to, lane, host)
    }
  }

  /** Looks up where an address lives, and sends there what waits for that. */
  async function find(to: Address, lane: Lane, former: string | null): Promise<void> {
    let host: string | null = null
    try {
      host = await lookUp(to, former)
    } catch (error) {
      const line = lane.line ?? []
      lane.line = null
      lanes.delete(to)
      for (const request of line) fail(request, asTroupeError(error))
      return
    }
    const line = lane.line ?? []
    lane.node = host
    lane.line = null
    // That nobody holds it may be otherwise the next moment.
    if (host === null) lanes.delete(to)
    for (const request of line) dispatch(request, host)
  }

  async function lookUp(to: Address, former: string | null): Promise<string | null> {
    for (let tries = 0; ; tries++) {
      const heard = former !== null && (await fence(former))
      const entry = await directory.read(subjects.claim(to))
      const holder = entry && holderOf(entry.text)
      if (!entry || !holder) return null
      if (holder.node !== former) return holder.node
      if (!(await livingHolder(tools, entry))) return null
      // It may be about to give it back, or about to come back.
      if (tries > MOST_TRIES) throw unreachable(to, former)
      await new Promise((resolve) => setTimeout(resolve, 20 * tries))
      if (heard && tries > 0) return former
    }
  }

  async function fence(host: string): Promise<boolean> {
    try {
      const payload = encodeNatsFrame({ kind: 'fence' })
      await muxRequest(mux, { subject: subjects.node(host), payload, patience: FENCE_PATIENCE })
      return true
    } catch {
      return false
    }
  }

  return {
    request(to, body, { deadline, signal }) {
      return new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(aborted(to))
        const size = body.length + overhead(to)
        if (size > wire.maxPayload) return reject(tooLarge(size, wire.maxPayload, to))
        const abort = signal && ((): void => fail(request, aborted(to)))
        const request: Request = {
          order: ++orders,
          to,
          host: null,
          subject: '',
          payload: encodeNatsFrame({ kind: 'request', to, body }),
          headers: null,
          caller: caller as MuxCaller<MuxCall>,
          deadline,
          slot: null,
          place: 0,
          token: 0,
          sent: 0,
          missed: 0,
          tries: 0,
          isOver: false,
          resolve,
          reject,
          leave: abort ? () => signal.removeEventListener('abort', abort) : null,
        }
        deadlines.add(request)
        if (abort) signal.addEventListener('abort', abort)
        const lane = laneOf(to)
        if (lane.line) lane.line.push(request)
        else if (lane.node !== null) dispatch(request, lane.node)
        else {
          lane.line = [request]
          void find(to, lane, null)
        }
      })
    },
    close() {
      for (const request of deadlines.close()) fail(request, closedLink(node))
      lanes.clear()
    },
  }
}

// A lane in which something waits is not forgotten: who comes next would overtake it.
function forgetOldest(lanes: Map<Address, Lane>): void {
  for (const [address, { line }] of lanes) {
    if (line) continue
    lanes.delete(address)
    return
  }
}

function aborted(to: Address): TroupeError {
  return new TroupeError('CANCELLED', `the request to ${to} was aborted`, { where: to })
}

function unhosted(to: Address): TroupeError {
  const { type } = parseAddress(to)
  return new TroupeError('UNAVAILABLE', `no node of the realm hosts '${type}'`, {
    where: to,
    hint: `start a runtime with the '${type}' definition among its actors`,
  })
}

function unreachable(to: Address, host: string): TroupeError {
  return new TroupeError('UNAVAILABLE', `${to} lives on ${host}, which does not take it`, {
    where: to,
    hint: 'try again: the node comes back, or its lease runs out',
  })
}
