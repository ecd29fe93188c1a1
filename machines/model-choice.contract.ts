import { z } from 'zod'
import { defineContract } from '../runtime/protocol/contract.ts'
import { modelDecision, modelTask, taskComplexity } from './model-choice.ts'
import { modelRequest } from './model-request.ts'

const count = z.number().int().nonnegative()

/** What a router is asked. */
export const choiceRequest = z.object({
  request: modelRequest,
  /** The models to choose from, in the order in which they are to be tried; null for all that there are. */
  models: z.array(z.string()).readonly().nullable().default(null),
  task: modelTask.nullable().default(null),
  complexity: taskComplexity.nullable().default(null),
  /** What the budget has left. */
  left: z.object({ tokens: count.optional(), nanoUsd: count.optional() }).nullable().default(null),
})

/** The contract of a router of models. */
export const routerContract = defineContract({
  messages: { 'router.choose': { fields: choiceRequest, reply: modelDecision } },
  emits: {
    'router.chosen': z.object({ model: z.string().nullable(), reasons: z.array(z.string()).readonly() }),
  },
})

/** What a router is asked. */
export type ChoiceRequest = z.output<typeof choiceRequest>
