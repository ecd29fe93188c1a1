import type { PlannedStep, WorkflowPlan } from './workflow-step.ts'
import { isChain, type StateConfig, stepStates } from './workflow-step-states.ts'

/** Names of states that the chart of a run has beside its steps. */
const RUN_STATES = new Set('running ending closing completed degraded failed cancelled'.split(' '))

/** How the steps of a plan stand in its chart. */
export interface LanesChart {
  readonly first: string
  readonly states: Readonly<Record<string, StateConfig>>
  /** One for each lane of the plan, in their order. */
  readonly lanes: readonly LaneChart[]
  /** The state value of a run whose lanes have these. */
  valueOf(values: readonly unknown[]): unknown
}

/** One lane in the chart. */
export interface LaneChart {
  readonly steps: readonly PlannedStep[]
  /** Where it stands: the keys of the states above its own. */
  readonly path: readonly string[]
  readonly states: Readonly<Record<string, StateConfig>>
}

/**
 * The lanes of a plan as states. A chain stands in the chart as it is; where a step's name is taken there, or lanes stand
 * side by side, one state holds them.
 */
export function lanesChart(plan: WorkflowPlan): LanesChart {
  if (!isChain(plan)) {
    const keyOf = (index: number): string => `lane${index + 1}`
    const lanes = plan.lanes.map((steps, index) => laneChart(plan, steps, ['running', keyOf(index)]))
    const states = Object.fromEntries(lanes.map((lane, index) => [keyOf(index), laneState(lane)]))
    const always = { guard: 'isOver', target: 'ending' }
    return {
      first: 'running',
      states: { running: { type: 'parallel', states, always } },
      lanes,
      valueOf: (values) => ({ running: Object.fromEntries(values.map((value, index) => [keyOf(index), value])) }),
    }
  }
  if (plan.steps.some(({ name }) => RUN_STATES.has(name))) {
    const chain = laneChart(plan, plan.steps, ['running'])
    const states = { running: laneState(chain) }
    return { first: 'running', states, lanes: [chain], valueOf: ([value]) => ({ running: value }) }
  }
  const chain = laneChart(plan, plan.steps, [])
  return { first: firstOf(chain), states: chain.states, lanes: [chain], valueOf: ([value]) => value }
}

function laneChart(plan: WorkflowPlan, steps: readonly PlannedStep[], path: readonly string[]): LaneChart {
  const states = steps.flatMap((step, index) =>
    Object.entries(stepStates(plan, step, { next: steps[index + 1] ?? null, first: index === 0 })),
  )
  return { steps, path, states: Object.fromEntries(states) }
}

function laneState(lane: LaneChart): StateConfig {
  return { initial: firstOf(lane), states: lane.states }
}

function firstOf({ steps }: LaneChart): string {
  return steps[0]?.name ?? ''
}
