import type { TimerRecord } from '../runtime/protocol/record.ts'
import { backoffDelay } from './workflow-changes.ts'
import type { WorkflowContext } from './workflow-context.ts'
import type { PlacedStep } from './workflow-placement.ts'
import { backoffOf } from './workflow-step-states.ts'
import type { WorkflowPlan } from './workflow-step.ts'

/** A run that is brought up, and the time at which it is. */
export interface TimedRun {
  readonly context: WorkflowContext
  readonly timers: readonly TimerRecord[]
  /** Where it stands now. */
  readonly steps: readonly PlacedStep[]
  readonly now: number
}

const AFTER = 'xstate.after.'

/**
 * The timers of a run in the chart of a plan. A time limit that was running goes on, of whatever length it is now, counted
 * from when it began; one that there was not begins now. Those of what the run is not in any more are dropped.
 */
export function bringUpTimers(plan: WorkflowPlan, { context, timers, steps, now }: TimedRun): TimerRecord[] {
  const running = new Map<string, Running>()
  const others: TimerRecord[] = []
  for (const timer of timers) {
    const delay = readDelay(plan.name, timer)
    if (delay) running.set(delay.of, delay)
    else others.push(timer)
  }
  const timerOf = (of: string, delay: number | string, stateId: string, backoff = 0): TimerRecord => {
    const known = running.get(of)
    const type = `${AFTER}${delay}.${stateId}`
    const length = typeof delay === 'number' ? delay : backoff
    const due = !known ? now + length : typeof delay === 'number' ? known.due - known.length + delay : known.due
    return { id: type, due, to: 'self', event: { type } }
  }
  const limits = steps.flatMap(({ step, phase, stateId }) => {
    const of = `${step.name}.${phase}`
    if (phase === 'retrying') return [timerOf(of, backoffOf(step), stateId, backoffDelay(plan, context, step.name))]
    return step.timeout === null || phase === 'waiting' ? [] : [timerOf(of, step.timeout, stateId)]
  })
  const whole = plan.timeout === null ? [] : [timerOf(WHOLE, plan.timeout, plan.name)]
  return [...others, ...whole, ...limits]
}

const WHOLE = ''

interface Running {
  /** The step and its phase, or the whole run. */
  readonly of: string
  readonly due: number
  readonly length: number
}

// XState names a delay after its length and its state; a state that holds no others has an id of its own.
function readDelay(workflow: string, { id, due, to }: TimerRecord): Running | null {
  if (to !== 'self' || !id.startsWith(AFTER)) return null
  const name = id.slice(AFTER.length)
  const [, length = '', plain] = /^(.+)\.step:([^.]+)$/.exec(name) ?? []
  if (plain !== undefined) return { of: `${plain}.running`, due, length: Number(length) }
  const limit = name.endsWith(`.${workflow}`) ? Number(name.slice(0, -workflow.length - 1)) : Number.NaN
  if (!Number.isNaN(limit)) return { of: WHOLE, due, length: limit }
  const [, delay, step, phase] = /^(\d+(?:\.\d+)?|[^.]+)\.(?:.+\.)?([^.]+)\.([^.]+)$/.exec(name) ?? []
  return { of: `${step}.${phase}`, due, length: Number(delay) }
}
