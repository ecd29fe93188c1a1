import { describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { type Budget, createBudget } from '../../actors/budget-client.ts'
import { durableBudgetKeeper } from '../../actors/budget-keeper.ts'
import { defineModels, type Models } from '../../actors/define-models.ts'
import { defineModelCall } from '../../actors/model-call.ts'
import { type ScriptedAnswer, scripted, type ScriptedProvider } from '../../actors/models/scripted.ts'
import { createModels, type ModelsClient } from '../../actors/models-client.ts'
import type { Runtime } from '../../runtime/index.ts'
import type { VirtualClock } from '../../runtime/testing.ts'
import { gatedJournal } from '../support/runtime/gated-journal.ts'
import { openRuntime } from '../support/runtime/open-runtime.ts'
import { perCharacter, prices } from './model-bench.ts'

const prompt = 'how much?'
const key = 'c-1'

interface Life {
  readonly runtime: Runtime
  readonly clock: VirtualClock
  readonly provider: ScriptedProvider
  readonly client: ModelsClient
  readonly models: Models
  budget(): Promise<Budget>
}

/** A process that makes durable calls, with what its provider says. */
async function live(journal: ReturnType<typeof gatedJournal>, answers: readonly ScriptedAnswer[]): Promise<Life> {
  let clock: VirtualClock | null = null
  const provider = scripted({
    name: 'a',
    free: false,
    answers,
    clock: { after: (ms, callback) => (clock as VirtualClock).alarm((clock as VirtualClock).now() + ms, callback) },
  })
  const models = defineModels({
    providers: [provider],
    models: [{ id: 'a/small', tier: 'small' }],
    prices,
    tokens: perCharacter,
    outputTokens: 100,
    durability: 'durable',
    retry: { jitter: 'none' },
  })
  const opened = await openRuntime({ journal, actors: [defineModelCall(models), durableBudgetKeeper] })
  clock = opened.clock
  return {
    ...opened,
    provider,
    models,
    client: createModels(opened.runtime, models),
    budget: () => createBudget(opened.runtime, { key: 'run', limit: { tokens: 10_000 }, durability: 'durable' }),
  }
}

describe('a durable model call', () => {
  it('is taken up after its process ended; the attempt that was cut off stays paid', async () => {
    const journal = gatedJournal()
    const first = await live(journal, [{ text: ['12345', '67890'], gap: '10s' }])
    const cutOff = first.client.call({ prompt, key, budget: await first.budget() }).catch(() => 'gone')
    await vi.waitFor(() => expect(first.provider.calls).toHaveLength(1))
    await first.runtime.stop({ drain: 0 })
    expect(await cutOff).toBe('gone')

    const second = await live(journal, [{ text: 'forty', usage: { input: 9, output: 5 } }])
    const result = second.runtime.ref(defineModelCall(second.models), key).result()
    await second.clock.advance('2s')
    const { status, text, attempts, costNanoUsd } = await result
    expect([status, text]).toEqual(['succeeded', 'forty'])
    expect(attempts).toMatchObject([
      { category: 'network', estimated: true, usage: { outputTokens: { total: 100 } } },
      { category: null, estimated: false },
    ])
    expect(costNanoUsd).toBe(9_000_000 + 200_000_000 + 19_000_000)
    expect(second.provider.calls[0]?.idempotencyKey).toBe(first.provider.calls[0]?.idempotencyKey)
    const budget = await second.budget()
    expect(await budget.view()).toMatchObject({
      settled: { tokens: 109 + 14, nanoUsd: costNanoUsd },
      held: { tokens: 0 },
    })
  })

  it('that has ended is not made again', async () => {
    const journal = gatedJournal()
    const first = await live(journal, [{ json: { total: 40 } }])
    const output = z.object({ total: z.number() })
    const answer = await first.client.call({ prompt, key, output, budget: await first.budget() })
    await first.runtime.stop()
    const second = await live(journal, [])
    const again = await second.client.call({ prompt, key, output, budget: await second.budget() })
    expect(again).toEqual(answer)
    expect(again.object.total).toBe(40)
    expect(second.provider.calls).toHaveLength(0)
    expect((await (await second.budget()).view()).settled.nanoUsd).toBe(answer.costNanoUsd)
  })

  it('still repairs an answer in a process that has no schema of its caller', async () => {
    const journal = gatedJournal()
    const first = await live(journal, [{ text: 'cut off', delay: '10s' }])
    first.client.call({ prompt, key, output: z.object({ total: z.number() }) }).catch(() => {})
    await vi.waitFor(() => expect(first.provider.calls).toHaveLength(1))
    await first.runtime.stop({ drain: 0 })
    const second = await live(journal, [{ json: { total: 'x' } }, { json: { total: 40 } }])
    const result = second.runtime.ref(defineModelCall(second.models), key).result()
    await second.clock.advance('2s')
    expect(await result).toMatchObject({ status: 'succeeded', object: { total: 40 } })
    expect(second.provider.calls[1]?.request.messages.at(-1)?.content).toContain('total')
  })
})
