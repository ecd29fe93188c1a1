import type { ItemOutcome, WorkflowOutput, WorkflowUsage } from '../machines/workflow.contract.ts'
import type { ActorDefinition } from '../runtime/kernel/definition.ts'
import { errorValue, isTroupeError } from '../runtime/protocol/errors.ts'
import { isDegraded } from './degraded.ts'
import { addUsage, type StepJob } from './step-job.ts'

// A step's own timeout decides how long to wait: this only keeps a wait from being for ever.
const LONG = '365d'

/** What is spawned for a step or an item. */
export interface ActorOrder {
  readonly definition: ActorDefinition
  readonly key: string
  readonly input: unknown
  readonly usage: ((output: never) => Partial<WorkflowUsage>) | null
}

/** Spawns an actor for a job and makes an outcome of what it ends with. Never rejects. */
export async function runActor(job: StepJob, order: ActorOrder): Promise<ItemOutcome> {
  try {
    const ref = await job.hands.spawn(order.definition, { key: order.key, input: order.input as undefined })
    if (!job.open) void ref.stop()
    const actors = (job.actors ??= new Set()).add(ref)
    const output = await ref.result({ timeout: LONG }).finally(() => actors.delete(ref))
    if (order.usage) addUsage(job, order.usage(output as never))
    return isWorkflow(order.definition) ? ofWorkflow(job, output as WorkflowOutput) : ofResult(output)
  } catch (error) {
    return ofFailure(error)
  }
}

/** The outcome of a value that some work came to. */
export function ofResult(result: unknown): ItemOutcome {
  if (!isDegraded(result)) return { status: 'done', value: result }
  return { status: 'degraded', value: result.value, reason: result['troupe.degraded'] }
}

/** The outcome of work that threw. */
export function ofFailure(error: unknown): Extract<ItemOutcome, { status: 'failed' | 'cancelled' }> {
  const { message } = errorValue(error)
  const final = isTroupeError(error) && !error.retryable
  return { status: 'failed', reason: message || 'it failed and gave no reason', ...(final ? { final } : {}) }
}

function ofWorkflow(job: StepJob, output: WorkflowOutput): ItemOutcome {
  for (const { usage } of output.steps) if (usage) addUsage(job, usage)
  const reason = output.reason ?? output.status
  if (output.status === 'completed') return { status: 'done', value: output }
  return { status: output.status === 'degraded' ? 'degraded' : 'failed', value: output, reason }
}

function isWorkflow(definition: ActorDefinition): boolean {
  return definition.contract.messages.has('workflow.status')
}

/** True for what must be awaited. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
}
