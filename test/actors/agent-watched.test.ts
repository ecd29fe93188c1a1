import { describe, expect, it } from 'vitest'
import { createAgent } from '../../actors/agent-client.ts'
import { defineAgent } from '../../actors/define-agent.ts'
import { defineSupervisor } from '../../actors/define-supervisor.ts'
import { createBreaker } from '../../actors/breaker-client.ts'
import type { AgentResult } from '../../machines/agent.contract.ts'
import type { MessageEvent } from '../../runtime/index.ts'
import { agentBench, doubling, wants } from './agent-bench.ts'

describe('an agent is watched', () => {
  it('by its events, numbered without a gap, each run by itself', async () => {
    const { runtime, base } = await agentBench(({ index }) => (index % 2 === 0 ? wants(['double', { n: 1 }]) : 'two'))
    const session = await createAgent(runtime, defineAgent({ ...base, tools: [doubling()] }))
    const events: MessageEvent[] = []
    session.ref.on('*', (event) => events.push(event))
    await session.generate('one', { key: 'r-1' })
    await session.generate('two', { key: 'r-2' })
    const story = ['agent.started', 'agent.thought', 'agent.called', 'agent.returned', 'agent.thought', 'agent.ended']
    for (const run of ['r-1', 'r-2']) {
      const told = events.filter((event) => event['run'] === run)
      expect(told.map(({ type }) => type)).toEqual(story)
      expect(told.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6])
    }
  })

  it('as actors: every model call and every tool call is one, named by run, turn and call', async () => {
    const { runtime, base } = await agentBench([wants(['double', { n: 1 }], ['double', { n: 2 }]), 'done'])
    const seen = new Set<string>()
    runtime.inspect((record) => 'address' in record && seen.add(record.address))
    const session = await createAgent(runtime, defineAgent({ ...base, tools: [doubling()] }), { key: 'ann' })
    await session.generate('go', { key: 'r' })
    expect([...seen].filter((address) => /call|tool/.test(address)).sort()).toEqual([
      'local/clerk-tool/clerk.ann.r.1.0',
      'local/clerk-tool/clerk.ann.r.1.1',
      'local/model-call/clerk.ann.r.1',
      'local/model-call/clerk.ann.r.2',
    ])
  })

  it('by listeners that may throw: the run goes on, and what they threw is a dead letter', async () => {
    const { runtime, base } = await agentBench([wants(['ask_human', { question: 'Sure?' }]), 'done'])
    const session = await createAgent(runtime, defineAgent({ ...base, askHuman: true }))
    session.ref.on('agent.asked', ({ question }) => {
      void session.answer(question.id, 'yes')
      throw new Error('the pager is broken')
    })
    expect(await session.generate('go')).toMatchObject({ status: 'succeeded' })
    expect(runtime.deadLetters.list()).toMatchObject([
      { event: { type: 'agent.asked' }, error: { message: 'the pager is broken' } },
    ])
  })

  it('by a breaker that outlives its sessions', async () => {
    const { runtime, base } = await agentBench([{ fail: 'server_error' }, { fail: 'server_error' }])
    const clerk = defineAgent(base)
    for (const key of ['one', 'two']) {
      const session = await createAgent(runtime, clerk, { key })
      expect(await session.generate('go')).toMatchObject({ status: 'failed' })
      await session.stop()
    }
    const breaker = await createBreaker(runtime, { key: 'a' })
    expect(await breaker.ref.ask({ type: 'breaker.status' })).toMatchObject({ state: 'closed', failures: 2 })
  })
})

describe('an agent among other actors', () => {
  it('answers the requests that a supervisor routes to it', async () => {
    const { runtime, base } = await agentBench(['VAT is due'])
    const clerk = defineAgent(base)
    const desk = defineSupervisor('desk', {
      actors: { clerk },
      agents: [{ name: 'tax', actor: 'clerk' }],
      input: ({ request }) => ({ prompt: request.text }),
    })
    const ref = await runtime.spawn(desk, { key: 'd' })
    const { value } = await ref.ask({ type: 'supervisor.request', text: 'Is VAT due?' })
    expect(value as AgentResult).toMatchObject({ status: 'succeeded', text: 'VAT is due' })
  })
})
