import fc from 'fast-check'
import { isDeepStrictEqual } from 'node:util'
import { describe, expect, it } from 'vitest'
import { type AnyStateMachine, createMachine, fromPromise } from 'xstate'
import type { ChartConfiguration, ChartMove, ChartTable } from '../../../runtime/kernel/chart-table.ts'
import { hostLogic, type HostedLogic } from '../../../runtime/kernel/hosted-logic.ts'
import { type AnySnapshot, createStepper, inertSystem, type Step, type Stepper } from '../../../runtime/kernel/step.ts'
import { chartEvents, chartOf, chartRecipe } from './chart-arbitrary.ts'
import { facts, type Outcome, outcomeOf } from './chart-oracle.ts'

type Event = { readonly type: string }

const system = inertSystem()
const self = { id: 'self', sessionId: 'self', system }
const newStepper = (): Stepper<object> => createStepper<object>(() => self, system)

/** Runs a script by tables and by XState, each on its own snapshots. Returns what differs first. */
function firstDifference(machine: AnyStateMachine, events: readonly Event[], bend = (table: ChartTable) => table) {
  const hosted = hostLogic(machine, 'drawn', '1')
  const tables = hosted.chart
  if (!tables) throw new Error('the chart fits no tables')
  const sides = [
    { hosted: { ...hosted, chart: bend(tables) }, stepper: newStepper() },
    { hosted: { ...hosted, chart: null } as HostedLogic, stepper: newStepper() },
  ]
  let snapshots: (AnySnapshot | null)[] = [null, null]
  for (const event of [null, ...events]) {
    const outcomes: Outcome[] = sides.map(({ hosted, stepper }, index) => {
      const before = snapshots[index] as AnySnapshot
      return outcomeOf(() =>
        event ? stepper.transition(hosted, before, event, self) : stepper.initial(hosted, 3, self),
      )
    })
    const [ours, theirs] = outcomes.map((outcome, index) => facts(outcome, snapshots[index] as AnySnapshot | null))
    if (!isDeepStrictEqual(ours, theirs)) return { event, ours, theirs }
    if (outcomes.some((outcome) => 'thrown' in outcome)) {
      if (event) continue
      return null
    }
    snapshots = outcomes.map((outcome) => (outcome as Step).snapshot)
    if (snapshots[0]?.status !== 'active') return null
  }
  return null
}

type Bend = (move: ChartMove) => ChartMove

// A table with a fault in what it knows of the edges.
const withMoves =
  (bend: Bend) =>
  (table: ChartTable): ChartTable => ({
    ...table,
    moveOf: (configuration, branch) => bend(table.moveOf(configuration, { ...branch })),
  })

// A table with a fault in what it knows of the configurations.
const withConfigurations =
  (bend: (configuration: ChartConfiguration) => ChartConfiguration) => (table: ChartTable) => ({
    ...table,
    configurationOf: (leaf: Parameters<ChartTable['configurationOf']>[0]) => {
      const found = table.configurationOf(leaf)
      return found && bend(found)
    },
  })

const FAULTS: Readonly<Record<string, (table: ChartTable) => ChartTable>> = {
  'takes the last edge instead of the first': (table) => ({
    ...table,
    edgesOf: (configuration, type) => table.edgesOf(configuration, type).toReversed(),
  }),
  'forgets the guards': (table) => ({
    ...table,
    edgesOf: (...of) => table.edgesOf(...of).map((branch) => ({ ...branch, guard: null })),
  }),
  'forgets wildcards': (table) => ({
    ...table,
    edgesOf: (configuration, type) =>
      table
        .edgesOf(configuration, type)
        .filter(({ edge }) => edge.source.transitions.get(type)?.includes(edge as never)),
  }),
  'leaves no state': withMoves((move) => ({ ...move, exits: [] })),
  'leaves the outermost state first': withMoves((move) => ({ ...move, exits: move.exits.toReversed() })),
  'enters the innermost state first': withMoves((move) => ({ ...move, enters: move.enters.toReversed() })),
  'carries actions out backwards': withMoves((move) => ({ ...move, actions: move.actions.toReversed() })),
  'enters its actors last': withMoves((move) => ({
    ...move,
    enters: move.enters.map((entry) => ({ ...entry, actions: entry.actions.toReversed() })),
  })),
  'does not wait for actors it starts': withMoves((move) => ({
    ...move,
    enters: move.enters.map((entry) => ({ ...entry, starting: [] })),
  })),
  'stays where it was': withMoves((move) => ({ ...move, to: { ...move.to, value: 'elsewhere' } })),
  'overlooks what needs no event': withConfigurations((configuration) => ({ ...configuration, always: [] })),
  'goes on for ever': (table) => ({ ...table, maxIterations: 10_000 }),
}

describe('a chart by its tables', () => {
  it('takes every step that XState takes, with the same actions in the same order', () => {
    fc.assert(
      fc.property(chartRecipe, chartEvents, (recipe, events) => {
        const found = firstDifference(chartOf(recipe), events)
        expect(found?.ours, `at ${found?.event?.type ?? 'the start'}`).toEqual(found?.theirs)
      }),
      { numRuns: 400 },
    )
  })

  for (const [fault, bend] of Object.entries(FAULTS)) {
    it(`that ${fault} is found out: the comparison bites`, () => {
      const found = fc.check(
        fc.property(chartRecipe, chartEvents, (recipe, events) => {
          return firstDifference(chartOf(recipe), events, bend) === null
        }),
        { numRuns: 3_000, seed: 7, endOnFailure: true },
      )
      expect(found.failed).toBe(true)
    })
  }

  it('are not made of what they cannot hold: regions, history, an actor without a name', () => {
    const states = { a: {}, b: {} }
    const unfit = [
      createMachine({ type: 'parallel', states }),
      createMachine({ initial: 'a', states: { a: {}, b: { type: 'history' } } }),
      createMachine({ invoke: { src: fromPromise(async () => 1) } }),
    ]
    for (const machine of unfit) expect(hostLogic(machine, 'unfit', '1').chart).toBeNull()
    expect(hostLogic(createMachine({ initial: 'a', states }), 'fit', '1').chart).not.toBeNull()
  })

  it('remember no more types of events than they may', () => {
    const machine = createMachine({ on: { '*': { actions: () => {} } } })
    const table = hostLogic(machine, 'flooded', '1').chart as ChartTable
    for (let index = 0; index < 2_000; index++) expect(table.edgesOf(table.start.to, `e${index}`)).toHaveLength(1)
    expect(table.start.to.byType.size).toBeLessThanOrEqual(256)
  })
})
