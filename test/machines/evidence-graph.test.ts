import { describe, expect, it } from 'vitest'
import {
  type AnyMachineSnapshot,
  type AnyStateMachine,
  assign,
  type EventObject,
  fromCallback,
  getInitialSnapshot,
} from 'xstate'
import { EVIDENCE_BOUNDS } from '../../machines/evidence-bounds.ts'
import { started, stopped } from '../../machines/evidence-changes.ts'
import { type EvidenceContext, type EvidencePlan, runningOf } from '../../machines/evidence-context.ts'
import { ANY_FIELD } from '../../machines/evidence-field.ts'
import type { ReplicateOutcome } from '../../machines/evidence.contract.ts'
import { evidenceMachine } from '../../machines/evidence.machine.ts'
import { NO_USAGE } from '../../machines/model-usage.ts'
import { machineGraph } from './machine-graph.ts'

const plan: EvidencePlan = {
  name: 'bundle',
  k: 3,
  epsilon: 0.2,
  field: ANY_FIELD,
  bounds: EVIDENCE_BOUNDS,
  calibration: null,
  limit: { tokens: null, nanoUsd: null },
  estimate: { tokens: null, nanoUsd: null },
  timeout: 60_000,
}
const input = { task: 'count', question: 'how many?', budget: null }
const FREE = { tokens: null, nanoUsd: null }
const failure = { message: 'no', status: null, code: null, retryAfter: null, requestId: null }
const outcome = (some: Partial<ReplicateOutcome>): ReplicateOutcome => ({
  ...{ status: 'valid', data: null, errors: [], usage: NO_USAGE, costNanoUsd: 0, model: null, failure: null },
  ...some,
})
const OUTCOMES = [
  outcome({ data: 10 }),
  outcome({ data: 100 }),
  outcome({ status: 'invalid', errors: ['no number'] }),
  outcome({ status: 'invalid', errors: ['late'], failure: { ...failure, category: 'timeout' } }),
  outcome({ status: 'invalid', errors: ['no money'], failure: { ...failure, category: 'budget' } }),
]
const BACK = outcome({ status: 'cancelled', errors: ['called back'], failure: { ...failure, category: 'cancelled' } })
const TIMEOUT = { type: 'xstate.after.timeout.bundle.running' }

const contextOf = (state: AnyMachineSnapshot) => state.context as EvidenceContext
const isOpening = (state: AnyMachineSnapshot) => state.value === 'opening'
const isAtEnd = (state: AnyMachineSnapshot) => state.status === 'done'

function explore(machine: AnyStateMachine) {
  const runner = fromCallback(() => {})
  const whole = machine.provide({ actors: { runner } as never })
  return machineGraph(whole, {
    from: getInitialSnapshot(whole, input),
    events: eventsOf,
    key: (state) => {
      const { events, told: _, ...rest } = contextOf(state)
      // A chart that is wrong may start for ever.
      return JSON.stringify([state.value, events.map(({ type }) => type).slice(0, 30), rest.replicates, rest.reason])
    },
  })
}

function eventsOf(state: AnyMachineSnapshot): readonly EventObject[] {
  if (isAtEnd(state)) return []
  const context = contextOf(state)
  const cancel = { type: 'evidence.cancel', reason: 'enough' }
  if (isOpening(state)) {
    if (context.calledOff !== null) return [{ type: 'bundle.opened', at: 1, left: FREE } as EventObject]
    return [
      { type: 'bundle.opened', at: 1, left: FREE },
      { type: 'bundle.opened', at: 1, left: { tokens: 10, nanoUsd: null } },
      { type: 'bundle.opened', at: 1, left: { tokens: 0, nanoUsd: null } },
      { type: 'bundle.refused', at: 1, reason: 'error', message: 'no budget' },
      cancel,
      { type: 'troupe.resumed' },
    ] as EventObject[]
  }
  // Every outcome of each that was started; one that has ended may be told of again.
  const each = context.replicates.slice(0, plan.k).flatMap(({ id, outcome: known }) => {
    const outcomes = known ? [outcome({ data: 7 })] : state.value === 'stopping' ? [BACK, ...OUTCOMES] : OUTCOMES
    return outcomes.map((one) => ({ type: 'replicate.ended', id, at: 2, outcome: one }))
  })
  return [...each, cancel, TIMEOUT, { type: 'troupe.resumed' }]
}

/** What may never be, as sentences about the states and edges in which it is. */
function faults(machine: AnyStateMachine): string[] {
  const graph = explore(machine)
  const found = new Set<string>()
  for (const state of graph.states) {
    const context = contextOf(state)
    const { replicates, pairs, planned, k, events, bundle } = context
    const types = events.map(({ type }) => type)
    const count = (type: string) => types.filter((other) => other === type).length
    if (replicates.length > planned || replicates.length > k) found.add('more were started than may be')
    const first = pairs.find(({ replicates: [one, other] }) => one === 'r1' && other === 'r2')
    if (replicates.length > 2 && first && first.distance <= plan.epsilon) {
      found.add('a third was started though two agree')
    }
    if (events.some(({ seq }, index) => seq !== index + 1)) found.add('the events are misnumbered')
    if (types.length > 0 && types[0] !== 'tool_started') found.add('something came before the start')
    for (const [index, event] of events.entries()) {
      if (event.type !== 'replicate_started' || Number(event.id.slice(1)) <= 2) continue
      if (!types.slice(0, index).includes('partial_summary'))
        found.add('a third came before the first two were compared')
    }
    if (count('replicate_started') !== replicates.length) found.add('a start was not told')
    const ended = replicates.filter((each) => each.outcome !== null).length
    if (count('replicate_done') !== ended) found.add('an end was not told once')
    if (isAtEnd(state)) {
      if (count('bundle_ready') !== 1 || types.at(-1) !== 'bundle_ready')
        found.add('the bundle was not ready once, at last')
      if (runningOf(context).length > 0) found.add('one was left behind running')
      if (!bundle || bundle.status !== state.value) found.add('it ended otherwise than its bundle says')
      if (context.told !== events.length) found.add('an event was not passed on')
      if (bundle?.replicates.some(({ status, valid }) => (status === 'valid') !== valid)) found.add('a status is wrong')
    } else if (count('bundle_ready') > 0) found.add('it went on after the bundle was ready')
  }
  for (const { from, to } of graph.edges) {
    for (const { id, outcome: before } of contextOf(from).replicates) {
      const after = contextOf(to).replicates.find((each) => each.id === id)?.outcome
      if (before !== null && before !== after) found.add('one ended twice')
    }
  }
  if (graph.stuck(isAtEnd).length > 0) found.add('a bundle may hang for ever')
  return [...found]
}

describe('the chart of a bundle', () => {
  it('starts no third when two agree, ends each replicate once, and is ready once, whatever happens', () => {
    const machine = evidenceMachine(plan)
    expect(faults(machine)).toEqual([])
    const ends = explore(machine).states.filter(isAtEnd)
    expect(new Set(ends.map(({ value }) => value))).toEqual(
      new Set(['succeeded', 'partial', 'degraded', 'failed', 'cancelled']),
    )
    expect(explore(machine).states.length).toMatchInlineSnapshot(`1047`)
  })

  it('keeps its promises within a limit of its own', () => {
    expect(faults(evidenceMachine({ ...plan, limit: { tokens: 0, nanoUsd: null } }))).toEqual([])
  })

  it('that asks a third although two agree is found out: the exploration bites', () => {
    const broken = evidenceMachine(plan).provide({ guards: { isAgreed: () => false } } as never)
    expect(faults(broken)).toContain('a third was started though two agree')
  })

  it('that starts all at once is found out', () => {
    const startPair = assign(({ context }: { context: EvidenceContext }) => started(context, context.planned))
    const broken = evidenceMachine(plan).provide({ actions: { startPair } } as never)
    expect(faults(broken)).toContain('a third came before the first two were compared')
  })

  it('that forgets which have ended is found out', () => {
    const take = assign(({ context, event }: { context: EvidenceContext; event: EventObject }) => {
      const { id, outcome: given } = event as EventObject & { id: string; outcome: ReplicateOutcome }
      return { replicates: context.replicates.map((each) => (each.id === id ? { ...each, outcome: given } : each)) }
    })
    const broken = evidenceMachine(plan).provide({ actions: { take } } as never)
    expect(faults(broken)).toEqual(expect.arrayContaining(['one ended twice', 'an end was not told once']))
  })

  it('that goes to the end without waiting for those it called back is found out', () => {
    const broken = evidenceMachine(plan).provide({
      guards: { isQuiet: ({ context }: { context: EvidenceContext }) => context.reason !== null },
    } as never)
    expect(faults(broken)).toContain('one was left behind running')
  })

  it('that never hears of an end is found out', () => {
    const broken = evidenceMachine(plan).provide({ actions: { take: () => {} } } as never)
    expect(faults(broken)).toContain('a bundle may hang for ever')
  })

  it('that says a cancelled one was out of time is found out by how it ends', () => {
    const cancel = assign(({ context }: { context: EvidenceContext }) => stopped(context, 'timeout', 'late'))
    const broken = evidenceMachine(plan).provide({ actions: { cancel } } as never)
    const ends = explore(broken).states.filter((state) => isAtEnd(state) && contextOf(state).calledOff === null)
    expect(ends.map(({ value }) => value)).not.toContain('cancelled')
  })
})
