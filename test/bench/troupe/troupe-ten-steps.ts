import { createRuntime } from '../../../runtime/index.ts'
import type { Probe } from '../bench-case.ts'
import { perSecond } from '../stopwatch.ts'
import { checkSteps } from '../workload/step-work.ts'
import { tenStepsWorkflow } from '../workload/ten-steps.workflow.ts'
import { runTroupe } from './troupe-workflow-run.ts'

/** Troupe: ten steps one after the other, runs a second. */
export async function troupeTenSteps(): Promise<Probe> {
  const workflow = tenStepsWorkflow('ephemeral')
  const runtime = await createRuntime({ actors: [workflow] })
  return {
    check: async () => checkSteps(await runTroupe(runtime, workflow, 0)),
    sample: perSecond(async (count) => {
      for (let done = 0; done < count; done += 1) await runTroupe(runtime, workflow, 0)
    }),
  }
}
