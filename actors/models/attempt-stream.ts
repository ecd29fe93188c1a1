import type { ModelChunk } from '../../machines/model-chunk.ts'
import type { ModelRequest } from '../../machines/model-request.ts'
import { failedCall } from './failed-call.ts'
import { type FailureScope, providerFailure } from './provider-failure.ts'
import { ownNames } from './wire-names.ts'

/**
 * One attempt's chunks with its failures made ours. An SDK ends a stream without a word when it is aborted, and a socket
 * that closes early can look like an end: without a finish there was none. What comes after the finish is read for the
 * sake of the socket, which then serves the next call.
 */
export async function* attemptStream(
  scope: FailureScope,
  request: ModelRequest,
  open: () => AsyncIterable<ModelChunk>,
): AsyncGenerator<ModelChunk> {
  let isFinished = false
  try {
    scope.signal?.throwIfAborted()
    const named = ownNames(request, scope.where)
    for await (const chunk of open()) {
      if (isFinished) continue
      isFinished = chunk.type === 'finish'
      yield named(chunk)
    }
    if (isFinished) return
    throw failedCall('network', `${scope.where}: the answer broke off before its end`, {
      where: scope.where,
      code: 'stream.cut',
    })
  } catch (thrown) {
    if (!isFinished) throw providerFailure(thrown, scope)
  }
}
