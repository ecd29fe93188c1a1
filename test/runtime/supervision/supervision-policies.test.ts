import { describe, expect, it } from 'vitest'
import { type ChildrenOptions, childrenPolicy, sharesHistory } from '../../../runtime/supervision/children-policy.ts'
import { restartDelay } from '../../../runtime/supervision/restart-backoff.ts'
import { type SupervisionOptions, supervisionPolicy } from '../../../runtime/supervision/supervision-policy.ts'

const YEAR = 365 * 86_400_000

describe('a supervision policy', () => {
  it('restarts nobody, and survives poison, unless told otherwise', () => {
    expect(supervisionPolicy()).toEqual({
      restart: 'temporary',
      onPoison: 'resume',
      from: 'start',
      backoff: { first: 100, factor: 2, longest: 30_000, jitter: 0.2 },
    })
  })

  it('keeps what is given and reads durations', () => {
    const policy = supervisionPolicy({
      restart: 'permanent',
      onPoison: 'reset',
      from: 'last good state',
      backoff: { first: '2s', factor: 1.5, longest: '1m', jitter: 0 },
    })
    expect(policy).toEqual({
      restart: 'permanent',
      onPoison: 'reset',
      from: 'last good state',
      backoff: { first: 2_000, factor: 1.5, longest: 60_000, jitter: 0 },
    })
  })

  it('waits for a first wait that is longer than the longest by default', () => {
    expect(supervisionPolicy({ backoff: { first: '1m' } }).backoff.longest).toBe(60_000)
  })

  it.each([
    [{ restart: 'always' }, 'ticket.supervision.restart', "'permanent', 'transient', 'temporary'"],
    [{ onPoison: 'ignore' }, 'ticket.supervision.onPoison', "'resume', 'reset', 'stop'"],
    [{ from: 'end' }, 'ticket.supervision.from', "'start', 'last good state'"],
    [{ restarts: 'permanent' }, 'ticket.supervision.restarts', 'restart, onPoison, from, backoff'],
    [{ backoff: 5 }, 'ticket.supervision.backoff', 'give an object'],
    [{ backoff: { first: 'soon' } }, 'ticket.supervision.backoff.first', "'5s'"],
    [{ backoff: { first: -1 } }, 'ticket.supervision.backoff.first', 'milliseconds'],
    [{ backoff: { factor: 0.5 } }, 'ticket.supervision.backoff.factor', 'from 1 to'],
    [{ backoff: { factor: Number.NaN } }, 'ticket.supervision.backoff.factor', 'from 1 to'],
    [{ backoff: { first: 200, longest: 100 } }, 'ticket.supervision.backoff.longest', 'from 200 to'],
    [{ backoff: { longest: 2 * YEAR } }, 'ticket.supervision.backoff.longest', `to ${YEAR}`],
    [{ backoff: { jitter: 1.1 } }, 'ticket.supervision.backoff.jitter', 'from 0 to 1'],
    [{ backoff: { wait: 1 } }, 'ticket.supervision.backoff.wait', 'first, factor, longest, jitter'],
    ['permanent', 'ticket.supervision', 'give an object'],
    [[], 'ticket.supervision', 'give an object'],
  ])('refuses %j, saying where and what to write', (options, where, hint) => {
    expect(() => supervisionPolicy(options as SupervisionOptions, 'ticket.supervision')).toThrow(
      expect.objectContaining({ code: 'INVALID_MESSAGE', where, hint: expect.stringContaining(hint) }),
    )
  })
})

describe('a children policy', () => {
  it('allows three restarts in five seconds, each child alone, then lets the supervisor crash', () => {
    const policy = childrenPolicy()
    expect(policy).toEqual({ strategy: 'one_for_one', intensity: 3, period: 5_000, exceeded: 'escalate' })
  })

  it('keeps what is given and reads durations', () => {
    const options = { strategy: 'rest_for_one', intensity: 0, period: '1m', exceeded: 'quarantine' } as const
    expect(childrenPolicy(options)).toEqual({ ...options, period: 60_000 })
  })

  it('has one history for those that fall together, and one each for those that fall alone', () => {
    expect(sharesHistory(childrenPolicy({ strategy: 'one_for_one' }))).toBe(false)
    expect(sharesHistory(childrenPolicy({ strategy: 'one_for_all' }))).toBe(true)
    expect(sharesHistory(childrenPolicy({ strategy: 'rest_for_one' }))).toBe(true)
  })

  it.each([
    [{ strategy: 'all' }, 'desk.children.strategy', "'one_for_one', 'one_for_all', 'rest_for_one'"],
    [{ intensity: -1 }, 'desk.children.intensity', 'whole number from 0'],
    [{ intensity: 1.5 }, 'desk.children.intensity', 'whole number from 0'],
    [{ intensity: Number.POSITIVE_INFINITY }, 'desk.children.intensity', 'whole number from 0'],
    [{ intensity: '3' }, 'desk.children.intensity', 'whole number from 0'],
    [{ period: 0 }, 'desk.children.period', 'from 1 to'],
    [{ period: '5 seconds' }, 'desk.children.period', "'5s'"],
    [{ exceeded: 'crash' }, 'desk.children.exceeded', "'escalate', 'quarantine'"],
    [{ strategies: 'one_for_one' }, 'desk.children.strategies', 'strategy, intensity, period, exceeded'],
    [7, 'desk.children', 'give an object'],
  ])('refuses %j, saying where and what to write', (options, where, hint) => {
    expect(() => childrenPolicy(options as ChildrenOptions, 'desk.children')).toThrow(
      expect.objectContaining({ code: 'INVALID_MESSAGE', where, hint: expect.stringContaining(hint) }),
    )
  })
})

describe('the wait before a restart', () => {
  const steady = supervisionPolicy({ backoff: { jitter: 0 } }).backoff
  const shaken = supervisionPolicy({ backoff: { jitter: 0.5 } }).backoff

  it('doubles up to the longest, however often it comes', () => {
    const waits = [0, 1, 2, 8, 9, 40, 5_000, Number.MAX_SAFE_INTEGER].map((streak) => restartDelay(steady, streak, 0.9))
    expect(waits).toEqual([100, 200, 400, 25_600, 30_000, 30_000, 30_000, 30_000])
  })

  it('is shortened by chance by no more than the jitter', () => {
    expect(restartDelay(shaken, 3, 0)).toBe(800)
    expect(restartDelay(shaken, 3, 0.5)).toBe(600)
    expect(restartDelay(shaken, 3, 0.999_999)).toBe(400)
  })

  it('is none at all where none is asked for, also after many restarts', () => {
    const none = supervisionPolicy({ backoff: { first: 0 } }).backoff
    expect(restartDelay(none, 0, 0.5)).toBe(0)
    expect(restartDelay(none, 100_000, 0.5)).toBe(0)
  })
})
