import { z } from 'zod'

const at = z.number().nullable()
const seq = z.number().int()
const reason = z.string().nullable()

/** What may be spent. A field that is left out is not limited. */
export const workflowBudget = z.object({
  tokens: z.number().nonnegative().optional(),
  costUsd: z.number().nonnegative().optional(),
  ms: z.number().nonnegative().optional(),
})

/** What was spent. */
export const workflowUsage = z.object({ tokens: z.number(), costUsd: z.number() })

/** How far the items of a map step are. */
export const itemCount = z.object({ done: z.number(), failed: z.number(), total: z.number() })

/** Where a step is: `waiting`, `running` and `retrying` are open, the rest is how it ended. */
export const stepStatus = z.enum([
  'waiting',
  'running',
  'retrying',
  'done',
  'degraded',
  'skipped',
  'failed',
  'cancelled',
])

/** How a run ended. */
export const runStatus = z.enum(['completed', 'degraded', 'failed', 'cancelled'])

/** One step as plain data, for people and for reports. */
export const stepView = z.object({
  name: z.string(),
  description: z.string().nullable(),
  optional: z.boolean(),
  status: stepStatus,
  attempts: z.number().int(),
  startedAt: at,
  endedAt: at,
  reason,
  note: z.string().nullable(),
  budget: workflowBudget.nullable(),
  usage: workflowUsage.nullable(),
  items: itemCount.nullable(),
})

/** What `workflow.status` is answered with. */
export const workflowView = z.object({
  status: z.enum(['running', ...runStatus.options]),
  reason,
  startedAt: at,
  /** The number of the last event the run emitted. */
  seq,
  steps: z.array(stepView),
})

/** The messages every workflow takes. */
export const WORKFLOW_MESSAGES = {
  'workflow.cancel': { fields: z.object({ reason: z.string().optional() }) },
  'workflow.status': { reply: workflowView },
} as const

const step = z.object({ seq, step: z.string() })
const ended = step.extend({ startedAt: at, endedAt: at, attempts: z.number().int(), usage: workflowUsage.nullable() })

/** The events every workflow emits; `seq` counts them through the run. */
export const WORKFLOW_EVENTS = {
  'workflow.started': z.object({ seq, startedAt: at }),
  'step.started': step.extend({ attempt: z.number().int() }),
  'step.progress': step.extend({
    items: itemCount.nullable(),
    note: z.string().nullable(),
    usage: workflowUsage.nullable(),
  }),
  'step.retrying': step.extend({ attempt: z.number().int(), reason: z.string(), delay: z.number() }),
  'step.completed': ended,
  'step.degraded': ended.extend({ reason: z.string() }),
  'step.skipped': step.extend({ reason: z.string() }),
  'step.failed': ended.extend({ reason: z.string() }),
  'workflow.completed': z.object({ seq, status: runStatus, reason, endedAt: at }),
} as const

/** What may be spent on a run or a step. */
export type WorkflowBudget = z.output<typeof workflowBudget>
/** What a step reported to have spent. */
export type WorkflowUsage = z.output<typeof workflowUsage>
/** How far the items of a map step are. */
export type ItemCount = z.output<typeof itemCount>
/** Where a step is. */
export type StepStatus = z.output<typeof stepStatus>
/** How a run ended. */
export type RunStatus = z.output<typeof runStatus>
/** One step as plain data. */
export type StepView = z.output<typeof stepView>
/** A run as plain data. */
export type WorkflowView = z.output<typeof workflowView>

/** What became of one item of a map step. */
export type ItemOutcome<Value = unknown> =
  | { readonly status: 'done'; readonly value: Value }
  | { readonly status: 'degraded'; readonly value: Value; readonly reason: string }
  | {
      readonly status: 'failed' | 'cancelled'
      readonly reason: string
      readonly value?: Value
      /** Set when another attempt cannot do better. */
      readonly final?: true
    }

/** What a workflow actor ends with, however the run went: what was finished is never lost. */
export interface WorkflowOutput<Results = Readonly<Record<string, unknown>>, Output = unknown> {
  readonly status: RunStatus
  readonly reason: string | null
  readonly results: Results
  readonly steps: readonly StepView[]
  /** What the workflow's `output` made of the results; only of a run that completed, degraded or not. */
  readonly output?: Output
  readonly startedAt: number | null
  readonly endedAt: number | null
}
