import { assign, setup } from 'xstate'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createBudget } from '../../actors/budget-client.ts'
import { defineModels } from '../../actors/define-models.ts'
import { defineTool } from '../../actors/define-tool.ts'
import { defineTools } from '../../actors/define-tools.ts'
import { askReplicate } from '../../actors/evidence-askers.ts'
import { createEvidence } from '../../actors/evidence-client.ts'
import { modelReplicate } from '../../actors/evidence-models.ts'
import { toolReplicate } from '../../actors/evidence-tools.ts'
import { defineEvidence } from '../../actors/evidence.ts'
import { scripted } from '../../actors/models/scripted.ts'
import { defineActor, defineContract } from '../../runtime/index.ts'
import { reply } from '../../runtime/protocol/message-actions.ts'
import { openRuntime } from '../support/runtime/open-runtime.ts'
import { modelBench, perCharacter, prices } from './model-bench.ts'
import { thrownBy } from './thrown-by.ts'

const schema = z.object({ total: z.number() })
const json = (total: number, input = 10) => ({ json: { total }, usage: { input, output: 5 } })

describe('evidence of models', () => {
  it('varies model, persona, effort and the order of the prompt, and adds up what that cost', async () => {
    const { runtime, client, a, b } = await modelBench({ a: [json(7), json(7)], b: [json(90)] })
    const definition = defineEvidence<readonly string[]>('totals', {
      schema,
      replicate: modelReplicate(client, {
        prompt: (parts: readonly string[], { reorder }) => reorder(parts).join(' '),
        output: schema,
        instructions: 'Be brief.',
        models: ['a/small', 'b/large'],
        personas: ['You are an auditor.', 'You are a clerk.', 'You are a judge.'],
        efforts: ['low', 'medium'],
      }),
    })
    const bundle = await createEvidence(runtime, definition).run(['one', 'two', 'three'])
    expect(bundle.replicates.map(({ model, data }) => [model, data])).toEqual([
      ['a/small', { total: 7 }],
      ['b/large', { total: 90 }],
      ['a/small', { total: 7 }],
    ])
    const asked = [a.calls[0], b.calls[0], a.calls[1]].map((call) => call?.request)
    expect(asked.map((request) => [request?.messages[0]?.content, request?.instructions, request?.effort])).toEqual([
      ['one two three', 'You are an auditor.\n\nBe brief.', 'low'],
      ['two three one', 'You are a clerk.\n\nBe brief.', 'medium'],
      ['three one two', 'You are a judge.\n\nBe brief.', 'low'],
    ])
    expect(bundle).toMatchObject({
      status: 'succeeded',
      meta: { models: ['a/small', 'b/large'] },
      summary: { consensus: { total: 7 } },
      usage: { inputTokens: { total: 30 }, outputTokens: { total: 15 } },
      // 2 x (10 x 0.001 + 5 x 0.002), and 10 x 0.01 + 5 x 0.02.
      costUsd: 0.24,
    })
  })

  it('is paid for by its budget, and ends with what is there when that is used up', async () => {
    const { runtime, client, a } = await modelBench({ a: [json(7, 10), json(90, 10), json(7, 10)] })
    const definition = defineEvidence<string>('totals', {
      schema,
      replicate: modelReplicate(client, {
        prompt: (text: string) => text,
        output: schema,
        models: ['a/small'],
        maxOutputTokens: 10,
      }),
    })
    const budget = await createBudget(runtime, { key: 'run', limit: { costUsd: 0.07 } })
    const bundle = await createEvidence(runtime, definition, { budget }).run('how much is it?')
    const view = await budget.view()
    expect(view.settled.costUsd).toBeCloseTo(bundle.costUsd, 9)
    expect(view.held.costUsd).toBe(0)
    expect(a.calls.length).toBe(2)
    expect(bundle).toMatchObject({ status: 'partial', meta: { reason: 'budget' } })
  })

  it('comes from models alone, without a client', async () => {
    const { runtime } = await openRuntime()
    const provider = scripted({ name: 'a', free: true, clock: runtime.clock, answers: [json(1), json(1)] as never })
    const models = defineModels({ providers: [provider], models: [{ id: 'a/small' }], prices, tokens: perCharacter })
    const definition = defineEvidence<string>('totals', {
      replicate: modelReplicate(models, {
        prompt: (text: string) => [{ role: 'user', content: text }],
        output: schema,
      }),
    })
    const { summary, status } = await createEvidence(runtime, definition).run('?')
    expect([status, summary.consensus]).toEqual(['succeeded', { total: 1 }])
  })

  it('is refused for options that cannot be', async () => {
    const models = defineModels({ providers: [] })
    const prompt = (): string => ''
    for (const options of [
      { prompt, personas: [''] },
      { prompt, models: 'a/small' },
      { prompt, seed: 1 },
    ]) {
      const error = await thrownBy(() => modelReplicate(models, options as never))
      expect(error).toMatchObject({ code: 'INVALID_MESSAGE' })
    }
  })
})

describe('evidence of tools', () => {
  const toolOf = <const Id extends string>(id: Id, factor: number, keys: string[] = []) =>
    defineTool({
      id,
      version: '1.0.0',
      description: 'Counts.',
      input: z.object({ of: z.number() }),
      output: z.object({ total: z.number() }),
      execute: async ({ of }, { idempotencyKey }) => {
        keys.push(idempotencyKey)
        return { total: of * factor }
      },
    })

  it('asks one tool or several in turn, each under a key of its own', async () => {
    const keys: string[] = []
    const tools = defineTools([toolOf('count', 1, keys), toolOf('estimate', 3, keys)])
    const { runtime } = await openRuntime()
    const definition = defineEvidence<number>('totals', {
      schema,
      replicate: toolReplicate(tools, { tool: ['count', 'estimate'], input: (of: number) => ({ of }) }),
    })
    const bundle = await createEvidence(runtime, definition).run(10)
    expect(bundle.replicates.map(({ data }) => data)).toEqual([{ total: 10 }, { total: 30 }, { total: 10 }])
    expect(bundle.summary.consensus).toEqual({ total: 10 })
    expect(new Set(keys).size).toBe(3)
  })

  it('is refused for a tool that is not there', async () => {
    const tools = defineTools([toolOf('count', 1)])
    const error = await thrownBy(() => toolReplicate(tools, { tool: 'cuont' as 'count', input: () => ({ of: 1 }) }))
    expect(error).toMatchObject({ code: 'NOT_FOUND' })
  })
})

describe('evidence of actors', () => {
  const contract = defineContract({
    messages: { 'expert.ask': { fields: z.object({ text: z.string() }), reply: z.object({ total: z.number() }) } },
  })
  const expertMachine = setup({
    types: {} as { context: { asked: number } },
    actions: {
      count: assign({ asked: ({ context }) => context.asked + 1 }),
      answer: reply(({ context }: { context: { asked: number } }) => ({ total: context.asked })),
    },
  }).createMachine({ context: { asked: 0 }, on: { 'expert.ask': { actions: ['count', 'answer'] } } } as never)
  const expert = defineActor({ type: 'expert', contract, logic: expertMachine })

  it('asks them, and does without those that are not there', async () => {
    const { runtime } = await openRuntime()
    for (const key of ['expert-0', 'expert-2']) await runtime.spawn(expert, { key })
    const definition = defineEvidence<string>('totals', {
      schema,
      replicate: askReplicate(expert, {
        key: (_: string, index) => `expert-${index}`,
        message: (text) => ({ type: 'expert.ask', text }),
      }),
    })
    const bundle = await createEvidence(runtime, definition).run('how many?')
    expect(bundle.replicates.map(({ valid }) => valid)).toEqual([true, false, true])
    expect([bundle.status, bundle.summary.consensus]).toEqual(['succeeded', { total: 1 }])
  })
})
