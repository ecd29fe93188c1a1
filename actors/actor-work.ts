import type { ItemOutcome, WorkflowOutput, WorkflowUsage } from '../machines/workflow.contract.ts'
import type { ActorDefinition } from '../runtime/kernel/definition.ts'
import type { Hands } from '../runtime/kernel/hands.ts'
import type { Ref } from '../runtime/kernel/ref.ts'
import { errorValue, isTroupeError, TroupeError } from '../runtime/protocol/errors.ts'
import { isDegraded } from './degraded.ts'

// A step's own timeout decides how long to wait: this only keeps a wait from being for ever.
const FOR_LONG = { timeout: 365 * 86_400_000 }

const NO_REASON = 'it failed and gave no reason'

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
    const { definition, key } = order
    // An actor of somebody else has another input, and may be stopped by whose it is: it is never shared.
    ref = (await site.hands.spawn(definition, { key, input: order.input as undefined, fresh: true })) as Ref
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

/** Adds to what a site has spent. Throws INVALID_MESSAGE for what cannot be counted. */
export function addUsage(site: Pick<ActorSite, 'usage'>, { tokens = 0, costUsd = 0 }: Partial<WorkflowUsage>): void {
  site.usage = {
    tokens: sumOf('tokens', site.usage?.tokens ?? 0, tokens),
    costUsd: sumOf('costUsd', site.usage?.costUsd ?? 0, costUsd),
  }
}

// Code without types may give anything, and a sum is announced: it must be a number that JSON knows.
function sumOf(name: string, before: number, given: unknown): number {
  const sum = before + (typeof given === 'number' && given >= 0 ? given : Number.NaN)
  if (Number.isFinite(sum)) return sum
  const shown = typeof given === 'number' ? `${given}` : `a ${typeof given}`
  throw new TroupeError('INVALID_MESSAGE', `the ${name} spent are ${shown}`, {
    where: `usage.${name}`,
    hint: 'give a finite number from 0',
  })
}

/** The outcome of a value that some work came to. Never throws, whatever the value is. */
export function ofResult(result: unknown): ItemOutcome {
  try {
    if (!isDegraded(result)) return { status: 'done', value: result }
    return { status: 'degraded', value: result.value, reason: textOf(result['troupe.degraded']) }
  } catch (error) {
    return ofFailure(error)
  }
}

// Code without types may have made it anything, and it is announced.
function textOf(reason: unknown): string {
  return String(reason)
}

/** The outcome of a promise, or of what calls itself one. Never rejects. */
export async function ofPromise(result: PromiseLike<unknown>): Promise<ItemOutcome> {
  try {
    return ofResult(await result)
  } catch (error) {
    return ofFailure(error)
  }
}

/** The outcome of work that threw. Never throws: anything may have been thrown. */
export function ofFailure(error: unknown): Extract<ItemOutcome, { status: 'failed' | 'cancelled' }> {
  try {
    const { message } = errorValue(error)
    const final = isTroupeError(error) && !error.retryable
    return { status: 'failed', reason: textOf(message) || NO_REASON, ...(final ? { final } : {}) }
  } catch {
    return { status: 'failed', reason: NO_REASON }
  }
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
