import { z } from 'zod'
import type { Probe } from '../bench-case.ts'
import { perSecond } from '../stopwatch.ts'
import { checkSteps, STEPS, stepWork } from '../workload/step-work.ts'
import { mastraWorkflows, runMastra } from './mastra-workflows.ts'

/** Mastra: ten steps one after the other, runs a second. */
export async function mastraTenSteps(): Promise<Probe> {
  const { createStep, createWorkflow } = await mastraWorkflows()
  const value = z.number()
  let workflow = createWorkflow({ id: 'ten-steps', inputSchema: value, outputSchema: value })
  for (let index = 0; index < STEPS; index += 1) {
    const execute = ({ inputData }: { inputData: number }) => stepWork(inputData)
    workflow = workflow.then(createStep({ id: `step-${index}`, inputSchema: value, outputSchema: value, execute }))
  }
  workflow = workflow.commit()
  return {
    check: async () => checkSteps(await runMastra(workflow, 0)),
    sample: perSecond(async (count) => {
      for (let done = 0; done < count; done += 1) await runMastra(workflow, 0)
    }),
  }
}
