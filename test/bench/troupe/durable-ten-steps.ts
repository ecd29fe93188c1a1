import { createRuntime } from '../../../runtime/index.ts'
import type { Durability, Probe } from '../bench-case.ts'
import { inFlight } from '../in-flight.ts'
import { checkSteps } from '../workload/step-work.ts'
import { tenStepsWorkflow } from '../workload/ten-steps.workflow.ts'
import { durableJournal } from './durable-journal.ts'
import { runTroupe } from './troupe-workflow-run.ts'

/** Troupe: ten durable steps one after the other, so many runs at a time; runs a second. */
export async function durableTenSteps(durability: Durability, count: number, atOnce: number): Promise<Probe> {
  const workflow = tenStepsWorkflow('durable')
  const runtime = await createRuntime({ journal: durableJournal(durability), actors: [workflow] })
  return {
    check: async () => checkSteps(await runTroupe(runtime, workflow, 0)),
    sample: () => inFlight(count, atOnce, () => runTroupe(runtime, workflow, 0)),
  }
}
