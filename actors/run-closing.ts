import type { Closing } from '../machines/workflow-changes.ts'
import { viewSteps, type WorkflowContext } from '../machines/workflow-context.ts'
import type { WorkflowPlan } from '../machines/workflow-step.ts'
import type { Clock } from '../runtime/ports/clock.ts'
import { ofFailure } from './actor-work.ts'
import type { WorkflowBodies } from './step-body.ts'

/** Makes the output of a run that went well, and tells the time at which it closed. Never rejects. */
export async function closeRun(
  plan: WorkflowPlan,
  { output }: WorkflowBodies,
  context: WorkflowContext,
  clock: Pick<Clock, 'now'>,
): Promise<Closing> {
  const { status, input, results } = context
  if (!output || (status !== 'completed' && status !== 'degraded')) return { at: clock.now() }
  try {
    const value = await output({ input, results, steps: viewSteps(plan, context) })
    return { at: clock.now(), output: value }
  } catch (error) {
    return { at: clock.now(), reason: ofFailure(error).reason }
  }
}
