import { fromPromise } from 'xstate'
import { z } from 'zod'
import { defineWorkflow } from '../../../actors/index.ts'
import { type ActorDefinition, createRuntime, defineActor, defineContract } from '../../../runtime/index.ts'
import type { Probe } from '../bench-case.ts'
import { perSecond } from '../stopwatch.ts'
import { checkJoined, ITEMS, itemWork, joinItems } from '../workload/item-work.ts'
import { runTroupe } from './troupe-workflow-run.ts'

/** Troupe: 100 items at once as plain tasks, and their join, runs a second. */
export function troupeFanOutTasks(): Promise<Probe> {
  const workflow = defineWorkflow('fan-out', { input: z.array(z.number()) })
    .map('items', { over: ({ input }) => input, limit: ITEMS.length, run: ({ item }) => itemWork(item) })
    .step('join', {
      after: ['items'],
      run: ({ results }) => joinItems(results.items.map((item) => (item.status === 'done' ? item.value : Number.NaN))),
    })
    .output(({ results }) => results.join)
  return probe(workflow, [workflow])
}

/** Troupe: 100 items at once, each an actor of its own, and their join, runs a second. */
export function troupeFanOutActors(): Promise<Probe> {
  const contract = defineContract({ input: z.number(), output: z.number(), messages: {} })
  const doubler = defineActor({
    type: 'doubler',
    contract,
    logic: fromPromise<number, number>(({ input }) => itemWork(input)),
  })
  const workflow = defineWorkflow('fan-out', { input: z.array(z.number()) })
    .map('items', {
      over: ({ input }) => input,
      limit: ITEMS.length,
      actor: doubler,
      input: ({ item }) => item,
    })
    .step('join', {
      after: ['items'],
      run: ({ results }) => joinItems(results.items.map((item) => (item.status === 'done' ? item.value : Number.NaN))),
    })
    .output(({ results }) => results.join)
  return probe(workflow, [workflow, doubler])
}

async function probe(workflow: ActorDefinition, actors: readonly ActorDefinition[]): Promise<Probe> {
  const runtime = await createRuntime({ actors })
  return {
    check: async () => checkJoined(await runTroupe(runtime, workflow, ITEMS)),
    sample: perSecond(async (count) => {
      for (let done = 0; done < count; done += 1) await runTroupe(runtime, workflow, ITEMS)
    }),
  }
}
