import type { AgentChunk, AgentResult } from '../machines/agent.contract.ts'
import type { ReplyStream } from '../runtime/kernel/reply-stream.ts'
import { isTroupeError } from '../runtime/protocol/errors.ts'
import { type AgentAnswer, answerOfRun } from './agent-answer.ts'
import type { StructuredOutput } from './models/structured-output.ts'

/** A run as it comes: texts, tool calls and their ends, questions. */
export interface AgentStream<Output> extends AsyncIterable<AgentChunk> {
  /** Resolves when the run has ended, however it did, as `generate` does; also when its pieces were left or not read. */
  readonly answer: Promise<AgentAnswer<Output>>
}

/** What a stream does when it is left, and when it is over. */
export interface StreamEnds {
  cancel(): void
  stopListening(): void
}

/** Follows a run. */
export function followRun<Output>(
  following: ReplyStream<AgentChunk, AgentResult>,
  form: StructuredOutput<Output> | null,
  { cancel, stopListening }: StreamEnds,
): AgentStream<Output> {
  const answer = following.reply.finally(stopListening).then((result) => answerOfRun(result, form))
  // Who reads the pieces gets the error there.
  answer.catch(() => {})

  async function* read(): AsyncGenerator<AgentChunk, void> {
    // Not by a loop over it: leaving that would give up the answer as well.
    const pieces = following[Symbol.asyncIterator]()
    let isLeft = false
    try {
      for (let piece = await pieces.next(); !piece.done; piece = await pieces.next()) {
        isLeft = true
        yield piece.value
        isLeft = false
      }
      await answer
    } catch (error) {
      // With CONFLICT it is another's run that has this key.
      if (!isTroupeError(error, 'CONFLICT')) cancel()
      throw error
    } finally {
      if (isLeft) {
        cancel()
        void readOut(pieces)
      }
    }
  }

  return { answer, [Symbol.asyncIterator]: read }
}

// Pieces that nobody reads must not pile up until the run is cancelled.
async function readOut(pieces: AsyncIterator<AgentChunk>): Promise<void> {
  try {
    while (!(await pieces.next()).done);
  } catch {
    // Who waits for the answer gets the error there.
  }
}
