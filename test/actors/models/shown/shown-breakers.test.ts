import { expect, it } from 'vitest'
import type { FaultAnswer } from '../../../../actors/models/fault-answer.ts'
import { endOf } from '../../../support/models/call-end.ts'
import { openHttpBench } from '../../../support/models/http-bench.ts'
import { PROVIDERS } from '../../../support/models/provider-matrix.ts'

const prompt = 'Good morning'
const retry = { attempts: 1 }
const DOWN = { status: 503 } as const
/** How many failures open the breaker of a provider, how long it stays open, and how many successes close it. */
const PRESETS: Readonly<Record<string, readonly [failures: number, openFor: number, successes: number]>> = {
  openai: [5, 60_000, 2],
  anthropic: [3, 120_000, 1],
  lab: [5, 60_000, 2],
}

for (const [name, make] of PROVIDERS) {
  it(`${name}: requests beyond a rate never open the breaker, however many there are`, async () => {
    const { drive, client, model, provider, server, breakerOf } = await openHttpBench(make, {
      answers: () => ({ status: 429, retryAfter: 1 }),
    })
    for (let call = 0; call < 10; call++) await drive(endOf(client.call({ model, prompt })))
    expect(server.requests).toHaveLength(30)
    expect(await breakerOf(provider)).toMatchObject({ state: 'closed', failures: 0 })
  })

  it(`${name}: failures open the breaker, half-open lets one through, successes close it`, async () => {
    let next: FaultAnswer = DOWN
    const bench = await openHttpBench(make, { answers: () => next, models: { retry } })
    const { drive, client, model, provider, server, clock, breakerOf, budget } = bench
    const [failures, openFor, successes] = PRESETS[provider] as (typeof PRESETS)[string]
    const ask = () => drive(endOf(client.call({ model, prompt })))
    for (let call = 1; call <= failures; call++) {
      await ask()
      expect((await breakerOf(provider)).state).toBe(call < failures ? 'closed' : 'open')
    }

    // Open: no request leaves.
    const barred = await ask()
    expect(barred).toMatchObject({ code: 'UNAVAILABLE', attempts: [], refused: [{ model, cause: 'health' }] })
    await clock.advance(openFor - 1)
    await ask()
    expect(server.requests).toHaveLength(failures)

    // Half-open: of many that come at once one goes through, and its failure opens it again.
    await clock.advance(1)
    const crowd = await Promise.all(Array.from({ length: 5 }, ask))
    expect(server.requests).toHaveLength(failures + 1)
    expect(crowd.filter(({ attempts }) => attempts.length === 1)).toHaveLength(1)
    expect((await breakerOf(provider)).state).toBe('open')

    await clock.advance(openFor)
    next = { text: 'better' }
    for (let call = 1; call <= successes; call++) {
      const { state } = await breakerOf(provider)
      expect(state).toBe('half-open')
      expect((await ask()).text).toBe('better')
    }
    expect(await breakerOf(provider)).toMatchObject({ state: 'closed', failures: 0 })
    expect((await budget.view()).held.tokens).toBe(0)
  })

  it(`${name}: a call that is cancelled while half-open gives its permit back`, async () => {
    const answers: FaultAnswer[] = [DOWN, { text: ['a', 'b'], stallAfter: 1 }, { text: 'better' }]
    const breakers = { [make({ url: 'http://x', baseURL: 'http://x' }).name]: { failures: 1, successes: 1 } }
    const bench = await openHttpBench(make, { answers, models: { retry, breakers } })
    const { drive, client, model, provider, server, clock, breakerOf } = bench
    await drive(endOf(client.call({ model, prompt })))
    await clock.advance('60s')
    for await (const _ of client.stream({ model, prompt })) {
      expect(await drive(endOf(client.call({ model, prompt })))).toMatchObject({ code: 'UNAVAILABLE', attempts: [] })
      break
    }
    expect(await server.requests[1]?.ended).toBe(true)
    await clock.advance(1)
    expect(await breakerOf(provider)).toMatchObject({ state: 'half-open', free: 1 })
    expect((await drive(endOf(client.call({ model, prompt })))).text).toBe('better')
    expect((await breakerOf(provider)).state).toBe('closed')
  })

  it(`${name}: with every breaker open a call fails at once, and none is passed by`, async () => {
    const breakers = { [make({ url: 'http://x', baseURL: 'http://x' }).name]: { failures: 1 }, backup: { failures: 1 } }
    const bench = await openHttpBench(make, {
      answers: () => DOWN,
      backup: () => DOWN,
      models: { retry, breakers },
    })
    const { drive, client, model, server, backup, clock, budget } = bench
    const both = [model, 'backup/test-model']
    expect((await drive(endOf(client.call({ model: both, prompt })))).attempts).toHaveLength(2)
    const began = clock.now()
    for (let call = 0; call < 3; call++) {
      expect(await drive(endOf(client.call({ model: both, prompt })))).toMatchObject({
        code: 'UNAVAILABLE',
        attempts: [],
        refused: both.map((each) => ({ model: each, cause: 'health' })),
      })
    }
    expect(clock.now()).toBe(began)
    expect([server.requests.length, backup.requests.length]).toEqual([1, 1])
    expect(await budget.view()).toMatchObject({ held: { tokens: 0 }, settled: { tokens: 0 } })
  })
}
