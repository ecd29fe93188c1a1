import { expect, it } from 'vitest'
import { breaker } from '../../../../actors/breaker.ts'
import { budgetKeeper } from '../../../../actors/budget-keeper.ts'
import type { FaultAnswer } from '../../../../actors/models/fault-answer.ts'
import { NO_SUM, sumBy } from '../../../../machines/budget-amount.ts'
import { createSeededRandom } from '../../../../runtime/testing.ts'
import { parseAddress } from '../../../../runtime/protocol/address.ts'
import { type CallEnd, endOf } from '../../../support/models/call-end.ts'
import { type HttpBench, openHttpBench } from '../../../support/models/http-bench.ts'
import { PROVIDERS } from '../../../support/models/provider-matrix.ts'

const CALLS = 200
const LIMIT = { tokens: 14_000, costUsd: 28 }
const FAULTS: readonly FaultAnswer[] = [
  { status: 429, retryAfter: 1 },
  { status: 500 },
  { status: 529 },
  { status: 400 },
  { status: 404 },
  { hangUp: true },
  { text: ['a', 'b'], lostAfter: 1 },
  { text: ['a', 'b'], cutAfter: 1 },
  { text: ['a', 'b'], stallAfter: 1 },
  { text: ['a', 'b'], garbageAfter: 1 },
  { text: ['a', 'b'], errorAfter: 1 },
  { refusal: 'no' },
  { text: ['a', 'b'], usage: null },
]

/** Answers of which two in five are faults, the same ones in the same order for each seed. */
function answersOf(seed: number): () => FaultAnswer {
  const random = createSeededRandom(seed)
  return () => {
    const isFault = random.next() < 0.4
    const fault = FAULTS[Math.floor(random.next() * FAULTS.length)] as FaultAnswer
    return isFault ? fault : { text: ['a', 'b'], usage: { input: 12, output: 3 + Math.floor(random.next() * 40) } }
  }
}

/** Follows what the keeper tells: settled and held together at each event, and the highest that they ever were. */
async function followBudget({ runtime, budget }: HttpBench) {
  const keeper = runtime.ref(budgetKeeper, parseAddress(budget.place.keeper).key)
  const held = new Map<string, typeof NO_SUM>()
  let settled = NO_SUM
  let highest = NO_SUM
  let events = 0
  const look = (): void => {
    events++
    const all = [...held.values()].reduce((sum, each) => sumBy((of) => sum[of] + each[of]), settled)
    highest = sumBy((of) => Math.max(highest[of], all[of]))
  }
  keeper.on('budget.reserved', ({ call, amount }) => {
    held.set(call, amount)
    look()
  })
  keeper.on('budget.settled', ({ call, actual, overrun }) => {
    held.delete(call)
    settled = sumBy((of) => settled[of] + actual[of] - overrun[of])
    look()
  })
  for (const type of ['budget.released', 'budget.reclaimed'] as const) {
    keeper.on(type, ({ call }) => {
      held.delete(call)
      look()
    })
  }
  await budget.view()
  return { held, highest: () => highest, settled: () => settled, events: () => events }
}

/** Waits for all ends. Time moves on when nothing happens any more: then only deadlines and delays are waited for. */
async function settleAll<T>({ clock, records, server, backup }: HttpBench, ends: Promise<T>[]): Promise<T[]> {
  const over = new AbortController()
  const all = Promise.all(ends).finally(() => over.abort())
  for (let quiet = 0, last = -1; !over.signal.aborted; ) {
    await new Promise((resolve) => setTimeout(resolve, 2))
    const seen = records.length + server.requests.length + backup.requests.length
    quiet = seen === last ? quiet + 1 : 0
    last = seen
    if (quiet >= 10 && clock.next !== null) await clock.advance(Math.max(0, clock.next - clock.now()))
  }
  return all
}

it.each(PROVIDERS.map(([name, make], at) => [name, at + 1, make] as const))(
  '%s: two hundred calls at once among random faults: all end, all is paid, nothing is left (seed %i)',
  async (_name, seed, make) => {
    const bench = await openHttpBench(make, {
      answers: answersOf(seed),
      backup: answersOf(seed + 100),
      limit: LIMIT,
      models: { deadlines: { firstChunk: '1m', gap: '1m', total: '10m' }, limits: { backup: { concurrency: 20 } } },
    })
    const { client, model, provider, server, backup, budget, runtime } = bench
    const changes = new Map<string, { seq: number; state: string }[]>()
    const followed = await followBudget(bench)
    const stops = Array.from({ length: CALLS }, () => new AbortController())
    const calls = stops.map((stop, at) => {
      // The breakers are there once the first calls were made.
      const both = at % 2 === 0 ? [model, 'backup/test-model'] : ['backup/test-model', model]
      return endOf(client.call({ model: both, prompt: 'Good morning', signal: stop.signal }))
    })
    for (const name of [provider, 'backup']) {
      const list: { seq: number; state: string }[] = []
      changes.set(name, list)
      const ref = await runtime.spawn(breaker, { key: name })
      ref.on('breaker.changed', ({ seq, state }) => list.push({ seq, state }))
    }
    // Each tenth caller loses patience, some before their call has left and some in the middle of it.
    for (const [at, stop] of stops.entries()) if (at % 10 === 3) setTimeout(() => stop.abort(), at % 40)
    const ends: readonly CallEnd[] = await settleAll(bench, calls)

    expect(ends).toHaveLength(CALLS)
    expect(runtime.actors().filter((address) => address.includes('/model-call/'))).toEqual([])
    expect(ends.filter(({ unsettled }) => unsettled !== null)).toEqual([])
    for (const code of [null, 'BUDGET_EXCEEDED', 'CANCELLED']) {
      expect(ends.filter((end) => end.code === code).length).toBeGreaterThan(2)
    }

    // The budget was never passed, not for a moment, and at the end is what the calls say that they cost.
    const { tokens, nanoUsd } = followed.highest()
    expect(followed.events()).toBeGreaterThan(CALLS)
    expect(tokens).toBeLessThanOrEqual(LIMIT.tokens)
    expect(nanoUsd).toBeLessThanOrEqual(LIMIT.costUsd * 1e9)
    const view = await budget.view()
    expect([view.held.tokens, view.held.nanoUsd, view.calls.held, followed.held.size]).toEqual([0, 0, 0, 0])
    const cost = ends.reduce((sum, end) => sum + end.costNanoUsd, 0)
    expect(view.settled.nanoUsd + view.overrun.nanoUsd).toBe(cost)
    expect(view.settled.nanoUsd).toBe(followed.settled().nanoUsd)

    // Every request is an attempt that somebody answers for; every socket is at its end.
    const attempts = ends.flatMap((end) => end.attempts)
    const requests = [...server.requests, ...backup.requests]
    expect(requests.length).toBeLessThanOrEqual(attempts.length)
    expect(attempts.length - requests.length).toBeLessThanOrEqual(CALLS / 10)
    await Promise.all(requests.map((request) => request.ended))

    for (const [name, list] of changes) {
      const { state, free } = await bench.breakerOf(name)
      expect(free).toBe(1)
      expect(list.at(-1)?.state ?? 'closed').toBe(state)
      for (const [at, change] of list.entries()) {
        const before = list[at - 1]
        if (!before) continue
        expect(change.seq).toBe(before.seq + 1)
        expect(`${before.state} ${change.state}`).toMatch(/^(closed open|open half-open|half-open (open|closed))$/)
      }
    }
  },
)
