import { describe, expect, it } from 'vitest'
import { createBudget } from '../../actors/budget-client.ts'
import type { ScriptedAnswer } from '../../actors/models/scripted.ts'
import { isTroupeError, type TroupeError } from '../../runtime/index.ts'
import { modelBench } from './model-bench.ts'

const prompt = 'how much?'
const both = ['a/small', 'b/large'] as const

const failure = (outcome: Promise<unknown>): Promise<TroupeError> =>
  outcome.then(
    () => Promise.reject(new Error('it did not fail')),
    (error: unknown) => (isTroupeError(error) ? error : Promise.reject(error as Error)),
  )

describe('a model call behind breakers and limits', () => {
  const breakers = { a: { failures: 1 }, b: { failures: 1 } }
  const retry = { attempts: 1 }

  it('goes to the next model while a breaker is open, and says why', async () => {
    const { client, a } = await modelBench({ a: [{ fail: 'server_error' }], b: ['one', 'two'] }, { breakers, retry })
    expect((await client.call({ model: both, prompt })).model).toBe('b/large')
    const second = await client.call({ model: both, prompt })
    expect(second).toMatchObject({ model: 'b/large', text: 'two' })
    expect(second.reasons.join()).toContain('breaker of a/small is open')
    expect(a.calls).toHaveLength(1)
  })

  it('fails at once when every breaker is open: none is passed by', async () => {
    const script = { fail: 'server_error' } as const
    const { client, a, b } = await modelBench({ a: [script], b: [script] }, { breakers, retry })
    await failure(client.call({ model: both, prompt }))
    const error = await failure(client.call({ model: both, prompt }))
    expect(error.code).toBe('UNAVAILABLE')
    expect(error.data).toMatchObject({ attempts: [], refused: [{ cause: 'health' }, { cause: 'health' }] })
    expect([a.calls.length, b.calls.length]).toEqual([1, 1])
  })

  it('waits as long as a provider asks, and its breaker does not count that', async () => {
    const busy: ScriptedAnswer = { fail: { category: 'rate_limit', retryAfter: 7_000 } }
    const { client, clock } = await modelBench({ a: [busy, busy, 'forty'] }, { breakers, retry: { jitter: 'none' } })
    const calling = client.call({ model: 'a/small', prompt })
    await clock.advance('14s')
    const answer = await calling
    expect(answer.attempts.map(({ category, delay }) => [category, delay])).toEqual([
      ['rate_limit', 0],
      ['rate_limit', 7_000],
      [null, 7_000],
    ])
  })

  it('does not hold a place of the limiter while it waits for another attempt', async () => {
    const limits = { a: { concurrency: 1 } }
    const answers: ScriptedAnswer[] = [{ fail: 'server_error' }, 'second', 'first']
    const { client, clock } = await modelBench({ a: answers }, { limits })
    const first = client.call({ model: 'a/small', prompt })
    await clock.advance('100ms')
    expect((await client.call({ model: 'a/small', prompt })).text).toBe('second')
    await clock.advance('1s')
    expect((await first).text).toBe('first')
  })

  it('goes to the next model when the queue of one is full', async () => {
    const limits = { a: { concurrency: 1, queue: 0 } }
    const { client, clock } = await modelBench({ a: [{ text: 'slow', delay: '5s' }], b: ['other'] }, { limits })
    const slow = client.call({ model: 'a/small', prompt })
    await clock.advance('1s')
    const answer = await client.call({ model: both, prompt })
    expect(answer).toMatchObject({ model: 'b/large', refused: [{ model: 'a/small', cause: 'load' }] })
    await clock.advance('5s')
    expect((await slow).text).toBe('slow')
  })

  it('is cut off at each of its deadlines', async () => {
    const deadlines = { firstChunk: '5s', gap: '2s', total: '20s' } as const
    const cases: ScriptedAnswer[] = [
      { text: 'late', delay: '6s' },
      { text: ['a', 'b', 'c'], gap: '3s' },
      { text: Array.from({ length: 30 }, () => 'x'), gap: '1s' },
    ]
    for (const answer of cases) {
      const { client, clock } = await modelBench({ a: [answer] }, { deadlines, retry })
      const calling = failure(client.call({ model: 'a/small', prompt }))
      await clock.advance('25s')
      expect((await calling).code).toBe('TIMEOUT')
    }
  })
})

describe('a model call with a budget', () => {
  async function withBudget(limit: { costUsd?: number; tokens?: number }, answers: Parameters<typeof modelBench>[0]) {
    const bench = await modelBench(answers)
    const budget = await createBudget(bench.runtime, { key: 'run', limit })
    return { ...bench, budget }
  }

  it('settles what was used, to the nano, and frees the rest', async () => {
    const { client, budget } = await withBudget({ costUsd: 1 }, { a: [{ text: 'x', usage: { input: 9, output: 3 } }] })
    await client.call({ model: 'a/small', prompt, budget })
    const { settled, held } = await budget.view()
    expect(settled).toMatchObject({ tokens: 12, nanoUsd: 15_000_000 })
    expect(held).toMatchObject({ tokens: 0, nanoUsd: 0 })
  })

  it('is refused before anything is asked of a model', async () => {
    const { client, budget, a } = await withBudget({ tokens: 50 }, { a: ['never'] })
    const error = await failure(client.call({ model: 'a/small', prompt, budget }))
    expect(error.code).toBe('BUDGET_EXCEEDED')
    expect(error.data).toMatchObject({ dimension: 'tokens', limit: 50, asked: 109, attempts: [] })
    expect(a.calls).toHaveLength(0)
  })

  it('goes to a model that the budget covers, and says that it is a smaller one', async () => {
    const { client, budget, b } = await withBudget({ costUsd: 0.5 }, { a: ['yes'] })
    const answer = await client.call({ task: 'reasoning', prompt, budget })
    expect(answer).toMatchObject({ status: 'degraded', model: 'a/small' })
    expect(answer.degradations).toMatchObject([{ rung: 'cheaper_tier', before: 'large', after: 'small' }])
    expect(answer.refused).toMatchObject([{ model: 'b/large', cause: 'budget' }])
    expect(b.calls).toHaveLength(0)
  })

  it('says less when that is what it may give up, and says so', async () => {
    const { client, budget, a } = await withBudget({ tokens: 50 }, { a: ['yes'] })
    const answer = await client.call({ model: 'a/small', prompt, budget, ladder: [{ do: 'cap_output', least: 20 }] })
    expect(answer.degradations).toMatchObject([{ rung: 'cap_output', before: 100, after: 41 }])
    expect(a.calls[0]?.request.maxOutputTokens).toBe(41)
  })

  it('gives everything back for an attempt that the provider refused', async () => {
    const { client, budget } = await withBudget({ tokens: 500 }, { a: [{ fail: 'authentication' }] })
    await failure(client.call({ model: 'a/small', prompt, budget }))
    expect(await budget.view()).toMatchObject({ settled: { tokens: 0 }, held: { tokens: 0 } })
  })

  it('pays for every attempt, the interrupted one by what was heard of it', async () => {
    const { client, budget, clock } = await withBudget(
      { tokens: 5_000 },
      {
        a: [
          { text: ['12345', '67890'], fail: 'network', failAfter: 1 },
          { text: 'x', usage: { input: 9, output: 1 } },
        ],
      },
    )
    const calling = client.call({ model: 'a/small', prompt, budget })
    await clock.advance('2s')
    const answer = await calling
    expect(answer.attempts).toMatchObject([
      { estimated: true, usage: { inputTokens: { total: 9 }, outputTokens: { total: 5 } } },
      { estimated: false },
    ])
    expect(answer.costNanoUsd).toBe(19_000_000 + 11_000_000)
    expect((await budget.view()).settled).toMatchObject({ tokens: 24, nanoUsd: answer.costNanoUsd })
  })

  it('that is cancelled settles what it had used', async () => {
    const { client, budget, clock, a } = await withBudget(
      { tokens: 5_000 },
      { a: [{ text: ['12345', '67890'], gap: '10s' }] },
    )
    const stop = new AbortController()
    const calling = failure(client.call({ model: 'a/small', prompt, budget, signal: stop.signal }))
    await clock.advance('5s')
    expect((await budget.view()).held.tokens).toBe(109)
    stop.abort()
    await clock.advance('1ms')
    const error = await calling
    expect(error.code).toBe('CANCELLED')
    expect(error.data).toMatchObject({
      attempts: [{ category: 'cancelled', estimated: true }],
      costNanoUsd: 19_000_000,
    })
    expect(await budget.view()).toMatchObject({ settled: { tokens: 14 }, held: { tokens: 0 } })
    expect(a.calls).toHaveLength(1)
  })

  it('that is cancelled before its attempt begins gives back what was held, whatever it is at', async () => {
    for (const turns of Array.from({ length: 60 }, (_, index) => index)) {
      const { client, budget, a } = await withBudget({ tokens: 5_000 }, { a: [{ text: 'x', stallAfter: 0 }] })
      const stop = new AbortController()
      const calling = failure(client.call({ model: 'a/small', prompt, budget, signal: stop.signal }))
      for (let turn = 0; turn < turns; turn++) await Promise.resolve()
      stop.abort()
      expect((await calling).code).toBe('CANCELLED')
      const { held, settled } = await budget.view()
      expect(held).toMatchObject({ tokens: 0 })
      expect(a.calls.length === 0 ? settled.tokens : 0).toBe(0)
    }
  })

  it('shares it with others: never more than the limit is held and settled', async () => {
    const answers = { a: () => ({ text: 'x', usage: { input: 9, output: 91 } }) }
    const { client, budget, a } = await withBudget({ tokens: 1_000 }, answers)
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, () => client.call({ model: 'a/small', prompt, budget })),
    )
    const { settled, held } = await budget.view()
    const made = outcomes.filter(({ status }) => status === 'fulfilled').length
    expect(made).toBe(a.calls.length)
    expect(made).toBeGreaterThan(0)
    expect([settled.tokens, held.tokens]).toEqual([made * 100, 0])
    expect(settled.tokens).toBeLessThanOrEqual(1_000)
  })
})

describe('a model call whose surroundings fail', () => {
  it('fails when nothing can be estimated, and does not hang', async () => {
    const tokens = { estimate: () => Promise.reject(new Error('no tokeniser')), learn: () => {} }
    const { client } = await modelBench({ a: ['x'] }, { tokens })
    const error = await failure(client.call({ model: 'a/small', prompt }))
    expect(error.message).toContain('no tokeniser')
  })

  it('guesses what an interrupted answer took when that cannot be estimated either', async () => {
    let asked = 0
    const estimate = (): Promise<number> => (asked++ === 0 ? Promise.resolve(9) : Promise.reject(new Error('gone')))
    const { client } = await modelBench(
      { a: [{ text: ['123456', '7'], fail: 'refusal', failAfter: 1 }] },
      { tokens: { estimate, learn: () => {} } },
    )
    const error = await failure(client.call({ model: 'a/small', prompt }))
    expect(error.data).toMatchObject({ category: 'refusal', usage: { outputTokens: { total: 2 } } })
  })

  it('is refused when its budget is closed, and makes no request', async () => {
    const { client, runtime, clock, a } = await modelBench({ a: ['x'] })
    const budget = await createBudget(runtime, { key: 'run', limit: { tokens: 1_000 } })
    await budget.close()
    const calling = failure(client.call({ model: 'a/small', prompt, budget }))
    await clock.advance('1m')
    expect((await calling).code).toBe('NOT_FOUND')
    expect(a.calls).toHaveLength(0)
  })

  it('keeps its answer when what it used cannot be settled, and says so', async () => {
    const { client, runtime, clock } = await modelBench({ a: [{ text: 'x', delay: '1s' }] })
    const budget = await createBudget(runtime, { key: 'run', limit: { tokens: 1_000 } })
    const calling = client.call({ model: 'a/small', prompt, budget })
    await clock.advance('500ms')
    const [address] = runtime.actors().filter((each) => each.includes('/budget/'))
    await runtime.ref(address as string).stop()
    await clock.advance('1m')
    const answer = await calling
    expect(answer.text).toBe('x')
    expect(answer.unsettled).not.toBeNull()
  })
})
