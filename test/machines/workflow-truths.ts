import {
  __unsafe_getAllOwnEventDescriptors,
  type AnyMachineSnapshot,
  type AnyStateMachine,
  fromCallback,
  type StateValue,
} from 'xstate'
import { hasEnded, type WorkflowContext } from '../../machines/workflow-context.ts'
import type { PlannedStep, WorkflowPlan } from '../../machines/workflow-step.ts'
import { type MachineGraph, machineGraph } from './machine-graph.ts'

const runner = fromCallback(() => {})

/** The memory of a run. */
export const contextOf = (state: AnyMachineSnapshot) => state.context as WorkflowContext
const statusOf = (state: AnyMachineSnapshot, name: string) => contextOf(state).steps[name]?.status ?? 'waiting'

/** A workflow's machine as it can be explored: its runner does nothing. */
export function withoutHands(machine: AnyStateMachine): AnyStateMachine {
  return machine.provide({ actors: { runner } as never })
}

/** Everything a run can get into, from its beginning or from a state. */
export function explore(machine: AnyStateMachine, from?: AnyMachineSnapshot): MachineGraph {
  return machineGraph(withoutHands(machine), {
    ...(from ? { from } : {}),
    events: (state) => __unsafe_getAllOwnEventDescriptors(state).flatMap((type) => eventsOf(state, type)),
    key: (state) => {
      const { steps, kept, open, status, closed } = contextOf(state)
      // A chart that is wrong may try for ever: the attempts are not counted for ever.
      const each = Object.entries(steps).map(([name, { status, attempts }]) => [
        name,
        status,
        Math.min(attempts, 3),
        name in kept,
      ])
      return JSON.stringify([state.value, state.status, each, open, status, closed])
    },
  })
}

// What the runner may tell, once each way.
function eventsOf(state: AnyMachineSnapshot, type: string) {
  const times = { startedAt: 1, endedAt: 2, usage: null }
  const verb = type.split('.')[2]
  if (type === 'run.closed')
    return [
      { type, closing: { at: 3, output: 1 } },
      { type, closing: { at: 3, reason: 'no' } },
    ]
  if (verb === 'done') return [{ type, outcome: { status: 'done', reason: null, value: 1, ...times } }]
  if (verb === 'degraded') return [{ type, outcome: { status: 'degraded', reason: 'so so', value: 1, ...times } }]
  if (verb === 'unwanted') return [{ type, outcome: { status: 'skipped', reason: 'no', ...times } }]
  if (verb === 'failed') {
    const outcome = { status: 'failed', reason: 'no', ...times }
    return [
      { type, outcome },
      { type, outcome: { ...outcome, final: true } },
    ]
  }
  if (verb === 'progress') {
    const items = { total: 2, ended: [[0, { status: 'done', value: 1 }]] }
    return type === 'step.m.progress' ? [{ type, progress: { startedAt: 1, note: null, usage: null, items } }] : []
  }
  return type === 'workflow.status' || type === 'run.expired' ? [] : [{ type }]
}

/** What may never be, as sentences about the states in which it is, from the beginning of a run or from a state. */
export function faults(plan: WorkflowPlan, machine: AnyStateMachine, from?: AnyMachineSnapshot): string[] {
  const graph = explore(machine, from)
  const found = new Set<string>()
  for (const state of graph.states) {
    const { steps, open } = contextOf(state)
    for (const step of plan.steps) {
      if (isAtWork(state, step) && step.after.some((name) => !lets(plan, state, name))) {
        found.add(`${step.name} works before its dependencies allow it`)
      }
      if ((steps[step.name]?.attempts ?? 0) > step.retries + 1) found.add(`${step.name} is tried too often`)
      const shown = shownAs(state, step.name)
      if (shown !== null && shown !== statusOf(state, step.name)) found.add(`${step.name} is not what the chart shows`)
    }
    if (open !== plan.steps.filter(({ name }) => !hasEnded(statusOf(state, name))).length) found.add('miscounted')
    if (state.status === 'done' && (open > 0 || state.value !== contextOf(state).status)) found.add('ended wrongly')
  }
  for (const { from, to } of graph.edges) {
    for (const { name } of plan.steps) {
      const before = statusOf(from, name)
      if (hasEnded(before) && statusOf(to, name) !== before) found.add(`${name} ended twice`)
    }
  }
  if (graph.stuck((state) => state.status === 'done').length > 0) found.add('it may never end')
  return [...found]
}

function isAtWork(state: AnyMachineSnapshot, { name }: PlannedStep): boolean {
  return statusOf(state, name) === 'running' || shownAs(state, name, true) === 'deciding'
}

function lets(plan: WorkflowPlan, state: AnyMachineSnapshot, name: string): boolean {
  const status = statusOf(state, name)
  if (status === 'failed') return plan.byName.get(name)?.optional === true
  return (
    status === 'done' || status === 'degraded' || (status === 'skipped' && plan.byName.get(name)?.conditional === true)
  )
}

// The state of a step in the chart; null when its lane is elsewhere.
function shownAs(state: AnyMachineSnapshot, name: string, exact = false): string | null {
  const shown = shownIn(state.value, name)
  return shown === 'deciding' && !exact ? 'waiting' : shown
}

function shownIn(value: StateValue, name: string): string | null {
  if (value === name) return 'running'
  if (typeof value === 'string') return value.startsWith(`${name} `) ? value.slice(name.length + 1) : null
  for (const [key, inner = ''] of Object.entries(value)) {
    const shown = key === name && typeof inner === 'string' ? inner : shownIn(inner, name)
    if (shown !== null) return shown
  }
  return null
}
