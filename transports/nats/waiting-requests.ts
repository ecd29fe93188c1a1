import { TroupeError } from '../../runtime/protocol/errors.ts'
import { encodeNatsFrame } from './nats-frame.ts'
import type { NatsSubjects } from './nats-subjects.ts'
import type { NatsWire } from './nats-wire.ts'
import type { RequestMux } from './request-mux.ts'

/**
 * Asks after requests that wait for long. A request or its answer may be lost with a connection, and whoever works on it
 * with its process, while its deadline is an hour away. So all nodes are asked now and then which of them they work on;
 * those that nobody works on, several times in a row, fail. A request that is answered soon costs nothing of this.
 */
export interface WaitingRequests {
  /** Somebody works on them. */
  vouched(tokens: readonly number[]): void
  close(): void
}

/** This often in a row nobody has to be found: one's own standing still counts once. */
const MOST_MISSED = 3
const AT_A_TIME = 5_000

/** Asks after the requests of a node that are older than the interval, once an interval. */
export function createWaitingRequests(
  { node, wire, mux, subjects }: { node: string; wire: NatsWire; mux: RequestMux; subjects: NatsSubjects },
  interval: number,
): WaitingRequests {
  function ask(): void {
    if (!wire.isOpen()) return
    const before = performance.now() - interval
    let tokens: number[] = []
    const send = (): void => {
      if (tokens.length > 0) {
        wire.send({ subject: subjects.everyone, payload: encodeNatsFrame({ kind: 'probe', asker: node, tokens }) })
      }
      tokens = []
    }
    try {
      for (const call of mux.calls()) {
        if (call.sent > before || !call.caller.isLasting) continue
        if (call.missed++ >= MOST_MISSED) {
          if (mux.settle(call)) call.caller.failed(call, lost(call.subject))
        } else if (tokens.push(call.token) === AT_A_TIME) send()
      }
      send()
    } catch {
      // What cannot be asked now is asked the next time.
    }
  }

  const timer = setInterval(ask, interval)
  timer.unref()
  return {
    vouched(tokens) {
      for (const token of tokens) {
        const call = mux.call(token)
        if (call) call.missed = 0
      }
    },
    close: () => clearInterval(timer),
  }
}

function lost(subject: string): TroupeError {
  return new TroupeError('UNAVAILABLE', 'the request, its answer or the node that worked on it was lost', {
    where: subject,
    hint: 'it may have been done or not: ask again if it can be repeated',
  })
}
