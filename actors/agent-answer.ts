import type { AgentResult } from '../machines/agent.contract.ts'
import { TroupeError } from '../runtime/protocol/errors.ts'
import type { StructuredOutput } from './models/structured-output.ts'

/** What a run of an agent came to, however it ended. */
export interface AgentAnswer<Output = unknown> extends Omit<AgentResult, 'output'> {
  /** The value of the agent's schema; null without one, and when the run did not get that far. */
  readonly output: Output | null
}

/** The answer with its value: what travels is JSON, and the schema makes its value of that. */
export async function answerOfRun<Output>(
  result: AgentResult,
  form: StructuredOutput<Output> | null,
): Promise<AgentAnswer<Output>> {
  if (!form || result.output === null) return { ...result, output: null }
  const checked = await form.check(result.text)
  if (checked.ok) return { ...result, output: checked.value }
  const problems = checked.problems.join('; ')
  throw new TroupeError('MODEL_REFUSED', `the answer is not what the agent promises: ${problems}`, {
    where: result.run,
    hint: 'the agent that answered and the one that was asked have different schemas: use one version of both',
  })
}
