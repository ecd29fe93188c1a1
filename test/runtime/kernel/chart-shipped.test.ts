import { isDeepStrictEqual } from 'node:util'
import { expect, it, vi } from 'vitest'
import type { AnyMachineSnapshot, AnyStateMachine } from 'xstate'
import { hostLogic } from '../../../runtime/kernel/hosted-logic.ts'
import { createStepper, inertSystem } from '../../../runtime/kernel/step.ts'
import type { GraphEdge, GraphOptions, MachineGraph } from '../../machines/machine-graph.ts'
import { facts, outcomeOf } from './chart-oracle.ts'

// The graph tests walk through every state of the shipped machines, the broken ones of their own included. Here the same
// tests run once more, with each of these steps taken by tables and by XState.
const MOST = 250
const seen = vi.hoisted(() => ({ steps: 0, machines: new Set<string>() }))

vi.mock('../../machines/machine-graph.ts', async (original) => {
  const { machineGraph } = await original<{ machineGraph: Walk }>()
  return {
    machineGraph: (machine: AnyStateMachine, options: GraphOptions): MachineGraph => {
      const graph = machineGraph(machine, options)
      compare(machine, graph.edges)
      return graph
    },
  }
})

type Walk = (machine: AnyStateMachine, options: GraphOptions) => MachineGraph

function compare(machine: AnyStateMachine, edges: readonly GraphEdge[]): void {
  const hosted = hostLogic(machine, 'shipped', '1')
  expect(hosted.chart, `${machine.id} fits tables`).not.toBeNull()
  const system = inertSystem()
  const self = { id: 'self', sessionId: 'self', system }
  const stepper = createStepper<object>(() => self, system)
  const stride = Math.ceil(edges.length / MOST)
  for (let index = 0; index < edges.length; index += stride) {
    const { from, event } = edges[index] as GraphEdge
    if (from.status !== 'active') continue
    const before = rebased(from, hosted.machine as AnyStateMachine)
    const [ours, theirs] = [hosted, { ...hosted, chart: null }].map((side) =>
      facts(
        outcomeOf(() => stepper.transition(side, before, event, self)),
        before,
      ),
    )
    if (!isDeepStrictEqual(ours, theirs)) expect(ours, `${machine.id} at ${event.type}`).toEqual(theirs)
    seen.steps++
  }
  seen.machines.add(machine.id)
}

function rebased(snapshot: AnyMachineSnapshot, machine: AnyStateMachine): AnyMachineSnapshot {
  const nodes = snapshot._nodes.map(({ id }) => machine.getStateNodeById(`#${id}`))
  return { ...snapshot, machine, _nodes: nodes } as unknown as AnyMachineSnapshot
}

await import('../../machines/agent-graph.test.ts')
await import('../../machines/breaker-graph.test.ts')
await import('../../machines/budget-graph.test.ts')
await import('../../machines/evidence-graph.test.ts')
await import('../../machines/idempotency-graph.test.ts')
await import('../../machines/limiter-graph.test.ts')
await import('../../machines/model-call-graph.test.ts')
await import('../../machines/retrier-graph.test.ts')
await import('../../machines/supervisor-graph.test.ts')
await import('../../machines/tool-call-graph.test.ts')

it('the shipped machines have all been met, and fit tables', () => {
  expect(seen.machines.size).toBeGreaterThanOrEqual(10)
  expect(seen.steps).toBeGreaterThan(1_000)
})
