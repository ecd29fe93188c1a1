import type { AskableOf, Contract, ReplyOf } from '../runtime/protocol/contract.ts'
import type { ActorDefinition } from '../runtime/kernel/definition.ts'
import type { Duration } from '../runtime/protocol/duration.ts'
import type { Replicate, ReplicateAnswer } from './evidence-replicate.ts'

/** What `askReplicate` takes. The number of the replicate counts from 0. */
export interface AskReplicateOptions<Question, C extends Contract, M extends AskableOf<C>> {
  /** Which actor is asked. It has to be there. */
  readonly key: (question: Question, index: number) => string
  readonly message: (question: Question, index: number) => M
  /** Default: the reply is the data. */
  readonly answer?: (reply: ReplyOf<C, M['type']>) => ReplicateAnswer
  /** Default 2 minutes. */
  readonly timeout?: Duration
}

/**
 * A replicate that is the reply of an actor.
 *
 * @example
 * const replicate = askReplicate(expert, { key: (_, index) => `expert-${index}`, message: (text) => ({ type: 'expert.ask', text }) })
 */
export function askReplicate<Question, C extends Contract, const M extends AskableOf<C>>(
  definition: ActorDefinition<C>,
  { key, message, answer, timeout = '2m' }: AskReplicateOptions<Question, C, M>,
): Replicate<Question> {
  return async (index, { question, signal, ref }) => {
    const reply = await ref(definition, key(question, index)).ask(message(question, index), { timeout, signal })
    return answer ? answer(reply) : { data: reply }
  }
}
