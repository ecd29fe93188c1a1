import type { Msg, MsgHdrs } from '@nats-io/transport-node'
import { TroupeError } from '../../runtime/protocol/errors.ts'
import { closedLink } from './nats-failure.ts'
import type { NatsWire, Parcel, ParcelOwner } from './nats-wire.ts'

/**
 * All requests of a node by one subscription: each has a number, and its answer arrives on a subject that ends with it. A
 * request is one plain object from its beginning to its end, in a slot of an array. No timer, error or closure is made for
 * it: with those, the young collector stood still for 15 ms at a time under load.
 */
export interface RequestMux {
  /** Sends a request. Its caller hears of it once, unless it is settled from this side. */
  send(call: MuxCall): void
  /** Settles a call from this side. Says whether it was still open. */
  settle(call: MuxCall): boolean
  /** The open call of a number. */
  call(token: number): MuxCall | undefined
  /** All open calls. */
  calls(): MuxCall[]
  close(): void
}

/** A request on its way. */
export interface MuxCall {
  subject: string
  readonly payload: Uint8Array
  readonly headers: MsgHdrs | null
  readonly caller: MuxCaller<MuxCall>
  /** Its number while it is open, else 0. */
  token: number
  /** When it was sent, by the monotonic clock. */
  sent: number
  /** How often nobody was found to work on it. */
  missed: number
}

/** What becomes of a request: exactly one of these. */
export interface MuxCaller<T> {
  answered(call: T, message: Msg): void
  /** Nobody listens on the subject. */
  unheard(call: T): void
  failed(call: T, error: TroupeError): void
  /** Set where somebody may work on it for long: then the nodes are asked about it. */
  readonly isLasting?: boolean
}

/** Slots of the array; what is above them in a number tells one use of a slot from the next. */
const SLOTS = 2 ** 22

/** Makes the mux of a node, listening on `inbox` and one number. Rejects with FORBIDDEN when that is denied. */
export async function createRequestMux(node: string, wire: NatsWire, inbox: string): Promise<RequestMux> {
  const slots: (MuxCall | undefined)[] = []
  const free: number[] = []
  let uses = 0

  function find(token: number): MuxCall | undefined {
    const call = slots[token % SLOTS]
    return call?.token === token ? call : undefined
  }

  function settle(call: MuxCall): boolean {
    const { token } = call
    if (token === 0) return false
    call.token = 0
    slots[token % SLOTS] = undefined
    free.push(token % SLOTS)
    return true
  }

  const leave = await wire.subscribe(`${inbox}.*`, (message) => {
    const call = find(Number(message.subject.slice(inbox.length + 1)))
    if (!call) return
    settle(call)
    if (message.data.length === 0 && message.headers?.code === 503) call.caller.unheard(call)
    else call.caller.answered(call, message)
  })
  const callOf = ({ reply = '' }: Parcel): MuxCall | undefined => find(Number(reply.slice(inbox.length + 1)))
  const owner: ParcelOwner = {
    failed(parcel, error) {
      const call = callOf(parcel)
      if (call && settle(call)) call.caller.failed(call, error)
    },
    isOver: (parcel) => callOf(parcel) === undefined,
  }
  const watcher = {
    denied(subject: string, error: TroupeError) {
      for (const call of calls()) if (call.subject === subject && settle(call)) call.caller.failed(call, error)
    },
  }
  wire.watchers.add(watcher)

  function calls(): MuxCall[] {
    return slots.filter((call) => call !== undefined)
  }

  return {
    call: find,
    calls,
    settle,
    send(call) {
      const { subject, payload } = call
      const slot = free.pop() ?? slots.length
      const token = slot + SLOTS * ++uses
      call.token = token
      call.sent = performance.now()
      call.missed = 0
      slots[slot] = call
      try {
        const reply = `${inbox}.${token}`
        wire.send(
          call.headers ? { subject, payload, reply, headers: call.headers, owner } : { subject, payload, reply, owner },
        )
      } catch (error) {
        if (settle(call)) call.caller.failed(call, error as TroupeError)
      }
    },
    close() {
      wire.watchers.delete(watcher)
      leave()
      for (const call of calls()) if (settle(call)) call.caller.failed(call, closedLink(node))
    },
  }
}

/** One request as a promise, for what is not asked often. */
export function muxRequest(mux: RequestMux, { subject, payload, headers, patience }: MuxRequest): Promise<Msg> {
  return new Promise((resolve, reject) => {
    const unavailable = (text: string): void =>
      reject(new TroupeError('UNAVAILABLE', text, { where: subject, hint: 'try again' }))
    const timer = setTimeout(() => {
      if (mux.settle(call)) unavailable(`the NATS servers do not answer on ${subject}`)
    }, patience)
    const settled = (finish: () => void): void => {
      clearTimeout(timer)
      finish()
    }
    const caller: MuxCaller<MuxCall> = {
      answered: (_call, message) => settled(() => resolve(message)),
      unheard: () => settled(() => unavailable(`nobody listens on ${subject}`)),
      failed: (_call, error) => settled(() => reject(error)),
    }
    const call: MuxCall = { subject, payload, headers: headers ?? null, caller, token: 0, sent: 0, missed: 0 }
    mux.send(call)
  })
}

/** A request of its own patience, in milliseconds. */
export interface MuxRequest {
  readonly subject: string
  readonly payload: Uint8Array
  readonly headers?: MsgHdrs
  readonly patience: number
}
