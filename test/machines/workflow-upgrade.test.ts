import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type AnyMachineSnapshot, transition } from 'xstate'
import { planWorkflow } from '../../machines/workflow-plan.ts'
import type { WorkflowSettings, WorkflowStep } from '../../machines/workflow-step.ts'
import { type RunObstacle, type UpgradedRun, upgradeRun } from '../../machines/workflow-upgrade.ts'
import { workflowMachine } from '../../machines/workflow.machine.ts'
import { readValue } from '../../runtime/persistence/chart-value.ts'
import { chartOf } from '../../runtime/persistence/chart.ts'
import { contextOf, explore, faults, withoutHands } from './workflow-truths.ts'

type Steps = readonly WorkflowStep[]

interface Change {
  readonly from: Steps
  readonly to: Steps
  readonly settings?: WorkflowSettings
  /** The faults for which some of the runs are refused. */
  readonly refused: readonly string[]
  /** A step for whose end the chart has no state. */
  readonly unshown?: string
}

const chain: Steps = [
  { name: 'a', retries: 1, timeout: '1s' },
  { name: 'b', after: ['a'], optional: true, conditional: true },
  { name: 'c', after: ['b'] },
]
const [a, b, c] = chain as [WorkflowStep, WorkflowStep, WorkflowStep]
const lanes: Steps = [a, { name: 'b', after: ['a'] }, { name: 'c', after: ['a'] }, { name: 'd', after: ['b', 'c'] }]
const GONE = 'is under way, and the workflow does not have it any more'

const CHANGES: Readonly<Record<string, Change>> = {
  'a step at the end': { from: chain, to: [...chain, { name: 'd', after: ['c'] }], refused: [] },
  'a step at the end, of a run with an output and a time limit': {
    from: chain,
    to: [...chain, { name: 'd', after: ['c'], conditional: true, timeout: '1s' }],
    settings: { output: true, timeout: '1h' },
    refused: [],
  },
  'a step in the middle': {
    from: chain,
    to: [a, b, { name: 'x', after: ['b'] }, { name: 'c', after: ['x'] }],
    refused: ["'c' comes after the new step 'x', and is under way without it"],
  },
  'a step beside the others': { from: chain, to: [...chain, { name: 'x', after: ['a'], retries: 1 }], refused: [] },
  'a step at the beginning that nothing waits for': { from: chain, to: [{ name: 'x' }, ...chain], refused: [] },
  'the first step gone': {
    from: chain,
    to: [{ name: 'b', optional: true, conditional: true }, c],
    refused: [`the step 'a' ${GONE}`],
  },
  'the last step gone': { from: chain, to: [a, b], refused: [`the step 'c' ${GONE}`] },
  'two steps in another order': {
    from: chain,
    to: [a, { name: 'c', after: ['a'] }, { ...b, after: ['c'] }],
    refused: [
      "'b' comes after 'c' in this version, and has ended without it",
      "'b' comes after 'c' in this version, and is under way without it",
    ],
  },
  'other retries and time limits': {
    from: [a, b, c],
    to: [
      { name: 'a', retries: 3 },
      { ...b, timeout: '9s' },
      { ...c, retries: 2, timeout: '9s' },
    ],
    refused: [],
  },
  'a chain that becomes lanes': { from: chain, to: [a, b, { name: 'c', after: ['a'] }], refused: [] },
  'lanes that become a chain': {
    from: lanes,
    to: [a, { name: 'b', after: ['a'] }, { name: 'c', after: ['b'] }, { name: 'd', after: ['c'] }],
    refused: [
      "'c' comes after 'b' in this version, and has ended without it",
      "'c' comes after 'b' in this version, and is under way without it",
      "'c' is under way, and comes after 'b' in this version, which has failed",
    ],
  },
  'lanes in another order': {
    from: lanes,
    to: [a, lanes[2] as WorkflowStep, lanes[1] as WorkflowStep, lanes[3] as WorkflowStep],
    refused: [],
  },
  'lanes with a step more in one': {
    from: lanes,
    to: [...lanes.slice(0, 3), { name: 'x', after: ['b'] }, { name: 'd', after: ['x', 'c'] }],
    refused: ["'d' comes after the new step 'x', and is under way without it"],
  },
  'a name that the chart has itself': { from: chain, to: [...chain, { name: 'ending', after: ['c'] }], refused: [] },
  'steps that were not optional, and are': {
    from: lanes,
    to: lanes.map((step) => ({ ...step, optional: true })),
    refused: [
      "'d' comes after 'b' in this version, and has ended without it",
      "'d' comes after 'c' in this version, and has ended without it",
    ],
  },
  'a step gone that has failed, and one more after what it kept from beginning': {
    from: [{ name: 'p' }, { name: 'r', after: ['p'] }, { name: 'q' }],
    to: [{ name: 'r' }, { name: 's', after: ['r'] }, { name: 'q' }],
    unshown: 's',
    refused: [`the step 'p' ${GONE}`],
  },
  'other steps altogether': {
    from: chain,
    to: [{ name: 'x' }],
    refused: ['a', 'b', 'c'].map((name) => `the step '${name}' ${GONE}`),
  },
}

function upgrade(state: AnyMachineSnapshot, to: ReturnType<typeof planWorkflow>) {
  const run = { context: structuredClone(contextOf(state)), timers: [], version: '1' }
  return upgradeRun(run, { plan: to, version: '2', renamed: {}, now: 0 })
}

const isRefused = (result: UpgradedRun | readonly RunObstacle[]): result is readonly RunObstacle[] =>
  !('value' in result)

/** All that runs of one plan can come to in another: why they are refused, and what goes wrong if they are not. */
function outcomes({ from, to, settings = {} }: Change) {
  const [before, after] = [from, to].map((steps) => planWorkflow('run', steps, { ...settings, durable: true }))
  if (!before || !after) throw new Error('two plans')
  const machine = withoutHands(workflowMachine(after))
  const root = chartOf(machine)?.root
  if (!root) throw new Error('no chart')
  const refused = new Set<string>()
  const wrong = new Set<string>()
  const seen = new Set<string>()
  for (const state of explore(workflowMachine(before)).states.filter(({ status }) => status === 'active')) {
    const result = upgrade(state, after)
    if (isRefused(result)) {
      for (const { fault } of result) refused.add(fault)
      continue
    }
    const { value, context } = result
    const statuses = Object.values(context.steps).map(({ status, attempts }) => [status, attempts])
    const key = JSON.stringify([value, context.status, statuses])
    if (seen.has(key)) continue
    seen.add(key)
    const read = readValue(root, value)
    expect(read.value).toEqual(value)
    const delays = new Set(read.active.flatMap((node) => node.after.map(({ eventType }) => eventType)))
    expect(new Set(result.timers.map(({ id }) => id))).toEqual(delays)
    const placed = machine.resolveState({ value: value as never, context })
    const { children } = state
    const [resumed] = transition(machine, Object.assign(placed, { children }), { type: 'troupe.resumed' })
    for (const fault of faults(after, machine, resumed)) wrong.add(fault)
  }
  return { refused: [...refused].toSorted(), wrong: [...wrong], taken: seen.size }
}

describe('runs of one list of steps under another', () => {
  it.each(Object.entries(CHANGES))('go on soundly or are refused with the reason: %s', (_, change) => {
    const { refused, wrong, taken } = outcomes(change)
    expect(refused).toEqual([...change.refused].toSorted())
    expect(wrong).toEqual(change.unshown ? [`${change.unshown} is not what the chart shows`] : [])
    expect(taken).toBeGreaterThan(0)
  })

  it('stay cancelled: what is new does not begin', () => {
    const [before, after] = [chain, [...chain, { name: 'x' }]].map((steps) =>
      planWorkflow('run', steps, { durable: true }),
    )
    if (!before || !after) throw new Error('two plans')
    const isCancelled = (state: AnyMachineSnapshot) =>
      contextOf(state).status === 'cancelled' && state.status === 'active'
    const runs = explore(workflowMachine(before)).states.filter(isCancelled)
    expect(runs.length).toBeGreaterThan(3)
    for (const run of runs) {
      const steps = { x: { status: 'cancelled', attempts: 0 } }
      expect(upgrade(run, after)).toMatchObject({ value: 'closing', context: { status: 'cancelled', open: 0, steps } })
    }
  })

  it('tell once of each step that it has begun, though they had told nothing yet', () => {
    const [before, after] = [[a], [a, { name: 'x' }]].map((steps) => planWorkflow('run', steps, { durable: true }))
    if (!before || !after) throw new Error('two plans')
    const machine = withoutHands(workflowMachine(after))
    const [begun] = explore(workflowMachine(before)).states
    const run = begun && upgrade(begun, after)
    if (!run || isRefused(run)) throw new Error('refused')
    const placed = machine.resolveState({ value: run.value as never, context: run.context })
    const resumed = Object.assign(placed, { children: begun.children })
    const { news } = contextOf(transition(machine, resumed, { type: 'troupe.resumed' })[0])
    expect(news.map(({ seq, type, step }) => [seq, type, step])).toEqual([
      [1, 'workflow.started', undefined],
      [2, 'step.started', 'a'],
      [3, 'step.started', 'x'],
    ])
  })

  it('go on soundly or are refused, whatever the lists are', () => {
    const name = fc.constantFrom('p', 'q', 'r', 's')
    // What a step is follows from its name: what it was when it ended counts, and is another matter.
    const traits: Readonly<Record<string, Partial<WorkflowStep>>> = { q: { conditional: true }, r: { optional: true } }
    const list = fc
      .uniqueArray(name, { minLength: 1, maxLength: 4 })
      .chain((names) => fc.tuple(...names.map((own, index) => stepOf(own, names.slice(0, index)))))
    const stepOf = (own: string, before: readonly string[]) =>
      fc
        .record({ after: fc.subarray([...before]), retries: fc.constantFrom(0, 0, 1) })
        .map(({ after, retries }): WorkflowStep => ({ name: own, after, retries, ...traits[own] }))
    fc.assert(
      fc.property(list, list, fc.boolean(), (from, to, output) => {
        const { wrong } = outcomes({ from, to, settings: { output }, refused: [] })
        // An attempt that was promised is made, and there may be no state for how a step once ended.
        expect(wrong.filter((fault) => !/tried too often|what the chart shows/.test(fault))).toEqual([])
      }),
      { numRuns: 25, seed: 7 },
    )
  })
})
