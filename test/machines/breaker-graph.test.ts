import { describe, expect, it } from 'vitest'
import { type AnyMachineSnapshot, type AnyStateMachine, assign, getInitialSnapshot } from 'xstate'
import { type BreakerContext, holdsPermit, tripsBreaker } from '../../machines/breaker-changes.ts'
import type { BreakerOutcome, BreakerSettings } from '../../machines/breaker.contract.ts'
import { breakerMachine } from '../../machines/breaker.machine.ts'
import type { MessageEvent } from '../../runtime/index.ts'
import { machineGraph } from './machine-graph.ts'

const settings: BreakerSettings = { failures: 2, window: 10, openFor: 5, successes: 2, permits: 2, permitFor: 50 }
const CALLS = ['a', 'b', 'c']
const OUTCOMES: readonly BreakerOutcome[] = ['succeeded', 'abandoned', 'timeout', 'rate_limit']
const HOLDER = 'local/worker/w'

const contextOf = (state: AnyMachineSnapshot) => state.context as BreakerContext
const shapeOf = (state: AnyMachineSnapshot) => {
  const { failures, permits, successes } = contextOf(state)
  // A chart that is wrong may count for ever.
  return JSON.stringify([state.value, failures.slice(0, 3), permits, Math.min(successes, 3)])
}

function explore(machine: AnyStateMachine) {
  return machineGraph(machine, { events: eventsOf, key: shapeOf, from: getInitialSnapshot(machine, settings) })
}

// Whatever can come, in time and late; nobody resets it, since it has to recover by itself.
function eventsOf(state: AnyMachineSnapshot): readonly MessageEvent[] {
  const { seq, permits } = contextOf(state)
  const reports = CALLS.flatMap((call) =>
    OUTCOMES.flatMap((outcome) =>
      [seq, seq - 1].map((of) => ({ type: 'breaker.report', call, seq: of, outcome, at: 5 })),
    ),
  )
  return [
    ...reports,
    ...CALLS.map((call) => ({ type: 'breaker.admit', call, holder: call === 'a' ? HOLDER : null })),
    ...(state.value === 'open' ? [{ type: 'xstate.after.openFor.breaker.open' }] : []),
    ...CALLS.flatMap((call) => [
      { type: 'permit.expired', call },
      { type: 'failure.expired', call },
    ]),
    ...(permits.some(({ holder }) => holder !== null)
      ? [{ type: 'troupe.down', address: HOLDER, reason: 'done' }]
      : []),
  ]
}

/** What may never be, as sentences about the states and edges in which it is. */
function faults(machine: AnyStateMachine): string[] {
  const graph = explore(machine)
  const found = new Set<string>()
  for (const state of graph.states) {
    const { failures, permits, successes, until } = contextOf(state)
    if (state.value !== 'closed' && failures.length > 0) found.add('failures outlive the closed state')
    if (state.value === 'closed' && failures.length >= settings.failures) found.add('it stays closed')
    if (state.value !== 'half-open' && permits.length > 0) found.add('permits outlive the half-open state')
    if (permits.length > settings.permits) found.add('too many permits')
    if (new Set(permits.map(({ call }) => call)).size !== permits.length) found.add('a call has two permits')
    if (state.value === 'half-open' && successes >= settings.successes) found.add('it stays half-open')
    if ((state.value === 'open') !== (until !== null)) found.add('it does not know when it tries again')
  }
  for (const { from, event, to } of graph.edges) {
    const before = contextOf(from)
    if (contextOf(to).seq - before.seq !== (from.value === to.value ? 0 : 1)) found.add('a change has no number')
    if (event.type === 'breaker.report') {
      const { call, seq, outcome } = event as unknown as { call: string; seq: number; outcome: BreakerOutcome }
      const isLate = from.value === 'half-open' ? !holdsPermit(before, call) : seq !== before.seq
      const isTwice = from.value === 'closed' && before.failures.includes(call)
      if ((isLate || isTwice) && shapeOf(from) !== shapeOf(to)) found.add('a late or doubled report counts')
      if (to.value === 'open' && from.value !== 'open' && !tripsBreaker(outcome)) found.add('it opens for nothing')
      const isRelapse = from.value === 'half-open' && !isLate && tripsBreaker(outcome)
      if (isRelapse && to.value !== 'open') found.add('a failure does not reopen it')
    }
    if (event.type === 'permit.expired' && holdsPermit(contextOf(to), (event as unknown as { call: string }).call))
      found.add('a permit is held for ever')
    if (event.type === 'troupe.down' && contextOf(to).permits.some(({ holder }) => holder !== null))
      found.add('a permit outlives its holder')
  }
  if (graph.stuck((state) => state.value === 'closed').length > 0) found.add('it may never close')
  return [...found]
}

describe('the chart of a breaker', () => {
  it('counts each failure once, keeps to its permits, and can always close again', () => {
    expect(faults(breakerMachine)).toEqual([])
    expect(explore(breakerMachine).states.length).toMatchInlineSnapshot(`25`)
  })

  const guards = (name: string) => breakerMachine.provide({ guards: { [name]: () => true } } as never)
  const idle = (name: string) => breakerMachine.provide({ actions: { [name]: assign({}) } } as never)

  it('that believes every report is found out: the exploration bites', () => {
    expect(faults(guards('isNewFailure'))).toContain('a late or doubled report counts')
    expect(faults(guards('isRelapse'))).toContain('it opens for nothing')
    expect(faults(guards('hasPermit'))).toContain('a late or doubled report counts')
  })

  it('that gives a permit to whoever asks is found out', () => {
    expect(faults(guards('isFree'))).toContain('too many permits')
  })

  it('that waits for callers who say nothing is found out', () => {
    expect(faults(idle('freePermit'))).toContain('a permit is held for ever')
    expect(faults(idle('freePermitsOfEnded'))).toContain('a permit outlives its holder')
  })

  it('that counts on what was before it closed is found out', () => {
    const clear = assign(({ context }: { context: BreakerContext }) => ({ seq: context.seq + 1, until: null }))
    expect(faults(breakerMachine.provide({ actions: { clear } } as never))).toContain(
      'permits outlive the half-open state',
    )
  })
})
