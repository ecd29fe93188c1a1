import { monitorEventLoopDelay } from 'node:perf_hooks'
import { createRuntime } from '../../../runtime/index.ts'
import type { Durability, Probe } from '../bench-case.ts'
import { inFlight } from '../in-flight.ts'
import { checkSteps } from '../workload/step-work.ts'
import { tenStepsWorkflow } from '../workload/ten-steps.workflow.ts'
import { durableJournal } from './durable-journal.ts'
import { runTroupe } from './troupe-workflow-run.ts'

const RUNS = 2_000

/** Troupe: the longest milliseconds but 1 % that the event loop stands still while durable runs append, fifty at a time. */
export async function durableStall(durability: Durability): Promise<Probe> {
  const workflow = tenStepsWorkflow('durable')
  const runtime = await createRuntime({ journal: durableJournal(durability), actors: [workflow] })
  return {
    check: async () => checkSteps(await runTroupe(runtime, workflow, 0)),
    sample: async () => {
      const delays = monitorEventLoopDelay({ resolution: 1 })
      delays.enable()
      await inFlight(RUNS, 50, () => runTroupe(runtime, workflow, 0))
      delays.disable()
      return delays.percentile(99) / 1e6
    },
  }
}
