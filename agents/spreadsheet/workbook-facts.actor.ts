import { setup } from 'xstate'
import { z } from 'zod'
import { type ContractTypes, defineActor, defineContract } from '../../runtime/index.ts'
import type { DeterministicAnalysis } from './phases/deterministic-analysis.ts'

const isAnalysis = (value: unknown): boolean => typeof value === 'object' && value !== null && 'integrity' in value
const analysis = z.custom<DeterministicAnalysis>(isAnalysis, 'what the deterministic analysis found is expected')

const contract = defineContract({ input: analysis, messages: {}, output: analysis })
type Types = ContractTypes<typeof contract>
interface Begun {
  readonly input: DeterministicAnalysis
}

/**
 * What the deterministic analysis of a durable run found, written down once, under the key of its run. The run is written
 * at every step and must stay small.
 */
export const workbookFacts = defineActor({
  type: 'workbook-facts',
  contract,
  durability: 'durable',
  logic: setup({ types: {} as Types }).createMachine({
    id: 'workbook-facts',
    initial: 'kept',
    // It ends as it begins: the event that brings its input is its only one.
    states: { kept: { type: 'final', output: ({ event }) => (event as unknown as Begun).input } },
    output: ({ event }) => event.output as DeterministicAnalysis,
  }),
})
