import type { Msg, MsgHdrs } from '@nats-io/transport-node'
import { createDeadlineBook, type Due } from './deadline-book.ts'
import { closedLink } from './nats-failure.ts'
import type { NatsWire } from './nats-wire.ts'
import { TroupeError } from '../../runtime/protocol/errors.ts'

/**
 * All requests of a node by one subscription: each has a number, and its answer arrives on a subject that ends with it. No
 * promise, timer or error is made for a request that is answered in time.
 */
export interface RequestMux {
  /** Sends a request, and settles the call once. Returns its number. */
  send(call: MuxCall): number
  /** Settles a call from this side. Says whether it was still open. */
  settle(token: number): boolean
  /** The calls that wait for an answer, the oldest first. */
  readonly open: ReadonlyMap<number, OpenCall>
  close(): void
}

/** A request and what becomes of it: exactly one of its functions is called, unless it is settled from this side. */
export interface MuxCall {
  readonly subject: string
  readonly payload: Uint8Array
  readonly headers?: MsgHdrs
  /** Absolute, in milliseconds since 1970. Without one the caller settles it. */
  readonly deadline?: number
  /** Whether somebody may work on it for long: then its taker is asked about it. */
  readonly lasting?: boolean
  answered(message: Msg): void
  /** Nobody listens on the subject. */
  unheard(): void
  /** Its own deadline has passed. */
  late(): void
  failed(error: TroupeError): void
}

/** A call on its way. */
export interface OpenCall {
  readonly call: MuxCall
  readonly sent: number
  /** How often nobody was found to work on it. */
  missed: number
  readonly due: Due | null
}

/** Makes the mux of a node, listening on `inbox` and one number. Rejects with FORBIDDEN when that is denied. */
export async function createRequestMux(node: string, wire: NatsWire, inbox: string): Promise<RequestMux> {
  const open = new Map<number, OpenCall>()
  const deadlines = createDeadlineBook()
  let tokens = 0

  function take(token: number): OpenCall | undefined {
    const found = open.get(token)
    if (!found) return undefined
    open.delete(token)
    if (found.due) deadlines.remove(found.due)
    return found
  }

  const leave = await wire.subscribe(`${inbox}.*`, (message) => {
    const found = take(Number(message.subject.slice(inbox.length + 1)))
    if (!found) return
    if (message.data.length === 0 && message.headers?.code === 503) found.call.unheard()
    else found.call.answered(message)
  })
  const watcher = {
    denied(subject: string, error: TroupeError) {
      for (const [token, { call }] of open) if (call.subject === subject) take(token)?.call.failed(error)
    },
  }
  wire.watchers.add(watcher)

  return {
    open,
    send(call) {
      const token = ++tokens
      const { subject, payload, headers, deadline } = call
      const due = deadline === undefined ? null : { deadline, late: () => take(token)?.call.late() }
      open.set(token, { call, sent: performance.now(), missed: 0, due })
      if (due) deadlines.add(due)
      try {
        wire.send({
          subject,
          payload,
          reply: `${inbox}.${token}`,
          ...(headers ? { headers } : {}),
          failed: (error) => take(token)?.call.failed(error),
          isOver: () => !open.has(token),
        })
      } catch (error) {
        take(token)?.call.failed(error as TroupeError)
      }
      return token
    },
    settle: (token) => take(token) !== undefined,
    close() {
      wire.watchers.delete(watcher)
      leave()
      deadlines.close()
      const calls = [...open.values()]
      open.clear()
      for (const { call } of calls) call.failed(closedLink(node))
    },
  }
}

/** One request as a promise, for what is not asked often. */
export function muxRequest(mux: RequestMux, request: Omit<MuxCall, keyof Pending>): Promise<Msg> {
  return new Promise((resolve, reject) => {
    const unavailable = (text: string): void =>
      reject(new TroupeError('UNAVAILABLE', text, { where: request.subject, hint: 'try again' }))
    mux.send({
      ...request,
      answered: resolve,
      failed: reject,
      unheard: () => unavailable(`nobody listens on ${request.subject}`),
      late: () => unavailable(`the NATS servers do not answer on ${request.subject}`),
    })
  })
}

type Pending = Pick<MuxCall, 'answered' | 'unheard' | 'late' | 'failed'>
