import type { ItemOutcome, WorkflowOutput, WorkflowUsage } from '../machines/workflow.contract.ts'
import type { ActorDefinition } from '../runtime/kernel/definition.ts'
import type { Hands } from '../runtime/kernel/hands.ts'
import type { Ref } from '../runtime/kernel/ref.ts'
import { errorValue, isTroupeError } from '../runtime/protocol/errors.ts'
import { isDegraded } from './degraded.ts'

// A step's own timeout decides how long to wait: this only keeps a wait from being for ever.
const FOR_LONG = { timeout: 365 * 86_400_000 }

/** What is spawned for a step or an item. */
export interface ActorOrder {
  readonly definition: ActorDefinition
  readonly key: string
  readonly input: unknown
  readonly usage: ((output: never) => Partial<WorkflowUsage>) | null
}

/** For whom an actor works: a step, or a request. */
export interface ActorSite {
  readonly hands: Pick<Hands, 'spawn'>
  /** False once nobody wants its result any more. */
  open: boolean
  /** The actors at work. */
  actors: Set<Ref> | null
  usage: WorkflowUsage | null
}

/** Spawns an actor and makes an outcome of what it ends with. Never rejects. */
export async function runActor(site: ActorSite, order: ActorOrder): Promise<ItemOutcome> {
  let ref: Ref | null = null
  try {
    ref = (await site.hands.spawn(order.definition, { key: order.key, input: order.input as undefined })) as Ref
    const actors = (site.actors ??= new Set()).add(ref)
    if (!site.open) stopActors(site)
    const output = await ref.result(FOR_LONG)
    actors.delete(ref)
    if (order.usage) addUsage(site, order.usage(output as never))
    return isWorkflow(order.definition) ? ofWorkflow(site, output as WorkflowOutput) : ofResult(output)
  } catch (error) {
    if (ref) site.actors?.delete(ref)
    return ofFailure(error)
  }
}

/** Stops the actors at work for a site. */
export function stopActors(site: ActorSite): void {
  site.open = false
  // One that has ended meanwhile, or is out of reach, cannot be stopped: it is not waited for any more either way.
  for (const ref of site.actors ?? []) ref.stop().catch(() => {})
}

/** Adds to what a site has spent. */
export function addUsage(site: Pick<ActorSite, 'usage'>, { tokens = 0, costUsd = 0 }: Partial<WorkflowUsage>): void {
  site.usage = { tokens: (site.usage?.tokens ?? 0) + tokens, costUsd: (site.usage?.costUsd ?? 0) + costUsd }
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

function ofWorkflow(site: ActorSite, output: WorkflowOutput): ItemOutcome {
  for (const { usage } of output.steps) if (usage) addUsage(site, usage)
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
