import { describe, expect, it } from 'vitest'
import {
  __unsafe_getAllOwnEventDescriptors,
  type AnyMachineSnapshot,
  type AnyStateMachine,
  fromCallback,
  type StateValue,
} from 'xstate'
import { hasEnded, type WorkflowContext } from '../../machines/workflow-context.ts'
import { planWorkflow } from '../../machines/workflow-plan.ts'
import type { PlannedStep, WorkflowPlan } from '../../machines/workflow-step.ts'
import { workflowMachine } from '../../machines/workflow.machine.ts'
import { machineGraph } from './machine-graph.ts'

const runner = fromCallback(() => {})
const chain = planWorkflow(
  'chain',
  [
    { name: 'a', retries: 1, timeout: '1s' },
    { name: 'b', after: ['a'], optional: true, conditional: true },
    { name: 'c', after: ['b'] },
  ],
  { output: true },
)
const lanes = planWorkflow(
  'lanes',
  [
    { name: 'a' },
    { name: 'b', after: ['a'], optional: true, retries: 1 },
    { name: 'm', after: ['a'], kind: 'map', timeout: '1s' },
    { name: 'd', after: ['b', 'm'], conditional: true },
    { name: 'e' },
  ],
  { timeout: '1h' },
)
// The last step of a chain in all its kinds, with an output and without; there its name is also one of the chart's own.
const kinds = [{}, { optional: true }, { conditional: true }, { optional: true, kind: 'map' }] as const
const chains = kinds.flatMap((last) =>
  [true, false].map((output) => {
    const a = { name: 'a' }
    const b = { name: 'b', after: ['a'], optional: true, timeout: '1s' } as const
    const c = { name: output ? 'c' : 'ending', after: ['a', 'b'], timeout: '1s', ...last } as const
    return planWorkflow('chain', [a, b, c], { output })
  }),
)

const contextOf = (state: AnyMachineSnapshot) => state.context as WorkflowContext
const statusOf = (state: AnyMachineSnapshot, name: string) => contextOf(state).steps[name]?.status ?? 'waiting'

function explore(machine: AnyStateMachine) {
  return machineGraph(machine.provide({ actors: { runner } as never }), {
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

/** What may never be, as sentences about the states in which it is. */
function faults(plan: WorkflowPlan, machine: AnyStateMachine): string[] {
  const graph = explore(machine)
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

describe('the chart of a workflow', () => {
  it('begins no step too early, ends each once, and can always end: a chain', () => {
    expect(faults(chain, workflowMachine(chain))).toEqual([])
    expect(explore(workflowMachine(chain)).states.length).toMatchInlineSnapshot(`313`)
  })

  it('begins no step too early, ends each once, and can always end: lanes', () => {
    expect(faults(lanes, workflowMachine(lanes))).toEqual([])
    expect(explore(workflowMachine(lanes)).states.length).toMatchInlineSnapshot(`2892`)
  })

  it('begins no step too early, ends each once, and can always end: chains of steps that only work', () => {
    for (const plan of chains) expect(faults(plan, workflowMachine(plan))).toEqual([])
    expect(chains.map((plan) => explore(workflowMachine(plan)).states.length)).toMatchInlineSnapshot(`
      [
        94,
        46,
        118,
        46,
        148,
        76,
        118,
        46,
      ]
    `)
  })

  it('has one state for each step that only works, and where it makes an output none between them and its ends', () => {
    const steps = [{ name: 'a' }, { name: 'b', after: ['a'] }]
    const ends = ['closing', 'completed', 'degraded', 'failed', 'cancelled']
    const { states } = workflowMachine(planWorkflow('chain', steps, { output: true }))
    expect(Object.keys(states)).toEqual(['a', 'b', ...ends])
    expect(Object.values(states).flatMap((state) => Object.keys(state.states))).toEqual([])
    expect(Object.keys(workflowMachine(planWorkflow('chain', steps)).states)).toEqual(['a', 'b', 'ending', ...ends])
  })

  it('reaches every way a run can end', () => {
    for (const plan of [chain, lanes, ...chains]) {
      const ends = explore(workflowMachine(plan)).states.filter(({ status }) => status === 'done')
      expect([...new Set(ends.map(({ value }) => value as string))].toSorted()).toEqual([
        'cancelled',
        'completed',
        'degraded',
        'failed',
      ])
    }
  })

  it('with a broken guard is found out: the exploration bites', () => {
    const with_ = (guards: Readonly<Record<string, () => boolean>>) =>
      workflowMachine(lanes).provide({ guards } as never)
    expect(faults(lanes, with_({ isReady: () => true }))).toContain('d works before its dependencies allow it')
    expect(faults(lanes, with_({ isOver: () => false }))).toEqual(['it may never end'])
    expect(faults(lanes, with_({ canRetry: () => true }))).toContain('b is tried too often')
    expect(faults(lanes, with_({ isSkipped: () => false }))).not.toEqual([])
    for (const plan of [chain, ...chains]) {
      const broken = workflowMachine(plan).provide({ guards: { isCompleted: () => true } } as never)
      expect(faults(plan, broken)).toEqual(['ended wrongly'])
    }
  })
})
