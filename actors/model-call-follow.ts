import type { CallChunk, modelCallContract } from '../machines/model-call.contract.ts'
import type { Ref } from '../runtime/kernel/ref.ts'
import { isTroupeError } from '../runtime/protocol/errors.ts'
import type { ModelCallAnswer } from './model-call-answer.ts'

/** An answer as it comes. */
export interface ModelCallStream<T> extends AsyncIterable<CallChunk> {
  /** Settles when the call has ended, whether or not its pieces were read. */
  readonly result: Promise<ModelCallAnswer<T>>
}

/** A call that has been started. */
export interface OpenCall<T> {
  readonly ref: Ref<typeof modelCallContract>
  readonly result: Promise<ModelCallAnswer<T>>
  cancel(): void
}

/** The longest that anybody waits for a call. */
export const LONGEST_CALL = '1d'

/** Streams a call that is being started. Who stops reading before the end cancels it. */
export function followCall<T>(opening: Promise<OpenCall<T>>): ModelCallStream<T> {
  const following = opening.then(({ ref }) => ref.stream({ type: 'call.follow' }, { timeout: LONGEST_CALL }))
  const result = opening.then((call) => call.result)
  // Who reads the pieces gets the error there.
  for (const promise of [following, result]) promise.catch(() => {})

  async function* read(): AsyncGenerator<CallChunk, void> {
    const call = await opening
    let heard = false
    let isOver = false
    try {
      try {
        for await (const piece of await following) {
          heard = true
          yield piece
        }
      } catch (error) {
        // A call that ended before it could be followed has its answer whole.
        if (!isTroupeError(error, 'NOT_FOUND') && !isTroupeError(error, 'REJECTED')) throw error
      }
      isOver = true
      const { text } = await call.result
      if (!heard && text !== '') yield { type: 'text', text }
    } finally {
      if (!isOver) call.cancel()
    }
  }

  return { result, [Symbol.asyncIterator]: read }
}
