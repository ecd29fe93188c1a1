import type { ActorDefinition, Runtime } from '../../../runtime/index.ts'
import type { WorkflowOutput } from '../../../machines/workflow.contract.ts'

/** Runs a workflow to its end and gives its output. */
export async function runTroupe(runtime: Runtime, workflow: ActorDefinition, input: unknown): Promise<unknown> {
  const run = await runtime.spawn(workflow, { input: input as never })
  const { status, reason, output } = (await run.result()) as unknown as WorkflowOutput
  if (status !== 'completed') throw new Error(`The run ended ${status}: ${reason}`)
  return output
}
