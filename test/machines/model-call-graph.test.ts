import { describe, expect, it } from 'vitest'
import { type AnyMachineSnapshot, type AnyStateMachine, assign, fromCallback, getInitialSnapshot } from 'xstate'
import { opened, reserved } from '../../machines/model-call-changes.ts'
import type { AttemptOutcome, ModelCallContext } from '../../machines/model-call-context.ts'
import { modelCallInput, type ModelCallResult } from '../../machines/model-call.contract.ts'
import { modelCallMachine } from '../../machines/model-call.machine.ts'
import type { RankedModel } from '../../machines/model-choice.ts'
import type { FailureCategory } from '../../machines/model-failure.ts'
import { NO_USAGE } from '../../machines/model-usage.ts'
import type { RetryPolicy } from '../../machines/retry-policy.ts'
import type { Address, MessageEvent } from '../../runtime/index.ts'
import { machineGraph } from './machine-graph.ts'

const retry: RetryPolicy = { attempts: 2, first: 10, factor: 2, cap: 100, jitter: 'none', total: 1_000 }
const machine = modelCallMachine({ name: 'model-call', retry })

const ranked = (model: string): RankedModel => ({
  model,
  provider: 'p',
  name: model,
  tier: 'small',
  inputTokens: 1,
  outputTokens: 1,
  costNanoUsd: 1,
})
const candidates = [ranked('one'), ranked('two')]
const ENDS = ['succeeded', 'degraded', 'failed', 'cancelled']

const contextOf = (state: AnyMachineSnapshot) => state.context as ModelCallContext
const refused = { model: 'one', why: 'its breaker is open', cause: 'health' as const }
const error = { name: 'TroupeError', code: 'UNAVAILABLE' as const, message: 'no' }

function outcome(parts: Partial<AttemptOutcome>): AttemptOutcome {
  const rest = { usage: NO_USAGE, estimated: false, costNanoUsd: 1, startedAt: 0, endedAt: 1 }
  return { answer: null, repair: null, failure: null, ...rest, ...parts }
}

function failed(category: FailureCategory, repair: AttemptOutcome['repair'] = null): AttemptOutcome {
  const facts = { status: null, code: null, retryAfter: null, requestId: null }
  return outcome({ failure: { category, message: category, ...facts }, repair })
}

const answer = { text: 'yes', object: null, toolCalls: [], finish: 'stop' as const, requestId: null }
// One of each sort: done, to be repaired, to be retried, to fall back, hopeless.
const OUTCOMES = [
  outcome({ answer }),
  failed('validation', { answer: 'no', faults: 'wrong' }),
  failed('server_error'),
  failed('refusal'),
  failed('authentication'),
]

// What the runner may tell in each state; an echo of what it told before may come as well.
function eventsOf(state: AnyMachineSnapshot, isPaid: boolean): readonly MessageEvent[] {
  const { at, candidates: chosen, current } = contextOf(state)
  const held = isPaid ? { tokens: 2, nanoUsd: 1 } : null
  const facts = { held, refused: [], reasons: ['because'] }
  const cap = { rung: 'cap_output', before: 2, after: 1, detail: 'shorter' }
  const reservations = candidates
    .map((_, index) => index)
    .filter((index) => index >= at)
    .map((index) => ({ type: 'call.reserved', ...facts, candidates, at: index, degradations: [] }))
  const asked = [
    ...reservations,
    // What stands before the attempt may let it through at once.
    ...reservations.map((each) => ({ ...each, type: 'attempt.opened' })),
    ...(chosen.length === 0 ? [{ type: 'call.reserved', ...facts, candidates, at: 0, degradations: [cap] }] : []),
    { type: 'call.refused', error, refused: [], reasons: [] },
  ]
  const aborts = [null, ...(current?.sent ? OUTCOMES : [])]
  return [
    { type: 'call.cancel', reason: 'enough' },
    { type: 'troupe.resumed' },
    { type: 'xstate.after.backoff.model-call.backing_off' },
    ...(state.matches('reserving') ? asked : []),
    { type: 'attempt.admitted' },
    { type: 'attempt.barred', refused, error },
    ...OUTCOMES.map((each) => ({ type: 'attempt.completed', outcome: each, random: 0.5 })),
    { type: 'attempt.settled', unsettled: null },
    ...(state.matches('cancelling')
      ? aborts.map((each) => ({ type: 'call.aborted', outcome: each, unsettled: null }))
      : []),
  ]
}

function explore(chart: AnyStateMachine, isPaid: boolean, without = '') {
  const budget = isPaid ? { keeper: 'local/budget/run' as Address, path: 'run' } : null
  const input = modelCallInput.parse({ request: { messages: [] }, budget })
  const runner = fromCallback(() => {})
  const provided = chart.provide({ actors: { runner } as never })
  return machineGraph(provided, {
    from: getInitialSnapshot(provided, input as never),
    // What has ended hears nothing.
    events: (state) =>
      state.status === 'active' ? eventsOf(state, isPaid).filter(({ type }) => type !== without) : [],
    key: (state) => {
      const { at, tries, current, attempts, repair, verdict, answer: given, failure, degradations } = contextOf(state)
      const open = current && [current.held !== null, current.sent, current.outcome !== null]
      const counts = [Math.min(tries, 4), attemptsOf(attempts), Math.min(degradations.length, 2)]
      return JSON.stringify([state.value, at, counts, open, repair !== null, verdict, given !== null, failure?.code])
    },
  })
}

// How often each candidate was tried. A chart that is wrong may try for ever.
function attemptsOf(attempts: ModelCallContext['attempts']): number[] {
  return candidates.map(({ model }) => Math.min(5, attempts.filter((attempt) => attempt.model === model).length))
}

/** What may never be, as sentences about the states and edges in which it is. */
function faults(chart: AnyStateMachine, isPaid: boolean): string[] {
  const graph = explore(chart, isPaid)
  const found = new Set<string>()
  for (const state of graph.states) {
    const { current, repair, attempts, number, answer: given, failure } = contextOf(state)
    const value = String(state.value)
    if (ENDS.includes(value)) {
      const { status } = state.output as ModelCallResult
      if (status !== value) found.add(`a call that is ${value} says that it is ${status}`)
      if (current) found.add('a call has ended and something is still held')
      if ((given !== null) === (failure !== null)) found.add('a call ends with neither or both of answer and failure')
    }
    if (isPaid && value === 'streaming' && !current?.held) found.add('an attempt is made that nobody pays for')
    if (value === 'streaming' && !current?.sent) found.add('an attempt is made that was not admitted')
    const most = retry.attempts + (repair ? 1 : 0)
    if (Math.max(...attemptsOf(attempts)) > most) found.add('there are more attempts than the policy allows')
    if (attempts.length > number) found.add('an attempt is counted twice')
    if (['reserving', 'backing_off'].includes(value) && current)
      found.add('the next attempt begins before the last is settled')
  }
  for (const { from, event, to } of graph.edges) {
    const [before, after] = [contextOf(from), contextOf(to)]
    const frees = before.current?.held != null && after.current === null
    if (frees && !['attempt.settled', 'call.aborted'].includes(event.type)) found.add('a reservation is forgotten')
    const made = after.attempts.length - before.attempts.length
    if (made > 0 && !before.current?.sent) found.add('an attempt ended that was not admitted')
    if (made > 1) found.add('one end counts for two attempts')
    if (from.matches('streaming') && event.type === 'attempt.completed' && made !== 1) found.add('an attempt is lost')
    if (
      event.type === 'call.cancel' &&
      ['reserving', 'admitting', 'streaming', 'backing_off'].includes(String(from.value))
    ) {
      if (!['cancelling', 'cancelled'].includes(String(to.value))) found.add('a call goes on though it was cancelled')
    }
  }
  // Not even if nobody ever cancels it.
  const alone = explore(chart, isPaid, 'call.cancel')
  if (alone.stuck((state) => ENDS.includes(String(state.value))).length > 0) found.add('a call may hang for ever')
  return [...found]
}

describe('the chart of a model call', () => {
  it.each([true, false])(
    'settles every reservation once, admits every attempt, and always ends (budget: %s)',
    (isPaid) => {
      expect(faults(machine, isPaid)).toEqual([])
      expect(explore(machine, isPaid).states.length).toBeGreaterThan(100)
    },
  )

  it('reaches each way to end, and falls back to the last candidate', () => {
    const { states } = explore(machine, true)
    expect(new Set(states.map(({ value }) => String(value)))).toEqual(
      new Set([...ENDS, 'reserving', 'admitting', 'streaming', 'settling', 'backing_off', 'cancelling']),
    )
    expect(states.some(({ context, value }) => (context as ModelCallContext).at === 1 && value === 'succeeded')).toBe(
      true,
    )
  })

  it('that forgets what is held is found out', () => {
    const broken = machine.provide({ guards: { isHeld: () => false } } as never)
    expect(faults(broken, true)).toContain('a call has ended and something is still held')
  })

  it('that counts no attempts is found out', () => {
    const takeAdmission = assign(({ context }: { context: ModelCallContext }) => ({
      current: context.current && { ...context.current, sent: true },
    }))
    const takeOpening = assign(({ context, event }) => ({ ...opened(context as never, event as never), tries: 0 }))
    const broken = machine.provide({ actions: { takeAdmission, takeOpening } } as never)
    expect(faults(broken, true)).toContain('there are more attempts than the policy allows')
  })

  it('that makes an attempt without admission is found out', () => {
    const takeOpening = assign(({ context, event }) => reserved(context as never, event as never))
    const broken = machine.provide({ actions: { takeAdmission: assign({}), takeOpening } } as never)
    expect(faults(broken, true)).toContain('an attempt is made that was not admitted')
  })

  it('that says it succeeded though it gave something up is found out', () => {
    const isGood = ({ context }: { context: ModelCallContext }) => context.verdict === 'succeed'
    expect(faults(machine.provide({ guards: { isGood } } as never), true)).toContain(
      'a call that is succeeded says that it is degraded',
    )
  })

  it('that cannot give up is found out', () => {
    const again = assign({ verdict: 'retry' })
    const broken = machine.provide({ actions: { conclude: again, takeBar: again, takeRefusal: again } } as never)
    expect(faults(broken, false)).toContain('a call may hang for ever')
  })

  it('that takes back what it does not settle is found out', () => {
    const takeBack = assign(({ context }: { context: ModelCallContext }) => context)
    expect(faults(machine.provide({ actions: { takeBack } } as never), true)).toContain(
      'a call has ended and something is still held',
    )
  })

  it('that does not write an attempt down is found out', () => {
    const broken = machine.provide({ actions: { conclude: assign({ verdict: 'succeed' }) } } as never)
    expect(faults(broken, false)).toContain('an attempt is lost')
  })
})
