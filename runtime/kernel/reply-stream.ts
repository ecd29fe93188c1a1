import { TroupeError } from '../protocol/errors.ts'

/** The chunks of a streamed reply, in order, and the reply itself. Leaving the loop early cancels the ask. */
export interface ReplyStream<Chunk, Reply> extends AsyncIterable<Chunk> {
  /** Settles when the stream ends, whether or not the chunks were read. */
  readonly reply: Promise<Reply>
}

// A reader that is so far behind has stopped reading.
const CAPACITY = 10_000

/** Makes a stream over an ask that `open` starts. */
export function createReplyStream<Chunk, Reply>(
  outer: AbortSignal | undefined,
  open: (signal: AbortSignal, chunked: (value: unknown) => void) => Promise<unknown>,
): ReplyStream<Chunk, Reply> {
  const controller = new AbortController()
  const signal = outer ? AbortSignal.any([outer, controller.signal]) : controller.signal
  const buffer: Chunk[] = []
  let fault: unknown
  let ended = false
  let wake: () => void = () => {}

  const reply = open(signal, (value) => {
    if (buffer.length >= CAPACITY) {
      fault ??= new TroupeError('OVERLOADED', `${CAPACITY} chunks of a stream wait to be read`, {
        hint: 'read them as they come, or ask without stream',
      })
      controller.abort()
    } else buffer.push(value as Chunk)
    wake()
  }).finally(() => {
    ended = true
    wake()
  }) as Promise<Reply>
  // A reader of the chunks gets the error there: an unread `reply` must not end the process.
  reply.catch(() => {})

  async function* read(): AsyncGenerator<Chunk, void> {
    try {
      for (;;) {
        while (buffer.length > 0) yield buffer.shift() as Chunk
        if (fault !== undefined) throw fault
        if (ended) break
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
      await reply
    } finally {
      if (!ended) controller.abort()
    }
  }

  return { reply, [Symbol.asyncIterator]: read }
}
