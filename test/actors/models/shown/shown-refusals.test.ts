import { describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import type { FaultAnswer } from '../../../../actors/models/fault-answer.ts'
import type { ModelsOptions } from '../../../../actors/define-models.ts'
import type { ModelCallOptions } from '../../../../actors/models-client.ts'
import { anthropic } from '../../../../actors/models/anthropic.ts'
import { openai } from '../../../../actors/models/openai.ts'
import { priceBook } from '../../../../actors/price-book.ts'
import type { BudgetLimit } from '../../../../machines/budget-amount.ts'
import { type CallEnd, endOf } from '../../../support/models/call-end.ts'
import { openHttpBench } from '../../../support/models/http-bench.ts'
import { PROVIDERS, type ProviderMaker } from '../../../support/models/provider-matrix.ts'

const prompt = 'Good morning'
const nameOf = (make: ProviderMaker): string => make({ url: 'http://x', baseURL: 'http://x' }).name
const tool = { name: 'double', description: 'Doubles.', input: { type: 'object', properties: {} } }

interface Refusal {
  readonly name: string
  readonly limit?: BudgetLimit
  readonly models?: (model: string) => Partial<ModelsOptions>
  readonly call?: (model: string) => Partial<ModelCallOptions>
  readonly expected: (model: string) => Partial<Pick<CallEnd, 'code' | 'attempts'>> & { readonly refused?: unknown }
  /** A provider of one's own costs nothing, so that money cannot refuse it. */
  readonly paid?: true
}

/** What is refused before any request leaves. */
const REFUSALS: readonly Refusal[] = [
  {
    name: 'a budget of no tokens',
    limit: { tokens: 0 },
    expected: (model) => ({ code: 'BUDGET_EXCEEDED', refused: [{ model, cause: 'budget' }] }),
  },
  { name: 'a budget of no money', limit: { costUsd: 0 }, expected: () => ({ code: 'BUDGET_EXCEEDED' }), paid: true },
  {
    name: 'a budget one token short',
    limit: { tokens: prompt.length + 99 },
    expected: () => ({ code: 'BUDGET_EXCEEDED' }),
  },
  {
    name: 'a budget one nano short',
    limit: { costUsd: 0.211_999_999 },
    expected: () => ({ code: 'BUDGET_EXCEEDED' }),
    paid: true,
  },
  {
    name: 'a price that nobody knows',
    models: () => ({ prices: priceBook({}) }),
    expected: (model) => ({ code: 'UNAVAILABLE', refused: [{ model, cause: 'price' }] }),
    paid: true,
  },
  {
    name: 'a price above the ceiling',
    models: () => ({ priceCeiling: { inputPerMillionUsd: 1, outputPerMillionUsd: 1 } }),
    expected: (model) => ({ code: 'LIMIT_EXCEEDED', refused: [{ model, cause: 'ceiling' }] }),
    paid: true,
  },
  {
    name: 'a model without the needed capability',
    models: (model) => ({ models: [{ id: model, capabilities: { tools: false } }] }),
    call: () => ({ tools: [tool] }),
    expected: (model) => ({ code: 'UNAVAILABLE', refused: [{ model, cause: 'capability' }] }),
  },
  {
    name: 'a context that is too small',
    models: (model) => ({ models: [{ id: model, contextWindow: 8 }] }),
    expected: (model) => ({ code: 'LIMIT_EXCEEDED', refused: [{ model, cause: 'context' }] }),
  },
  {
    name: 'a provider that is not given',
    call: () => ({ model: 'nobody/test-model' }),
    expected: () => ({ code: 'NOT_FOUND', refused: [{ model: 'nobody/test-model', cause: 'unknown_model' }] }),
  },
  { name: 'no model at all', call: () => ({ model: [] }), expected: () => ({ code: 'UNAVAILABLE' }) },
]

for (const [name, make] of PROVIDERS) {
  describe(`${name}: no request leaves, and nothing is held, for`, () => {
    const model = `${nameOf(make)}/test-model`
    it.each(REFUSALS.filter(({ paid }) => !paid || name !== 'compatible'))('$name', async (refusal) => {
      const { client, budget, server, drive } = await openHttpBench(make, {
        answers: () => ({ text: 'unwanted' }),
        ...(refusal.limit ? { limit: refusal.limit } : {}),
        ...(refusal.models ? { models: refusal.models(model) } : {}),
      })
      const end = await drive(endOf(client.call({ model, prompt, ...refusal.call?.(model) } as never)))
      expect(end).toMatchObject({ attempts: [], costNanoUsd: 0, ...refusal.expected(model) })
      expect(server.requests).toHaveLength(0)
      const { held, settled, calls } = await budget.view()
      expect([held.tokens, held.nanoUsd, settled.tokens, calls.held]).toEqual([0, 0, 0, 0])
    })
  })

  it(`${name}: a budget that covers the call exactly lets it through`, async () => {
    const { client, model } = await openHttpBench(make, {
      answers: [{ text: 'x' }],
      limit: { tokens: prompt.length + 100, costUsd: 0.212 },
    })
    expect((await client.call({ model, prompt })).text).toBe('x')
  })

  it(`${name}: an answer that its schema refuses is repaired once, and each is paid for`, async () => {
    const schema = z.object({ total: z.number() })
    const wrong: FaultAnswer = { text: '{"total":"many"}' }
    const { client, budget, server, model, drive } = await openHttpBench(make, {
      answers: [wrong, { text: '{"total":40}' }, wrong, wrong],
    })
    const good = await drive(client.call({ model, prompt, output: schema }))
    expect([good.object, good.attempts.map(({ category }) => category)]).toEqual([{ total: 40 }, ['validation', null]])
    const bad = await drive(endOf(client.call({ model, prompt, output: schema })))
    expect(bad.code).not.toBeNull()
    expect(bad.attempts.map(({ category, estimated }) => [category, estimated])).toEqual([
      ['validation', false],
      ['validation', false],
    ])
    expect(server.requests).toHaveLength(4)
    const { settled, held } = await budget.view()
    expect([settled.nanoUsd, held.tokens]).toEqual([good.costNanoUsd + bad.costNanoUsd, 0])
  })
}

it.each([
  ['OpenAI', (server: { baseURL: string }) => openai({ baseURL: server.baseURL }), 'OPENAI_API_KEY'],
  ['Anthropic', (server: { url: string }) => anthropic({ baseURL: server.url }), 'ANTHROPIC_API_KEY'],
] as const)('%s: no key is an error that names the variable, and no request leaves', async (_name, make, variable) => {
  vi.stubEnv(variable, '')
  try {
    const { client, budget, server, backup, model, drive } = await openHttpBench(make as ProviderMaker, {
      answers: () => ({ text: 'unwanted' }),
      backup: () => ({ text: 'unwanted' }),
    })
    const end = await drive(endOf(client.call({ model: [model, 'backup/test-model'], prompt })))
    expect(end).toMatchObject({ code: 'FORBIDDEN', attempts: [{ model, category: 'authentication', costNanoUsd: 0 }] })
    expect(end.message).toContain(variable)
    expect([server.requests.length, backup.requests.length]).toEqual([0, 0])
    expect(await budget.view()).toMatchObject({ held: { tokens: 0 }, settled: { tokens: 0 } })
  } finally {
    vi.unstubAllEnvs()
  }
})
