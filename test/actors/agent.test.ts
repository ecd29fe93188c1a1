import { describe, expect, expectTypeOf, it, vi } from 'vitest'
import { z } from 'zod'
import { createAgent } from '../../actors/agent-client.ts'
import { createBudget } from '../../actors/budget-client.ts'
import { defineAgent } from '../../actors/define-agent.ts'
import type { AgentChunk } from '../../machines/agent.contract.ts'
import { code } from '../support/runtime/outcome.ts'
import { agentBench, doubling, toldBefore, wants } from './agent-bench.ts'

const done = { text: 'done', usage: { input: 10, output: 5 } }

describe('an agent', () => {
  it('calls tools until its model answers, and says what that took', async () => {
    const { runtime, provider, base } = await agentBench([
      wants(['double', { n: 2 }]),
      wants(['double', { n: 4 }]),
      { text: 'eight', usage: { input: 10, output: 5 } },
    ])
    const session = await createAgent(runtime, defineAgent({ ...base, tools: [doubling()] }))
    const answer = await session.generate('double 2 twice')
    expectTypeOf(answer.output).toEqualTypeOf<null>()
    expect(answer).toMatchObject({
      status: 'succeeded',
      text: 'eight',
      output: null,
      steps: 3,
      attempts: 3,
      models: ['a/small'],
      usage: { inputTokens: { total: 30 }, outputTokens: { total: 15 } },
      costUsd: 0.06,
      reason: null,
      error: null,
      toolCalls: [
        { step: 1, tool: 'double', input: '{"n":2}', status: 'succeeded', code: null },
        { step: 2, tool: 'double', input: '{"n":4}', status: 'succeeded' },
      ],
    })
    expect(toldBefore(provider, 1)).toMatchObject([{ tool: 'double', output: { n: 4 }, failed: false }])
    expect(provider.calls[0]?.request.tools?.map(({ name }) => name)).toEqual(['double'])
    expect(provider.left).toBe(0)
  })

  it('answers in the form of its schema, typed, and from data, typed', async () => {
    const { runtime, provider, base } = await agentBench([{ json: { total: 7, on: '2026-01-02' } }])
    const { instructions: _, ...rest } = base
    const clerk = defineAgent({
      ...rest,
      input: z.object({ name: z.string().default('nobody') }),
      instructions: ({ name }) => `You serve ${name}.`,
      output: z.object({ total: z.number(), on: z.string().transform((text) => new Date(text)) }),
    })
    const session = await createAgent(runtime, clerk, { data: { name: 'Ann' } })
    const { output } = await session.generate('sum it up')
    expectTypeOf(output).toEqualTypeOf<{ total: number; on: Date } | null>()
    expect(output).toEqual({ total: 7, on: new Date('2026-01-02') })
    expect(provider.calls[0]?.request.instructions).toBe('You serve Ann.')
    // @ts-expect-error the data are missing
    expect(await code(createAgent(runtime, clerk))).toBe('INVALID_MESSAGE')
    // @ts-expect-error the data are missing
    expect(await code(createAgent(runtime, clerk, { key: 'ann' }))).toBe('INVALID_MESSAGE')
    // @ts-expect-error the name is a text
    expect(await code(createAgent(runtime, clerk, { data: { name: 5 } }))).toBe('INVALID_MESSAGE')
  })

  it('is a session: what was said before is told again, within the window', async () => {
    const { runtime, provider, base } = await agentBench(() => 'hm')
    const clerk = defineAgent({ ...base, limits: { window: 40 } })
    const session = await createAgent(runtime, clerk, { key: 'ann' })
    await session.generate('one')
    await (await createAgent(runtime, clerk, { key: 'ann' })).generate('two')
    expect(provider.calls[1]?.request.messages.map(({ content }) => content)).toEqual(['one', 'hm', 'two'])
    await session.generate('x'.repeat(60))
    expect(provider.calls[2]?.request.messages.map(({ content }) => content)).toEqual(['two', 'hm', 'x'.repeat(60)])
    expect(await session.ref.ask({ type: 'agent.status' })).toMatchObject({ run: null, kept: 4, dropped: 2 })
  })

  it('streams the text, the tool calls and their ends, and then has the answer', async () => {
    const { runtime, base } = await agentBench([
      { text: ['let me ', 'see'], toolCalls: [{ tool: 'double', input: { n: 1 }, id: 'c1' }] },
      { text: ['it is ', 'two'] },
    ])
    const session = await createAgent(runtime, defineAgent({ ...base, tools: [doubling()] }))
    const stream = session.stream('double 1')
    const chunks: AgentChunk[] = []
    for await (const chunk of stream) chunks.push(chunk)
    const text = chunks.map((chunk) => ('text' in chunk ? chunk.text : chunk.type)).join('')
    expect(text).toBe('let me seecalledreturnedit is two')
    expect(chunks).toContainEqual({ type: 'called', step: 1, id: 'c1', tool: 'double', input: '{"n":1}' })
    const returned = { type: 'returned', step: 1, id: 'c1', tool: 'double' }
    expect(chunks).toContainEqual({ ...returned, status: 'succeeded', code: null, message: null })
    expect(await stream.answer).toMatchObject({ status: 'succeeded', text: 'it is two' })
  })

  it('streams why a call failed or was refused', async () => {
    const { runtime, base } = await agentBench([wants(['double', { n: 1 }], ['triple', {}]), done])
    const broken = doubling(() => {
      throw new Error('the disk is full')
    })
    const session = await createAgent(runtime, defineAgent({ ...base, tools: [broken] }))
    const returned: AgentChunk[] = []
    for await (const chunk of session.stream('go')) if (chunk.type === 'returned') returned.push(chunk)
    expect(returned).toMatchObject([
      { status: 'refused', code: 'NOT_FOUND', message: expect.stringContaining("no tool 'triple'") as string },
      { status: 'failed', code: 'TOOL_FAILED', message: expect.stringContaining('the disk is full') as string },
    ])
  })

  it('whose stream is left early is cancelled', async () => {
    const { runtime, clock, base } = await agentBench([{ text: ['a', 'b'], gap: '1s' }])
    const session = await createAgent(runtime, defineAgent(base))
    const stream = session.stream('go')
    for await (const chunk of stream) if (chunk.type === 'text') break
    await clock.advance('10ms')
    await vi.waitFor(async () => expect(await session.ref.ask({ type: 'agent.status' })).toMatchObject({ run: null }))
  })

  it('spawned with a prompt runs it and ends with what it came to', async () => {
    const { runtime, base } = await agentBench([wants(['double', { n: 2 }]), done])
    const ref = await runtime.spawn(defineAgent({ ...base, tools: [doubling()] }), { input: { prompt: 'go' } })
    expect(await ref.result()).toMatchObject({ status: 'succeeded', text: 'done', steps: 2 })
  })

  it('is cancelled anywhere: model and tools stop, and what they used is told', async () => {
    const stopped = vi.fn()
    const { runtime, clock, base } = await agentBench([wants(['double', { n: 1 }]), done])
    const waiting = doubling(
      (_, { signal }) =>
        new Promise((resolve) => {
          signal.addEventListener('abort', () => {
            stopped()
            resolve(null)
          })
        }),
    )
    const session = await createAgent(runtime, defineAgent({ ...base, tools: [waiting] }))
    const controller = new AbortController()
    const answer = session.generate('go', { signal: controller.signal })
    await vi.waitFor(async () => expect((await session.ref.state()).value).toEqual({ working: 'acting' }))
    controller.abort()
    await clock.advance('1ms')
    expect(await answer).toMatchObject({
      status: 'cancelled',
      reason: 'the run was cancelled',
      usage: { outputTokens: { total: 5 } },
      toolCalls: [{ tool: 'double', status: 'cancelled', code: 'CANCELLED' }],
    })
    expect(stopped).toHaveBeenCalledOnce()
    expect(await session.generate('again')).toMatchObject({ status: 'succeeded' })
  })

  it('has a deadline, after which it gives what there is', async () => {
    const { runtime, clock, provider, base } = await agentBench([
      wants(['double', { n: 1 }]),
      { text: 'late', delay: '1h' },
    ])
    const agent = defineAgent({ ...base, tools: [doubling()], limits: { timeout: '5s' } })
    const answer = (await createAgent(runtime, agent)).generate('go')
    await vi.waitFor(() => expect(provider.calls).toHaveLength(2))
    await clock.advance('6s')
    expect(await answer).toMatchObject({
      status: 'partial',
      error: { code: 'TIMEOUT' },
      reason: 'the run took longer than 5000 ms',
    })
  })

  it('whose model fails says why, and has what was used', async () => {
    const { runtime, base } = await agentBench([wants(['double', { n: 1 }]), { fail: 'authentication' }])
    const session = await createAgent(runtime, defineAgent({ ...base, tools: [doubling()] }))
    expect(await session.generate('go')).toMatchObject({
      status: 'failed',
      steps: 2,
      attempts: 2,
      error: { code: 'FORBIDDEN' },
      usage: { outputTokens: { total: 5 } },
    })
  })

  it('pays from its budget, and ends with what there is when that does not cover the next turn', async () => {
    const { runtime, base } = await agentBench(() => wants(['double', { n: Math.random() }]))
    const budget = await createBudget(runtime, { key: 'all', limit: { costUsd: 0.7 } })
    const agent = defineAgent({ ...base, tools: [doubling()], limits: { tokens: 100_000 } })
    const session = await createAgent(runtime, agent, { budget })
    const answer = await session.generate('go')
    expect(answer).toMatchObject({ status: 'partial', error: { code: 'BUDGET_EXCEEDED' } })
    expect(answer.steps).toBeGreaterThan(1)
    await runtime.idle()
    const view = await budget.view()
    expect(view.settled.nanoUsd).toBe(answer.costNanoUsd)
    expect(view.held.nanoUsd).toBe(0)
    // The node of the run was folded into its parent.
    expect(view.children).toEqual([])
  })

  it('with a limit of its own and no budget is bounded as well', async () => {
    const { runtime, base } = await agentBench(() => wants(['double', { n: Math.random() }]))
    const agent = defineAgent({ ...base, tools: [doubling()], limits: { tokens: 300 } })
    expect(await (await createAgent(runtime, agent)).generate('go')).toMatchObject({
      error: { code: 'BUDGET_EXCEEDED' },
    })
  })
})
