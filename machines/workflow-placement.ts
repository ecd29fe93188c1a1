import { hasEnded, isReady, type WorkflowContext } from './workflow-context.ts'
import { type LaneChart, lanesChart } from './workflow-lanes.ts'
import type { PlannedStep, WorkflowPlan } from './workflow-step.ts'
import type { StepStatus } from './workflow.contract.ts'

/** What a step that has not ended is in the middle of. */
export type StepPhase = 'waiting' | 'deciding' | 'running' | 'retrying'

/** A step that a run stands in. */
export interface PlacedStep {
  readonly step: PlannedStep
  readonly phase: StepPhase
  /** The id of its state in the chart. */
  readonly stateId: string
}

/** Where a run stands in the chart of a plan. */
export interface Placement {
  readonly value: unknown
  readonly steps: readonly PlacedStep[]
}

/**
 * Where a run stands whose steps have come as far as its memory says. No step may have gone past one that it comes after.
 * A step that stands in `running` and has not begun begins when the run is resumed, and so it is with what is left to
 * close: no state is chosen that only an eventless transition leads on from.
 */
export function placeRun(plan: WorkflowPlan, context: WorkflowContext): Placement {
  if (context.open === 0) return { value: 'closing', steps: [] }
  const chart = lanesChart(plan)
  const steps: PlacedStep[] = []
  const values = chart.lanes.map((lane) => {
    const step = lane.steps.find(({ name }) => !hasEnded(statusOf(context, name)))
    if (!step) return restOf(lane, context)
    const inner = lane.states[step.name]?.states
    const phase = phaseOf(step, context, inner !== undefined && Object.hasOwn(inner, 'retrying'))
    const stateId = inner ? [plan.name, ...lane.path, step.name, phase].join('.') : `step:${step.name}`
    steps.push({ step, phase, stateId })
    return inner ? { [step.name]: phase } : step.name
  })
  return { value: chart.valueOf(values), steps }
}

function phaseOf(step: PlannedStep, context: WorkflowContext, retries: boolean): StepPhase {
  const status = statusOf(context, step.name)
  if (status === 'retrying' && retries) return 'retrying'
  if (status !== 'waiting') return 'running'
  if (!isReady(context, step)) return 'waiting'
  return step.conditional ? 'deciding' : 'running'
}

// A lane that stopped early has no state for the end of its later steps; of a step that could be skipped once, none for that.
function restOf({ steps, states }: LaneChart, context: WorkflowContext): unknown {
  const ended = steps.toReversed().map(({ name }) => endIn(states, name, statusOf(context, name)))
  return ended.find((value) => value !== null) ?? endIn(states, steps.at(-1)?.name ?? '', 'done')
}

function endIn(states: LaneChart['states'], name: string, end: StepStatus): unknown {
  const inner = states[name]?.states
  if (inner) return Object.hasOwn(inner, end) ? { [name]: end } : null
  return Object.hasOwn(states, `${name} ${end}`) ? `${name} ${end}` : null
}

function statusOf({ steps }: WorkflowContext, name: string): StepStatus {
  return steps[name]?.status ?? 'waiting'
}
