import type { LentClock } from '../../runtime/kernel/lent-clock.ts'
import type { TroupeError } from '../../runtime/protocol/errors.ts'
import { cancelledStream } from './failed-call.ts'
import { createStreamAlarm, type StreamDeadlines } from './stream-alarm.ts'

/** A stream that is being heard. */
export interface HeardStream {
  /** Resolves at its end. Rejects with what broke it, with a deadline that passed, and when it was cancelled. */
  readonly end: Promise<void>
  cancel(): void
}

/** What a stream is heard under. */
export interface HearOptions {
  readonly clock: LentClock
  readonly deadlines: StreamDeadlines
  /** What is heard, for errors: `provider/model`. */
  readonly where: string
}

/**
 * Hears a stream to its end, under three deadlines: what `watchStream` is to a reader, this is to a listener, who never
 * keeps the stream waiting. The signal that `open` is given is aborted when a deadline passes and when it is cancelled.
 */
export function hearStream<T extends { readonly type: string }>(
  open: (signal: AbortSignal) => AsyncIterable<T>,
  { clock, deadlines, where }: HearOptions,
  hear: (chunk: T) => void,
): HeardStream {
  const alarm = createStreamAlarm(clock, deadlines, where, fail)
  const controller = new AbortController()
  const { promise: end, resolve, reject } = Promise.withResolvers<void>()
  let source: AsyncIterator<T> | null = null
  let isOver = false

  function pull(from: AsyncIterator<T>): void {
    alarm.wait()
    from.next().then(came, broken)
  }

  function came(result: IteratorResult<T>): void {
    if (isOver) return
    if (result.done) {
      // What ended by itself has nothing left to abort.
      isOver = true
      alarm.stop()
      return resolve()
    }
    try {
      alarm.heard(result.value.type)
      hear(result.value)
      if (!isOver) pull(source as AsyncIterator<T>)
    } catch (cause) {
      broken(cause)
    }
  }

  function close(reason?: unknown): void {
    isOver = true
    alarm.stop()
    controller.abort(reason)
    // A generator that still waits would answer only after its socket: nobody waits for it.
    source?.return?.()?.then(undefined, () => {})
  }

  // After its finish an answer is whole, however its stream ends.
  function broken(reason: unknown): void {
    if (isOver) return
    if (alarm.isFinished) {
      close()
      resolve()
    } else {
      close(reason)
      reject(reason as TroupeError)
    }
  }

  function fail(error: TroupeError): void {
    broken(error)
  }

  try {
    alarm.start()
    source = open(controller.signal)[Symbol.asyncIterator]()
    pull(source)
  } catch (cause) {
    broken(cause)
  }
  return { end, cancel: () => fail(cancelledStream(undefined, where)) }
}
