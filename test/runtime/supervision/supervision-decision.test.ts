import { describe, expect, it } from 'vitest'
import { childrenPolicy, type RestartStrategy } from '../../../runtime/supervision/children-policy.ts'
import type { SupervisedChild } from '../../../runtime/supervision/restart-group.ts'
import type { RestartHistory } from '../../../runtime/supervision/restart-history.ts'
import { decide, type SupervisedEnd, type SupervisionState } from '../../../runtime/supervision/supervision-decision.ts'
import { type RestartType, supervisionPolicy } from '../../../runtime/supervision/supervision-policy.ts'

const STRATEGIES = ['one_for_one', 'one_for_all', 'rest_for_one'] as const
const RESTARTS = ['permanent', 'transient', 'temporary'] as const
const REASONS = ['done', 'error', 'stopped'] as const
const NOW = 1_000_000
const ERROR = { name: 'Error', code: 'CRASHED', message: 'the disk is gone' } as const

// Four actors a, b, c, d in the order of their start; b is the one that ends, c is temporary.
const FALLEN: Readonly<Record<RestartStrategy, { readonly stop: string[]; readonly start: string[] }>> = {
  one_for_one: { stop: [], start: ['b'] },
  one_for_all: { stop: ['d', 'c', 'a'], start: ['a', 'b', 'd'] },
  rest_for_one: { stop: ['d', 'c'], start: ['b', 'd'] },
}
const RESTARTED: Readonly<Record<RestartType, readonly string[]>> = {
  permanent: ['done', 'error'],
  transient: ['error'],
  temporary: [],
}

const member = (id: string, restart: RestartType, from: 'start' | 'last good state' = 'start'): SupervisedChild => ({
  id,
  policy: supervisionPolicy({ restart, from, backoff: { jitter: 0 } }),
})
const family = (child: SupervisedChild) => [
  member('a', 'permanent'),
  child,
  member('c', 'temporary'),
  member('d', 'transient', 'last good state'),
]
const stateOf = (child: SupervisedChild, changes: Partial<SupervisionState> = {}): SupervisionState => ({
  child,
  siblings: family(child),
  policy: childrenPolicy(),
  history: null,
  hasParent: true,
  ...changes,
})
const endOf = (reason: SupervisedEnd['reason'], now = NOW): SupervisedEnd => ({ reason, error: ERROR, now, random: 0 })
const spent: RestartHistory = { starts: [NOW - 30, NOW - 20, NOW - 10], streak: 3, noted: NOW - 10 }

const cases = STRATEGIES.flatMap((strategy) =>
  RESTARTS.flatMap((restart) => REASONS.map((reason) => ({ strategy, restart, reason }))),
)

describe('a supervisor', () => {
  it.each(cases)('$strategy: of a $restart actor that ended with $reason', ({ strategy, restart, reason }) => {
    const policy = childrenPolicy({ strategy })
    const decision = decide(stateOf(member('b', restart), { policy }), endOf(reason))
    const from = (id: string) => (id === 'd' ? 'last good state' : 'start')
    const restarted = {
      kind: 'restart',
      stop: FALLEN[strategy].stop,
      start: FALLEN[strategy].start.map((id) => ({ id, from: from(id) })),
      after: 100,
      history: { starts: [NOW + 100], streak: 1, noted: NOW },
    }
    expect(decision).toEqual(RESTARTED[restart].includes(reason) ? restarted : { kind: 'leave' })
  })

  it.each(cases)('$strategy, spent: of a $restart actor that ended with $reason', ({ strategy, restart, reason }) => {
    for (const exceeded of ['escalate', 'quarantine'] as const) {
      for (const hasParent of [true, false]) {
        const policy = childrenPolicy({ strategy, exceeded })
        const state = stateOf(member('b', restart), { policy, history: spent, hasParent })
        const isSpent = RESTARTED[restart].includes(reason)
        const expected = isSpent ? (hasParent ? exceeded : 'quarantine') : 'leave'
        expect(decide(state, endOf(reason)).kind).toBe(expected)
      }
    }
  })

  it('says in the error who failed, how often, why, and what to do', () => {
    const escalated = decide(stateOf(member('b', 'permanent'), { history: spent }), endOf('error'))
    expect(escalated).toEqual({
      kind: 'escalate',
      error: {
        name: 'TroupeError',
        code: 'CRASHED',
        message: 'b used up its 3 restarts within 5000 ms: the disk is gone',
        where: 'b',
        hint: expect.stringContaining('mend the cause'),
        data: { child: 'b', restarts: 3, period: 5_000, error: ERROR },
      },
    })
    const ended = { reason: 'done', now: NOW, random: 0 } as const
    const quarantined = decide(stateOf(member('b', 'permanent'), { history: spent, hasParent: false }), ended)
    expect(quarantined).toMatchObject({ kind: 'quarantine', error: { message: expect.stringMatching(/: it ended$/) } })
    expect(quarantined).toMatchObject({ error: { hint: expect.stringContaining('reset') } })
  })

  it('that allows no restart gives up at the first failure', () => {
    const policy = childrenPolicy({ intensity: 0 })
    const decision = decide(stateOf(member('b', 'permanent'), { policy }), endOf('error'))
    expect(decision).toMatchObject({ kind: 'escalate', error: { message: 'b may not be restarted: the disk is gone' } })
  })

  it('starts an actor from its last good state after an error, and from the start after its end', () => {
    const child = member('b', 'permanent', 'last good state')
    expect(decide(stateOf(child), endOf('error'))).toMatchObject({ start: [{ id: 'b', from: 'last good state' }] })
    expect(decide(stateOf(child), endOf('done'))).toMatchObject({ start: [{ id: 'b', from: 'start' }] })
  })

  it('waits longer from restart to restart, and begins again after a quiet period', () => {
    const child = member('b', 'permanent')
    const policy = childrenPolicy({ intensity: 10 })
    const waits: number[] = []
    let history: RestartHistory | null = null
    let now = NOW
    // The pauses are how long each life lasted: a quiet one is as long as the period.
    for (const pause of [0, 4_999, 4_999, 5_000, 10]) {
      now += pause
      const decision = decide(stateOf(child, { policy, history }), endOf('error', now))
      if (decision.kind !== 'restart') throw new Error(decision.kind)
      waits.push(decision.after)
      history = decision.history
      now += decision.after
    }
    expect(waits).toEqual([100, 200, 400, 100, 200])
  })

  it('looks at no sibling of an actor that falls alone', () => {
    const siblings: Iterable<SupervisedChild> = {
      [Symbol.iterator]: () => {
        throw new Error('nobody may look')
      },
    }
    expect(decide(stateOf(member('b', 'permanent'), { siblings }), endOf('error')).kind).toBe('restart')
  })

  it('cannot be asked about an actor that is not its own', () => {
    const policy = childrenPolicy({ strategy: 'rest_for_one' })
    expect(() => decide(stateOf(member('b', 'permanent'), { policy, siblings: [] }), endOf('error'))).toThrow(
      expect.objectContaining({ code: 'INTERNAL', where: 'b' }),
    )
  })

  it('decides without changing what it decides from', () => {
    const history = Object.freeze({ ...spent, starts: Object.freeze([NOW - 10]) as readonly number[] })
    const policy = Object.freeze(childrenPolicy({ strategy: 'one_for_all' }))
    const state = Object.freeze(stateOf(member('b', 'permanent'), { policy, history }))
    const end = Object.freeze(endOf('error'))
    expect(decide(state, end)).toEqual(decide(state, end))
    expect(history.starts).toEqual([NOW - 10])
  })
})
