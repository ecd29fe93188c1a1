import { describe, expect, it } from 'vitest'
import { type AnyEventObject, type AnyMachineSnapshot, type AnyStateMachine, assign, getInitialSnapshot } from 'xstate'
import { bucketSize } from '../../machines/limiter-bucket.ts'
import type { LimiterContext } from '../../machines/limiter-context.ts'
import { limiterMachine } from '../../machines/limiter.machine.ts'
import { machineGraph } from './machine-graph.ts'

const settings = { requestsPerMinute: 2, tokensPerMinute: 4, concurrency: 1, queue: 1, ttl: 120_000 }
const PATIENCE = 90_000

const contextOf = (state: AnyMachineSnapshot) => state.context as LimiterContext

function explore(machine: AnyStateMachine) {
  return machineGraph(machine, {
    events: (state) => eventsOf(contextOf(state)),
    key: (state) => {
      const { waiters, holds, requests, tokens, pausedUntil, at, wakeAt } = contextOf(state)
      const left = (time: number) => Math.max(0, time - at)
      return JSON.stringify([
        state.value,
        waiters.map(({ id, deadline, tokens: wanted }) => [id, left(deadline), wanted]),
        holds.map(({ id, until }) => [id, left(until)]),
        [requests.level, tokens.level].map((level) => Math.round(level * 1_000)),
        tokens.reported,
        left(pausedUntil),
        wakeAt === null ? null : wakeAt - at,
      ])
    },
    from: getInitialSnapshot(machine, settings),
  })
}

// Time moves by the alarm alone, and a minute at a time where nothing waits for it.
function eventsOf({ waiters, holds, at, wakeAt, pausedUntil, tokens }: LimiterContext): readonly AnyEventObject[] {
  const known = new Set([...waiters, ...holds].map(({ id }) => id))
  const fresh = (['a', 'b', 'c'] as const).filter((id) => !known.has(id))
  const [next] = fresh
  const asked = { type: 'limiter.acquire', patience: PATIENCE, at }
  return [
    ...(next === undefined
      ? []
      : [1, 4].map((wanted) => ({ ...asked, id: next, tokens: wanted, holder: `x/y/${next}` }))),
    ...waiters.flatMap(({ id, holder }) => [
      { type: 'limiter.leave', id, at },
      { type: 'troupe.down', address: holder, reason: 'error' },
    ]),
    ...holds.flatMap(({ id, holder }) => [
      { type: 'limiter.release', id, tokens: 4, used: 0, at },
      { type: 'limiter.release', id, tokens: 1, used: 2, at },
      { type: 'troupe.down', address: holder, reason: 'done' },
    ]),
    ...(tokens.reported === null ? [{ type: 'limiter.feed', tokens: { limit: 3 }, at }] : []),
    ...(pausedUntil > at ? [] : [{ type: 'limiter.pause', ms: 60_000, at }]),
    wakeAt === null ? { type: 'limiter.view', at: at + 60_000 } : { type: 'limiter.woke', at: wakeAt },
  ]
}

/** What may never be, as sentences about the states and edges in which it is. */
function faults(machine: AnyStateMachine): string[] {
  const graph = explore(machine)
  const found = new Set<string>()
  for (const state of graph.states) {
    const { waiters, holds, requests, tokens, pausedUntil, at, wakeAt } = contextOf(state)
    if (holds.length > settings.concurrency) found.add('too many are at work')
    if (waiters.length > settings.queue) found.add('too many wait')
    for (const bucket of [requests, tokens])
      if (bucket.level > (bucketSize(bucket) ?? 0)) found.add('a bucket holds more than its size')
    const [head] = waiters
    const isFree = holds.length < settings.concurrency && pausedUntil <= at
    if (head && isFree && requests.level >= 1 && tokens.level >= head.tokens) found.add('one waits that may go')
    if (waiters.length + holds.length > 0 && wakeAt === null) found.add('nobody looks what time brings')
    const stand = pausedUntil > at ? 'paused' : waiters.length === 0 ? 'free' : 'full'
    if (state.value !== stand) found.add(`the chart shows ${String(state.value)} for ${stand}`)
  }
  for (const { from, event, to } of graph.edges) {
    const before = contextOf(from)
    const after = contextOf(to)
    const granted = after.orders.filter((order) => order.do === 'grant').length
    if (granted > 0 && after.pausedUntil > after.at) found.add('one got through a pause')
    const gone = [...before.waiters, ...(event.type === 'limiter.acquire' ? [null] : [])].length - after.waiters.length
    const left = event.type === 'limiter.leave' || event.type === 'troupe.down' ? 1 : 0
    const answers = after.orders.filter((order) => order.do === 'grant' || order.do === 'refuse').length
    if (answers !== gone - left && !(left && answers === gone)) found.add('a caller went without one answer')
  }
  const isAtRest = (state: AnyMachineSnapshot) =>
    state.value === 'free' && contextOf(state).waiters.length + contextOf(state).holds.length === 0
  if (graph.stuck(isAtRest).length > 0) found.add('a caller may hang for ever')
  return [...found]
}

describe('the chart of a limiter', () => {
  it('keeps within its limits, lets nobody wait who may go, and answers every caller once', () => {
    expect(faults(limiterMachine)).toEqual([])
    expect(explore(limiterMachine).states.length).toMatchInlineSnapshot(`769`)
  })

  it('that frees a place and lets nobody in is found out', () => {
    const release = assign(({ context }: { context: LimiterContext }) => ({ ...context, holds: [], orders: [] }))
    expect(faults(limiterMachine.provide({ actions: { release } } as never))).toContain('one waits that may go')
  })

  it('with a guard that never sees a pause is found out', () => {
    const broken = limiterMachine.provide({ guards: { isPaused: () => false } } as never)
    expect(faults(broken)).toContain('the chart shows free for paused')
  })

  it('whose alarm does nothing is found out', () => {
    const broken = limiterMachine.provide({ actions: { pass: assign({ orders: [] }) } } as never)
    expect(faults(broken)).toContain('a caller may hang for ever')
  })
})
