import type { LentClock } from '../../runtime/kernel/lent-clock.ts'
import { type Duration, milliseconds } from '../../runtime/protocol/duration.ts'
import { isTroupeError, type TroupeError } from '../../runtime/protocol/errors.ts'
import { failedCall } from './failed-call.ts'

/** How long a stream may take. What is left out has no limit. */
export interface StreamDeadlines {
  /** Until the first chunk of an answer: what a provider tells of limits and usage is none. */
  readonly firstChunk?: Duration
  /** From the wish for a chunk to the chunk, after the first one. */
  readonly gap?: Duration
  /** From the start to the end. */
  readonly total?: Duration
}

/** What a stream is watched with. */
export interface WatchOptions {
  readonly clock: LentClock
  readonly deadlines: StreamDeadlines
  /** Aborting it ends the stream at once. */
  readonly signal?: AbortSignal | undefined
  /** What is watched, for errors: `provider/model`. */
  readonly where?: string
}

type Limit = 'first chunk' | 'gap' | 'total'

interface Waiter<T> {
  readonly resolve: (result: IteratorResult<T>) => void
  readonly reject: (reason: unknown) => void
}

/** What comes with the headers, before a model has said anything. */
const AHEAD: ReadonlySet<string> = new Set(['limits', 'usage'])

/** How long a stream may take to end after its finish, in milliseconds. */
const LINGER = 1_000

const DONE: IteratorResult<never> = { done: true, value: undefined }
const EVER = Number.POSITIVE_INFINITY

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
  const limitOf = (given: Duration | undefined): number => (given === undefined ? EVER : milliseconds(given))
  const firstChunk = limitOf(options.deadlines.firstChunk)
  const gap = limitOf(options.deadlines.gap)
  const total = limitOf(options.deadlines.total)

  const controller = new AbortController()
  let source: AsyncIterator<T> | null = null
  let waiter: Waiter<T> | null = null
  let failure: TroupeError | null = null
  let over = false
  let isFirst = true
  let isFinished = false
  let startedAt = 0
  let waitingSince = 0
  let alarmAt = EVER
  let cancelAlarm = (): void => {}

  function limit(): number {
    const patience = isFinished ? Math.min(gap, LINGER) : gap
    const due = isFirst ? startedAt + firstChunk : waitingSince + patience
    return Math.min(waiter ? due : EVER, startedAt + total)
  }

  // One alarm for the whole stream: it is set again when it rings, not with each chunk.
  function watch(): void {
    const due = limit()
    if (due >= alarmAt) return
    cancelAlarm()
    alarmAt = due
    cancelAlarm = clock.after(Math.max(0, due - clock.now()), ring)
  }

  function ring(): void {
    alarmAt = EVER
    const now = clock.now()
    if (now < limit()) return watch()
    const isTotal = now >= startedAt + total
    fail(tooLate(isTotal ? 'total' : isFirst ? 'first chunk' : 'gap', where, options.deadlines))
  }

  function stop(): void {
    over = true
    cancelAlarm()
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
    if (isFinished) return end()
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
    fail(cancelled(signal?.reason, where))
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
    const { type } = result.value
    if (type === 'finish') isFinished = true
    if (!AHEAD.has(type)) isFirst = false
    waiting.resolve(result)
  }

  function broken(reason: unknown): void {
    const waiting = waiter
    if (!waiting) return
    if (isFinished) return end()
    waiter = null
    close(reason)
    waiting.reject(reason)
  }

  function start(): AsyncIterator<T> {
    startedAt = clock.now()
    signal?.addEventListener('abort', cancel, { once: true })
    source = open(controller.signal)[Symbol.asyncIterator]()
    return source
  }

  return {
    next() {
      if (signal?.aborted && !over) fail(cancelled(signal.reason, where))
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
          waitingSince = clock.now()
          watch()
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

function tooLate(limit: Limit, where: string, { firstChunk, gap, total }: StreamDeadlines): TroupeError {
  const told: Readonly<Record<Limit, string>> = {
    'first chunk': `no chunk came within ${lengthOf(firstChunk)} of the start`,
    gap: `no chunk came within ${lengthOf(gap)} of the last`,
    total: `the answer was not complete within ${lengthOf(total)}`,
  }
  return failedCall('timeout', `${where}: ${told[limit]}`, { where, code: `deadline.${limit.replace(' ', '_')}` })
}

function lengthOf(duration: Duration | undefined): string {
  return typeof duration === 'number' ? `${duration}ms` : String(duration)
}

function cancelled(reason: unknown, where: string): TroupeError {
  if (isTroupeError(reason)) return reason
  return failedCall('cancelled', `${where}: cancelled by the caller`, { where })
}
