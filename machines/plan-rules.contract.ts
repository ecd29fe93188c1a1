import { z } from 'zod'
import { defineContract } from '../runtime/protocol/contract.ts'

const options = z.record(z.string(), z.unknown())
const left = z.number().nonnegative()
const share = z.number().min(0).max(1)

/** What a planner is asked. */
export const planRequest = z.strictObject({
  /** What the conditions of the rules look at. */
  facts: z.record(z.string(), z.unknown()),
  /** What the tool will be given, for its estimate. Default: the facts. */
  input: z.unknown().optional(),
  /** Options over those of the rule and the tool. */
  options: options.default({}),
  /** Tools not to use now, by name: those whose breaker is open. */
  avoid: z.array(z.string()).default([]),
  /** What is left to spend. */
  budget: z.strictObject({ tokens: left.optional(), costUsd: left.optional() }).default({}),
})

/** A tool and the options it is called with. */
export const plannedTool = z.object({ tool: z.string(), options })

/** What a planner decided. */
export const plan = z.object({
  ...plannedTool.shape,
  /** What to try, in order, after a failure that may pass. */
  fallbacks: z.array(plannedTool),
  /** How many times to ask, where answers are compared. */
  replicates: z.number().int().positive(),
  /** What one execution is expected to take; null where the tool does not say. */
  estimate: z.object({ tokens: z.number().nullable(), costUsd: z.number().nullable(), ms: z.number().nullable() }),
  confidence: share,
  /** The rule that matched; null for the default. */
  rule: z.string().nullable(),
  /** Why it is this and not another, in words. */
  reasons: z.array(z.string()),
})

/** The contract of a planner. */
export const planContract = defineContract({
  messages: { 'planner.plan': { fields: planRequest, reply: plan } },
  emits: { 'planner.planned': z.object({ tool: z.string(), rule: z.string().nullable(), confidence: share }) },
})

/** What a planner is asked, as a caller writes it. */
export type PlanRequest = z.input<typeof planRequest>
/** A tool and the options it is called with. */
export type PlannedTool = z.output<typeof plannedTool>
/** What a planner decided. */
export type Plan = z.output<typeof plan>
