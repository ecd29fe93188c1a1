import { z } from 'zod'
import type { Probe } from '../bench-case.ts'
import { perSecond } from '../stopwatch.ts'
import { checkJoined, ITEMS, itemWork, joinItems } from '../workload/item-work.ts'
import { mastraWorkflows, runMastra } from './mastra-workflows.ts'

/** Mastra: 100 items at once and their join, runs a second. */
export async function mastraFanOut(): Promise<Probe> {
  const { createStep, createWorkflow } = await mastraWorkflows()
  const number = z.number()
  const numbers = z.array(number)
  const item = createStep({
    id: 'item',
    inputSchema: number,
    outputSchema: number,
    execute: ({ inputData }: { inputData: number }) => itemWork(inputData),
  })
  const join = createStep({
    id: 'join',
    inputSchema: numbers,
    outputSchema: number,
    execute: async ({ inputData }: { inputData: number[] }) => joinItems(inputData),
  })
  const workflow = createWorkflow({ id: 'fan-out', inputSchema: numbers, outputSchema: number })
    .foreach(item, { concurrency: ITEMS.length })
    .then(join)
    .commit()
  return {
    check: async () => checkJoined(await runMastra(workflow, ITEMS)),
    sample: perSecond(async (count) => {
      for (let done = 0; done < count; done += 1) await runMastra(workflow, ITEMS)
    }),
  }
}
