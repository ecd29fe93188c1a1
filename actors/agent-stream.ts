import type { AgentChunk, AgentResult } from '../machines/agent.contract.ts'
import type { ReplyStream } from '../runtime/kernel/reply-stream.ts'
import { type AgentAnswer, answerOfRun } from './agent-answer.ts'
import type { StructuredOutput } from './models/structured-output.ts'

/** A run as it comes: texts, tool calls and their ends, questions. */
export interface AgentStream<Output> extends AsyncIterable<AgentChunk> {
  /** Settles when the run has ended, whether or not its pieces were read. */
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
    let isOver = false
    try {
      for await (const chunk of following) yield chunk
      isOver = true
      await answer
    } finally {
      if (!isOver) cancel()
    }
  }

  return { answer, [Symbol.asyncIterator]: read }
}
