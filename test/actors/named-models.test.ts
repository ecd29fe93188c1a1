import { describe, expect, it } from 'vitest'
import { createBudget } from '../../actors/budget-client.ts'
import { defineModels } from '../../actors/define-models.ts'
import { compatible } from '../../actors/models/compatible.ts'
import { createModels } from '../../actors/models-client.ts'
import { namedModels } from '../../actors/named-models.ts'
import { priceBook } from '../../actors/price-book.ts'
import { openFaultServer } from '../support/models/open-fault-server.ts'
import { openRuntime } from '../support/runtime/open-runtime.ts'

const answer = { text: 'thirty', usage: { input: 1_000, output: 100 } }
const price = { input: 1, output: 4 }
const given = priceBook({ 'router/m': { inputPerMillionUsd: 1, outputPerMillionUsd: 4 } })
// Beside what is asked here, a server is asked what it can do.
const isAsked = ({ body }: { body: unknown }): boolean => JSON.stringify(body).includes('how much?')

describe.each([
  ['a compatible server', (baseURL: string) => priced(baseURL, true)],
  ['a server that is named by its address alone', (baseURL: string) => named(baseURL, price)],
])('a price that is given for %s', (_, make) => {
  it('is charged, though the server is free without one', async () => {
    const server = await openFaultServer({ answers: () => answer })
    const { runtime } = await openRuntime()
    const budget = await createBudget(runtime, { key: 'run', limit: { costUsd: 1 } })
    const client = createModels(runtime, await make(server.baseURL), { budget })
    const call = { model: 'router/m', prompt: 'how much?', maxOutputTokens: 500 }
    expect((await client.estimate(call)).candidates[0]?.costUsd).toBeGreaterThanOrEqual(0.002)
    expect((await client.call(call)).costUsd).toBe(0.0014)
    expect((await budget.view()).settled.nanoUsd).toBe(1_400_000)
  })

  it('caps what is spent: nothing is asked that the budget does not cover', async () => {
    const server = await openFaultServer({ answers: () => answer })
    const { runtime } = await openRuntime()
    const budget = await createBudget(runtime, { key: 'run', limit: { costUsd: 0.001 } })
    const client = createModels(runtime, await make(server.baseURL), { budget })
    await expect(client.call({ model: 'router/m', prompt: 'how much?', maxOutputTokens: 500 })).rejects.toMatchObject({
      code: 'BUDGET_EXCEEDED',
    })
    expect(server.requests.filter(isAsked)).toHaveLength(0)
  })
})

it('a free server without a price costs nothing, and one that is not free and has none is not asked', async () => {
  const server = await openFaultServer({ answers: () => answer })
  const { runtime } = await openRuntime()
  const call = { model: 'router/m', prompt: 'how much?' }
  expect((await createModels(runtime, await named(server.baseURL)).call(call)).costUsd).toBe(0)
  const priceless = defineModels({ providers: [compatible({ name: 'router', baseURL: server.baseURL, free: false })] })
  const { runtime: other } = await openRuntime()
  await expect(createModels(other, priceless).call(call)).rejects.toMatchObject({
    data: { refused: [{ cause: 'price' }] },
  })
})

it('a server elsewhere that is named by its address has to have a price', async () => {
  const elsewhere = 'https://models.example/v1'
  await expect(named(elsewhere)).rejects.toMatchObject({
    code: 'INVALID_MESSAGE',
    hint: expect.stringMatching('--price') as string,
  })
  expect((await named(elsewhere, price)).models).toMatchObject([{ id: 'router/m' }])
})

function priced(baseURL: string, free: boolean) {
  return Promise.resolve(defineModels({ providers: [compatible({ name: 'router', baseURL, free })], prices: given }))
}

function named(baseUrl: string, cost?: typeof price) {
  return namedModels({ models: ['router/m'], baseUrl, price: cost })
}
