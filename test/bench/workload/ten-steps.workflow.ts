import { z } from 'zod'
import { defineWorkflow } from '../../../actors/index.ts'
import type { ActorDefinition } from '../../../runtime/index.ts'
import { stepWork } from './step-work.ts'

/** Ten steps one after the other, as a Troupe workflow. */
export function tenStepsWorkflow(durability: 'ephemeral' | 'durable'): ActorDefinition {
  return defineWorkflow('ten-steps', { input: z.number(), durability })
    .step('step0', { run: ({ input }) => stepWork(input) })
    .step('step1', { after: ['step0'], run: ({ results }) => stepWork(results.step0) })
    .step('step2', { after: ['step1'], run: ({ results }) => stepWork(results.step1) })
    .step('step3', { after: ['step2'], run: ({ results }) => stepWork(results.step2) })
    .step('step4', { after: ['step3'], run: ({ results }) => stepWork(results.step3) })
    .step('step5', { after: ['step4'], run: ({ results }) => stepWork(results.step4) })
    .step('step6', { after: ['step5'], run: ({ results }) => stepWork(results.step5) })
    .step('step7', { after: ['step6'], run: ({ results }) => stepWork(results.step6) })
    .step('step8', { after: ['step7'], run: ({ results }) => stepWork(results.step7) })
    .step('step9', { after: ['step8'], run: ({ results }) => stepWork(results.step8) })
    .output(({ results }) => results.step9)
}
