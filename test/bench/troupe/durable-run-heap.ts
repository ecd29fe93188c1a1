import { createRuntime } from '../../../runtime/index.ts'
import { sqlite } from '../../../transports/sqlite/index.ts'
import type { Probe } from '../bench-case.ts'
import { collectGarbage } from '../collect-garbage.ts'
import { inFlight } from '../in-flight.ts'
import { checkSteps } from '../workload/step-work.ts'
import { tenStepsWorkflow } from '../workload/ten-steps.workflow.ts'
import { durableJournal, journalPath } from './durable-journal.ts'
import { bytesOf, liveBytes } from './durable-journal-size.ts'
import { runTroupe } from './troupe-workflow-run.ts'

const AT_ONCE = 50

/** Troupe: bytes of heap after so many durable runs, fifty at a time. */
export async function durableRunHeap(runs: number): Promise<Probe> {
  const workflow = tenStepsWorkflow('durable')
  return {
    check: async () => {
      const runtime = await createRuntime({ journal: durableJournal('D2'), actors: [workflow] })
      checkSteps(await runTroupe(runtime, workflow, 0))
      await runtime.stop()
    },
    sample: async () => {
      const runtime = await createRuntime({ journal: durableJournal('D2'), actors: [workflow] })
      await inFlight(runs, AT_ONCE, () => runTroupe(runtime, workflow, 0))
      collectGarbage()
      const { heapUsed } = process.memoryUsage()
      await runtime.stop()
      return heapUsed
    },
  }
}

/** Troupe: bytes of a journal after so many durable runs, or of the records in it. */
export async function durableRunStorage(runs: number, size: 'file' | 'records'): Promise<Probe> {
  const workflow = tenStepsWorkflow('durable')
  const after = async (count: number): Promise<number> => {
    const path = journalPath()
    const runtime = await createRuntime({ journal: sqlite(path), actors: [workflow] })
    await inFlight(count, AT_ONCE, async () => checkSteps(await runTroupe(runtime, workflow, 0)))
    await runtime.stop()
    return size === 'file' ? bytesOf(path) : liveBytes(path)
  }
  return { check: async () => void (await after(1)), sample: () => after(runs) }
}
