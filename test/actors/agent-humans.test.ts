import { describe, expect, it, vi } from 'vitest'
import { createAgent } from '../../actors/agent-client.ts'
import { createBudget } from '../../actors/budget-client.ts'
import { defineAgent } from '../../actors/define-agent.ts'
import type { AgentQuestion } from '../../machines/agent.contract.ts'
import { code } from '../support/runtime/outcome.ts'
import { agentBench, doubling, scriptedModels, toldBefore, wants } from './agent-bench.ts'

const ask = (question: string) => ['ask_human', { question, options: ['yes', 'no'] }] as const

async function asking(answers: Parameters<typeof agentBench>[0], more: object = {}) {
  const bench = await agentBench(answers)
  const session = await createAgent(bench.runtime, defineAgent({ ...bench.base, askHuman: true, ...more }))
  const questions: AgentQuestion[] = []
  session.ref.on('agent.asked', ({ question }) => questions.push(question))
  return { ...bench, session, questions }
}

describe('an agent that asks a human', () => {
  it('waits for the answer by the id of the question, and refuses forged and late ones', async () => {
    const { session, questions, provider } = await asking([wants(ask('Pay it?')), 'paid'])
    const answer = session.generate('go')
    await vi.waitFor(() => expect(questions).toHaveLength(1))
    expect(questions[0]).toMatchObject({ text: 'Pay it?', options: ['yes', 'no'] })
    expect((await session.ref.state()).value).toEqual({ working: 'asking' })
    const [{ id } = { id: '' }] = questions
    expect(await code(session.answer(`${id}0`, 'yes'))).toBe('NOT_FOUND')
    await session.answer(id, 'yes')
    expect(await answer).toMatchObject({ status: 'succeeded', text: 'paid' })
    expect(toldBefore(provider, 1)).toMatchObject([{ tool: 'ask_human', output: 'yes', failed: false }])
    expect(await code(session.answer(id, 'no'))).toBe('NOT_FOUND')
  })

  it('is heard alike by its event and in its stream', async () => {
    const { session, questions } = await asking([wants(ask('Pay it?')), 'paid'])
    const streamed: AgentQuestion[] = []
    for await (const chunk of session.stream('go')) {
      if (chunk.type !== 'asked') continue
      streamed.push(chunk.question)
      await session.answer(chunk.question.id, 'yes')
    }
    expect(streamed).toEqual(questions)
  })

  it('tells two questions of one turn apart, with a tool at work beside them', async () => {
    const { session, questions, provider } = await asking([wants(ask('A?'), ['double', { n: 1 }], ask('B?')), 'done'], {
      tools: [doubling()],
    })
    const answer = session.generate('go')
    await vi.waitFor(() => expect(questions).toHaveLength(2))
    await session.answer(questions[1]?.id ?? '', 'b')
    await session.answer(questions[0]?.id ?? '', 'a')
    await answer
    expect(toldBefore(provider, 1).map(({ output }) => output)).toEqual(['a', { n: 2 }, 'b'])
  })

  it('is told when nobody answers in time', async () => {
    const { session, questions, provider, clock } = await asking([wants(ask('Pay it?')), 'then not'], {
      askHuman: { timeout: '1m' },
    })
    const answer = session.generate('go')
    await vi.waitFor(() => expect(questions).toHaveLength(1))
    await clock.advance('61s')
    expect(await answer).toMatchObject({ text: 'then not', toolCalls: [{ status: 'failed', code: 'TIMEOUT' }] })
    expect(toldBefore(provider, 1)[0]?.output).toBe('nobody answered within 60000 ms')
    expect(await code(session.answer(questions[0]?.id ?? '', 'yes'))).toBe('NOT_FOUND')
  })

  it('takes no answer from who may not give it, a tool of its own among them', async () => {
    const { session, questions, runtime } = await asking([wants(ask('Pay it?')), 'done'])
    const answer = session.generate('go')
    await vi.waitFor(() => expect(questions).toHaveLength(1))
    const guest = runtime.as({ id: 'guest', grants: ['agent.run', 'troupe.spawn', 'troupe.observe'] })
    const message = { type: 'agent.answer', question: questions[0]?.id ?? '', text: 'yes' } as const
    expect(await code(guest.ref(session.ref.address).ask(message as never))).toBe('FORBIDDEN')
    await session.answer(message.question, 'no')
    await answer
  })

  it('has no such tool unless it was given', async () => {
    const { session, provider } = await asking([wants(ask('Pay it?')), 'done'], { askHuman: false })
    expect((await session.generate('go')).toolCalls).toMatchObject([{ status: 'refused', code: 'FORBIDDEN' }])
    expect(provider.calls[0]?.request.tools).toBeUndefined()
  })
})

describe('an agent that hands over', () => {
  it('gets the answer of the other agent, whose cost is part of its own, paid from its budget', async () => {
    const { runtime, base, provider } = await agentBench([
      wants(['handoff_law', { request: 'Is it legal?' }]),
      'it is legal',
    ])
    const other = scriptedModels(['yes'], { name: 'law-call' }, runtime.clock)
    const law = defineAgent({ ...base, type: 'law', models: other.models, description: 'Knows the law.' })
    const budget = await createBudget(runtime, { key: 'all', limit: { costUsd: 10 } })
    const session = await createAgent(runtime, defineAgent({ ...base, handoffs: { law } }), { budget })
    const answer = await session.generate('may I?')
    expect(answer).toMatchObject({ status: 'succeeded', text: 'it is legal', attempts: 3 })
    expect(other.provider.calls[0]?.request.messages).toEqual([{ role: 'user', content: 'Is it legal?' }])
    expect(toldBefore(provider, 1)).toMatchObject([{ tool: 'handoff_law', output: 'yes', failed: false }])
    expect(provider.calls[0]?.request.tools?.[0]).toMatchObject({
      name: 'handoff_law',
      description: expect.stringContaining('Knows the law.') as string,
    })
    await runtime.idle()
    expect((await budget.view()).settled.nanoUsd).toBe(answer.costNanoUsd)
  })

  it('gives it no grant that it does not hold itself', async () => {
    const wipe = vi.fn(() => null)
    const { runtime, base } = await agentBench([wants(['handoff_ops', { request: 'wipe it' }]), 'I could not'])
    const other = scriptedModels([wants(['double', { n: 1 }]), 'no'], { name: 'ops-call' }, runtime.clock)
    const tools = [doubling(wipe, { requires: ['disk.wipe'] })]
    const ops = defineAgent({ ...base, type: 'ops', models: other.models, tools, grants: ['disk.wipe'] })
    await (await createAgent(runtime, defineAgent({ ...base, handoffs: { ops } }))).generate('go')
    expect(wipe).not.toHaveBeenCalled()
    expect(other.provider.calls[0]?.request.tools).toBeUndefined()
  })

  it('is told when the other fails, and stops it when it is cancelled', async () => {
    const { runtime, base, provider, clock } = await agentBench([
      wants(['handoff_law', { request: 'one' }]),
      wants(['handoff_law', { request: 'two' }]),
    ])
    const script = [{ fail: 'authentication' } as const, { text: 'late', delay: '1h' } as const]
    const other = scriptedModels(script, { name: 'law-call' }, runtime.clock)
    const law = defineAgent({ ...base, type: 'law', models: other.models })
    const session = await createAgent(runtime, defineAgent({ ...base, handoffs: { law } }))
    const answer = session.generate('go')
    await vi.waitFor(() => expect(other.provider.calls).toHaveLength(2))
    expect(toldBefore(provider, 1)).toMatchObject([{ failed: true }])
    await session.cancel('enough')
    await clock.advance('1ms')
    expect(await answer).toMatchObject({ status: 'cancelled', reason: 'enough' })
    expect(runtime.actors().filter((address) => address.includes('/law/'))).toEqual([])
  })
})
