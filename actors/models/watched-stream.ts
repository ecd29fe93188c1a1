import type { LentClock } from '../../runtime/kernel/lent-clock.ts'
import type { TroupeError } from '../../runtime/protocol/errors.ts'
import { cancelledStream } from './failed-call.ts'
import { createStreamAlarm, type StreamDeadlines } from './stream-alarm.ts'

export type { StreamDeadlines } from './stream-alarm.ts'

/** What a stream is watched with. */
export interface WatchOptions {
  readonly clock: LentClock
  readonly deadlines: StreamDeadlines
  /** Aborting it ends the stream at once. */
  readonly signal?: AbortSignal | undefined
  /** What is watched, for errors: `provider/model`. */
  readonly where?: string
}

interface Waiter<T> {
  readonly resolve: (result: IteratorResult<T>) => void
  readonly reject: (reason: unknown) => void
}

const DONE: IteratorResult<never> = { done: true, value: undefined }

/**
 * A stream under three deadlines. `open` is given a signal that is aborted when a deadline passes, when the caller aborts
 * and when the reader stops early: so the socket closes in each case. Only the time in which the reader waits for a chunk
 * counts as a gap.
 */
export function watchStream<T extends { readonly type: string }>(
  open: (signal: AbortSignal) => AsyncIterable<T>,
  options: WatchOptions,
): AsyncIterableIterator<T> {
  const { clock, signal, where = 'a model call' } = options
  const alarm = createStreamAlarm(clock, options.deadlines, where, fail)
  const controller = new AbortController()
  let source: AsyncIterator<T> | null = null
  let waiter: Waiter<T> | null = null
  let failure: TroupeError | null = null
  let over = false

  function stop(): void {
    over = true
    alarm.stop()
    signal?.removeEventListener('abort', cancel)
  }

  function close(reason?: unknown): void {
    stop()
    controller.abort(reason)
    // A generator that still waits would answer only after its socket: nobody waits for it.
    source?.return?.()?.then(undefined, () => {})
  }

  function fail(reason: TroupeError): void {
    if (over) return
    if (alarm.isFinished) return end()
    const waiting = waiter
    waiter = null
    // Who does not wait learns of it with the next chunk that he asks for.
    if (!waiting) failure = reason
    close(reason)
    waiting?.reject(reason)
  }

  // After its finish an answer is whole, however its stream ends.
  function end(): void {
    const waiting = waiter
    waiter = null
    if (!over) close()
    waiting?.resolve(DONE)
  }

  function cancel(): void {
    fail(cancelledStream(signal?.reason, where))
  }

  function deliver(result: IteratorResult<T>): void {
    if (!waiter) return
    if (result.done) {
      // What ended by itself has nothing left to abort.
      stop()
      return end()
    }
    const waiting = waiter
    waiter = null
    alarm.heard(result.value.type)
    waiting.resolve(result)
  }

  function broken(reason: unknown): void {
    const waiting = waiter
    if (!waiting) return
    if (alarm.isFinished) return end()
    waiter = null
    close(reason)
    waiting.reject(reason)
  }

  function start(): AsyncIterator<T> {
    alarm.start()
    signal?.addEventListener('abort', cancel, { once: true })
    source = open(controller.signal)[Symbol.asyncIterator]()
    return source
  }

  return {
    next() {
      if (signal?.aborted && !over) fail(cancelledStream(signal.reason, where))
      if (failure) {
        const reason = failure
        failure = null
        return Promise.reject(reason)
      }
      if (over) return Promise.resolve(DONE)
      return new Promise((resolve, reject) => {
        waiter = { resolve, reject }
        try {
          const from = source ?? start()
          alarm.wait()
          from.next().then(deliver, broken)
        } catch (cause) {
          broken(cause)
        }
      })
    },
    return() {
      if (!over) close()
      return Promise.resolve(DONE)
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}
