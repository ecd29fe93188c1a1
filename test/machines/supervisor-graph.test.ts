import { describe, expect, it } from 'vitest'
import { type AnyMachineSnapshot, type AnyStateMachine, assign, type EventObject, fromCallback } from 'xstate'
import { settlePart } from '../../machines/supervisor-changes.ts'
import { countActive, countWaiting, type SupervisorContext } from '../../machines/supervisor-context.ts'
import type { AgentEntry } from '../../machines/supervisor.contract.ts'
import { supervisorMachine } from '../../machines/supervisor.machine.ts'
import { machineGraph } from './machine-graph.ts'

const limits = { concurrency: 2, capacity: 1, patience: 1_000 }
const agent = (name: string, instances: number, timeout: number | null): AgentEntry => ({
  name,
  actor: name,
  handles: {},
  instances,
  timeout,
  busy: 0,
  answered: 0,
  failed: 0,
})
const plan = { name: 'desk', actors: ['a', 'b'], agents: [agent('a', 1, null), agent('b', 2, 500)], limits }
const REQUESTS = 3

const contextOf = (state: AnyMachineSnapshot) => state.context as SupervisorContext

function explore(machine: AnyStateMachine) {
  const runner = fromCallback(() => {})
  return machineGraph(machine.provide({ actors: { runner } as never }), {
    events: (state) => eventsOf(contextOf(state)),
    key: (state) => {
      const { agents, requests, lastId } = contextOf(state)
      // A chart that is wrong may count for ever.
      const each = agents.map(({ name, busy }) => [name, Math.min(busy, 4)])
      return JSON.stringify([state.value, each, requests.map(({ id, parts, closing }) => [id, parts, closing]), lastId])
    },
  })
}

// Every request and answer there can be now; three requests show all that more would.
function eventsOf({ requests, lastId }: SupervisorContext): readonly EventObject[] {
  const request = { type: 'supervisor.request', text: '' }
  const next = [
    { ...request, gather: 'all' },
    { ...request, to: ['a'], gather: 'one' },
  ]
  return [
    ...(lastId < REQUESTS ? next : []),
    { type: 'supervisor.unregister', name: 'b' },
    { type: 'supervisor.register', ...plan.agents[1] },
    ...requests.flatMap(({ id, parts, closing }) => [
      { type: 'request.expired', id },
      ...(closing ? [{ type: 'request.concluded', id, answer: { status: 'answered' } }] : []),
      ...parts.flatMap(({ agent: name }) => [
        { type: 'agent.ended', id, agent: name, outcome: { status: 'answered', value: 1 } },
        ...(name === 'b' ? [{ type: 'agent.late', id, agent: name, timeout: 500 }] : []),
      ]),
    ]),
  ]
}

/** What may never be, as sentences about the states and edges in which it is. */
function faults(machine: AnyStateMachine): string[] {
  const graph = explore(machine)
  const found = new Set<string>()
  for (const state of graph.states) {
    const context = contextOf(state)
    const parts = context.requests.flatMap((request) => request.parts)
    const waiting = countWaiting(context)
    if (countActive(context) > limits.concurrency) found.add('too many agents are at work')
    if (waiting > limits.capacity) found.add('too many requests wait')
    for (const { name, instances, busy } of context.agents) {
      const running = parts.filter((part) => part.agent === name && part.status === 'running').length
      if (running > instances) found.add(`too many of ${name} are at work`)
      if (running !== busy) found.add(`${name} is miscounted`)
      const isWanted = parts.some((part) => part.agent === name && part.status === 'waiting')
      if (isWanted && running < instances && countActive(context) < limits.concurrency) found.add(`${name} idles`)
    }
    const load = waiting >= limits.capacity ? 'full' : context.requests.length > 0 ? 'working' : 'idle'
    if (state.value !== load) found.add(`the chart shows ${String(state.value)} for ${load}`)
  }
  for (const { from, to } of graph.edges) {
    const left = contextOf(from).requests.filter(({ id }) => !contextOf(to).requests.some((other) => other.id === id))
    const answers = contextOf(to).orders.filter((order) => order.do === 'reply' || order.do === 'refuse')
    if (left.length > 0 && answers.length !== left.length) found.add('a request left without one answer')
  }
  if (graph.stuck((state) => contextOf(state).requests.length === 0).length > 0)
    found.add('a request may hang for ever')
  return [...found]
}

describe('the chart of a supervisor', () => {
  it('keeps its bounds, leaves nobody idle who is wanted, and answers every request once', () => {
    const machine = supervisorMachine(plan)
    expect(faults(machine)).toEqual([])
    expect(explore(machine).states.length).toMatchInlineSnapshot(`2384`)
  })

  it('that overlooks a bound is found out: the exploration bites', () => {
    const broken = supervisorMachine({ ...plan, limits: { ...limits, concurrency: 3 } })
    expect(faults(broken)).toContain('too many agents are at work')
    const roomy = supervisorMachine({ ...plan, limits: { ...limits, capacity: 2 } })
    expect(faults(roomy)).toContain('too many requests wait')
  })

  it('that gives up a late agent without freeing its place is found out', () => {
    const settleLate = assign(({ context, event }: { context: SupervisorContext; event: EventObject }) => {
      const { id, agent: name } = event as EventObject & { id: number; agent: string }
      const settled = settlePart(context, limits, id, name, { status: 'timed_out', reason: 'late' })
      return { ...settled, agents: context.agents }
    })
    const broken = supervisorMachine({ ...plan, agents: plan.agents.slice(1) }).provide({
      actions: { settleLate },
    } as never)
    expect(faults(broken)).toContain('b is miscounted')
  })

  it('with a guard that always says no is found out', () => {
    const broken = supervisorMachine(plan).provide({ guards: { isFull: () => false } } as never)
    expect(faults(broken)).toContain('the chart shows working for full')
  })

  it('that lets no request expire is found out', () => {
    const expire = assign({})
    const end = assign({})
    const broken = supervisorMachine(plan).provide({ actions: { expire, settle: end, settleLate: end } } as never)
    expect(faults(broken)).toContain('a request may hang for ever')
  })
})
