import { describe, expect, it } from 'vitest'
import { type AnyMachineSnapshot, type AnyStateMachine, assign, getInitialSnapshot } from 'xstate'
import type { RetrierContext } from '../../machines/retrier.machine.ts'
import { retrierMachine } from '../../machines/retrier.machine.ts'
import type { RetryPolicy } from '../../machines/retry-policy.ts'
import type { MessageEvent } from '../../runtime/index.ts'
import { markAsk } from '../../runtime/protocol/message-actions.ts'
import { machineGraph } from './machine-graph.ts'

const policy: RetryPolicy = { attempts: 3, first: 10, factor: 2, cap: 15, jitter: 'none', total: 24 }
const CATEGORIES = ['timeout', 'validation', 'cancelled'] as const
const ENDS = ['succeeded', 'failed', 'cancelled']

const contextOf = (state: AnyMachineSnapshot) => state.context as RetrierContext

function explore(machine: AnyStateMachine) {
  return machineGraph(machine, {
    events: eventsOf,
    key: (state) => {
      const { attempts, waited, ask } = contextOf(state)
      // A chart that is wrong may go on for ever.
      const known = attempts.slice(0, 5).map(({ category, delay }) => [category, delay])
      return JSON.stringify([state.value, known, Math.min(waited, 60), ask])
    },
    from: getInitialSnapshot(machine, { policy }),
  })
}

function eventsOf(state: AnyMachineSnapshot): readonly MessageEvent[] {
  if (state.status === 'done') return []
  const next = contextOf(state).attempts.length + 1
  const failures = CATEGORIES.flatMap((category) =>
    [next - 1, next].flatMap((attempt) =>
      [false, true].map((lasting) => {
        const failure = { category, message: 'x', status: null, code: null, retryAfter: null, requestId: null }
        const event: MessageEvent = { type: 'retrier.fail', attempt, failure, lasting, random: 0 }
        markAsk(event, 'a')
        return event
      }),
    ),
  )
  return [
    ...failures,
    { type: 'retrier.succeed' },
    { type: 'retrier.cancel' },
    ...(state.value === 'waiting' ? [{ type: 'xstate.after.delay.retrier.waiting' }] : []),
  ]
}

/** What may never be, as sentences about the states and edges in which it is. */
function faults(machine: AnyStateMachine): string[] {
  const graph = explore(machine)
  const found = new Set<string>()
  for (const state of graph.states) {
    const { attempts, waited, ask } = contextOf(state)
    if (attempts.length > policy.attempts) found.add('there are too many attempts')
    if (waited > policy.total) found.add('it waits too long')
    if (waited !== attempts.reduce((sum, { delay }) => sum + (delay ?? 0), 0)) found.add('it does not know its delays')
    if ((state.value === 'waiting') !== (ask !== null)) found.add('nobody or somebody waits wrongly')
    if (state.value !== 'waiting' && state.value !== 'working' && state.value !== 'stopping') {
      if (!ENDS.includes(String(state.value))) found.add('it ends otherwise')
    }
  }
  for (const { from, event, to } of graph.edges) {
    const { type, attempt, lasting } = event as MessageEvent & { attempt?: number; lasting?: boolean }
    const before = contextOf(from)
    const isFailure = type === 'retrier.fail'
    if (isFailure && attempt !== before.attempts.length + 1 && before.attempts !== contextOf(to).attempts)
      found.add('an attempt counts twice')
    if (isFailure && lasting && to.value === 'waiting' && from.value !== 'waiting') found.add('it retries what lasts')
    if (from.value === 'stopping' && to.value === 'waiting') found.add('it goes on after it was cancelled')
    if (type === 'retrier.cancel' && from.value === 'waiting' && to.value !== 'cancelled')
      found.add('it cannot be cancelled')
  }
  if (graph.stuck((state) => state.status === 'done').length > 0) found.add('it may never end')
  return [...found]
}

describe('the chart of a retrier', () => {
  it('keeps to its policy, hears of each attempt once, and always ends', () => {
    expect(faults(retrierMachine)).toEqual([])
    expect(explore(retrierMachine).states.length).toMatchInlineSnapshot(`18`)
  })

  it('that retries everything is found out: the exploration bites', () => {
    const broken = retrierMachine.provide({ guards: { isRetryable: () => true } } as never)
    expect(faults(broken)).toContain('it retries what lasts')
  })

  it('that hears of an attempt twice is found out', () => {
    const broken = retrierMachine.provide({ guards: { isOutOfTurn: () => false } } as never)
    expect(faults(broken)).toContain('an attempt counts twice')
  })

  it('that forgets whom to answer is found out', () => {
    const broken = retrierMachine.provide({ actions: { forgetAsk: assign({}) } } as never)
    expect(faults(broken)).toContain('nobody or somebody waits wrongly')
  })
})
