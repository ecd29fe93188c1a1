import type { z } from 'zod'
import { loadPeer } from '../load-peer.ts'

interface StepOptions {
  readonly id: string
  readonly inputSchema: z.ZodType
  readonly outputSchema: z.ZodType
  readonly execute: (call: { readonly inputData: never }) => Promise<unknown>
}

/** A workflow of Mastra, as far as it is used here. */
export interface MastraWorkflow {
  then(step: object): MastraWorkflow
  foreach(step: object, options: { readonly concurrency: number }): MastraWorkflow
  commit(): MastraWorkflow
  createRun(): Promise<{ start(options: { readonly inputData: unknown }): Promise<MastraOutcome> }>
}

interface MastraOutcome {
  readonly status: string
  readonly result?: unknown
}

interface MastraModule {
  readonly createStep: (options: StepOptions) => object
  readonly createWorkflow: (options: Omit<StepOptions, 'execute'>) => MastraWorkflow
}

/** Loads Mastra's workflows. */
export function mastraWorkflows(): Promise<MastraModule> {
  return loadPeer('@mastra/core/workflows')
}

/** Runs a workflow once and gives its result. */
export async function runMastra(workflow: MastraWorkflow, inputData: unknown): Promise<unknown> {
  const run = await workflow.createRun()
  const outcome = await run.start({ inputData })
  if (outcome.status !== 'success') throw new Error(`Mastra's run ended as ${outcome.status}, not with success.`)
  return outcome.result
}
