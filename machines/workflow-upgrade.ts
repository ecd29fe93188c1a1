import type { TimerRecord } from '../runtime/protocol/record.ts'
import { type Carried, carryOver } from './workflow-carrying.ts'
import { hasEnded, type StepRecord, type WorkflowContext } from './workflow-context.ts'
import { bringUpTimers } from './workflow-delays.ts'
import { placeRun } from './workflow-placement.ts'
import type { WorkflowPlan } from './workflow-step.ts'

/**
 * Runs of an earlier list of steps, brought up to a plan. What the run knows of each step decides, by the step's name: what
 * has ended is not done again, what is at work goes on, what is new waits for its turn. So the chart may have been laid out
 * in any way before.
 *
 * A step never goes ahead without what it comes after. That cannot be made good for a step that has begun: a new step
 * before it would have to run after it. Such a change is refused, and so is one that takes away a step at work.
 */

/** A run as its record has it. */
export interface StoredRun {
  readonly context: unknown
  readonly timers: readonly TimerRecord[]
  /** The version that wrote it; null where a migration has brought it to this one. */
  readonly version: string | null
}

/** What a run is brought up to. */
export interface RunUpgrade {
  readonly plan: WorkflowPlan
  readonly version: string
  /** New names of steps, by the old ones. */
  readonly renamed: Readonly<Record<string, string>>
  readonly now: number
}

/** A run as the chart of a plan can go on with it. */
export interface UpgradedRun {
  readonly value: unknown
  readonly context: WorkflowContext
  readonly timers: readonly TimerRecord[]
}

/** Why a run cannot go on with a plan. */
export interface RunObstacle {
  readonly kind: 'step' | 'version' | 'migration'
  readonly name: string
  readonly fault: string
  readonly hint: string
}

/** Brings a run up to a plan, or says all that stands in the way. */
export function upgradeRun(run: StoredRun, upgrade: RunUpgrade): UpgradedRun | readonly RunObstacle[] {
  const { plan, version, renamed, now } = upgrade
  const old = run.context
  if (!isMemory(old)) return [noMemory()]
  const isRenamed = (name: string): boolean =>
    Object.hasOwn(renamed, name) && !Object.hasOwn(old.steps, renamed[name] as string)
  const carried = carryOver(plan, old, (name) => (isRenamed(name) ? (renamed[name] as string) : name))
  const obstacles = [
    ...(run.version !== null && old.past?.includes(version) ? [leftBehind(version, run.version)] : []),
    ...underWayObstacles(plan, old, isRenamed),
    ...orderObstacles(plan, carried),
    ...failureObstacles(carried),
  ]
  if (obstacles.length > 0) return obstacles
  const { context } = carried
  const { value, steps } = placeRun(plan, context)
  const timers = bringUpTimers(plan, { context, timers: run.timers, steps, now })
  return { value, context: run.version === null ? context : { ...context, past: pastOf(old, run.version) }, timers }
}

const WAIT = 'or let these runs end with the version that began them'

// Its idempotency key and the addresses of its actors have its name in them.
function underWayObstacles(
  plan: WorkflowPlan,
  { steps }: WorkflowContext,
  isRenamed: (name: string) => boolean,
): RunObstacle[] {
  const underWay = Object.keys(steps).filter((name) => isUnderWay(steps[name]))
  return underWay.flatMap((name): RunObstacle[] => {
    if (isRenamed(name)) {
      const fault = `the step '${name}' is under way, and cannot get another name while it is`
      return [{ kind: 'step', name, fault, hint: `keep its name in this version, ${WAIT}` }]
    }
    if (plan.byName.has(name)) return []
    const fault = `the step '${name}' is under way, and the workflow does not have it any more`
    return [{ kind: 'step', name, fault, hint: `keep it until no run is in it, ${WAIT}` }]
  })
}

function orderObstacles(plan: WorkflowPlan, { context: { steps }, known, blocked }: Carried): RunObstacle[] {
  const hasEndedAs = (name: string): boolean => hasEnded(steps[name]?.status ?? 'waiting')
  const found = new Map<string, RunObstacle>()
  for (const { name, after } of plan.steps) {
    const status = steps[name]?.status ?? 'waiting'
    const wasNeverTried = status === 'skipped' && blocked.has(name)
    if (status === 'waiting' || wasNeverTried) continue
    for (const before of after) {
      if (hasEndedAs(before) || found.has(before)) continue
      const ahead = hasEnded(status) ? 'has ended' : 'is under way'
      const what = known.has(before)
        ? `comes after '${before}' in this version`
        : `comes after the new step '${before}'`
      const fault = `'${name}' ${what}, and ${ahead} without it`
      const hint = `let '${before}' come before steps only that have not begun, ${WAIT}`
      found.set(before, { kind: 'step', name: before, fault, hint })
    }
  }
  return [...found.values()]
}

function failureObstacles({ context: { steps }, blocked }: Carried): RunObstacle[] {
  return [...blocked]
    .filter(([name]) => isUnderWay(steps[name]))
    .map(([name, loss]) => {
      const failed = steps[loss.name]?.status === 'failed' ? 'has failed' : 'was skipped for a failure'
      const fault = `'${name}' is under way, and comes after '${loss.name}' in this version, which ${failed}`
      return { kind: 'step', name, fault, hint: `let it not come after '${loss.name}', ${WAIT}` }
    })
}

function isUnderWay(record: StepRecord | undefined): boolean {
  return record?.status === 'running' || record?.status === 'retrying'
}

// Going to and fro would do again what the one list of steps has and the other has not.
function leftBehind(version: string, current: string): RunObstacle {
  const fault = `it was brought up from version '${version}' to '${current}', and does not go back by itself`
  const hint = `deploy '${current}', or give the steps of '${version}' a version of their own`
  return { kind: 'version', name: version, fault, hint }
}

function noMemory(): RunObstacle {
  const hint =
    'leave `migrate` out: a workflow brings its runs up by itself; or change `input` in the context, and no more'
  return { kind: 'migration', name: 'context', fault: 'its context is not the memory of a run any more', hint }
}

function pastOf({ past = [] }: WorkflowContext, version: string): readonly string[] {
  return [...past.filter((each) => each !== version), version]
}

function isMemory(context: unknown): context is WorkflowContext {
  const { steps, results, kept, open, status, seq } = (context ?? {}) as Partial<WorkflowContext>
  if (![steps, results, kept].every((part) => typeof part === 'object' && part !== null)) return false
  const isKnown = Object.values(steps ?? {}).every((step) => typeof step?.status === 'string')
  return isKnown && typeof status === 'string' && typeof open === 'number' && typeof seq === 'number'
}
