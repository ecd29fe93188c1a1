import { describe, expect, it } from 'vitest'
import { createAgent } from '../../actors/agent-client.ts'
import { defineAgent } from '../../actors/define-agent.ts'
import { agentBench, doubling, toldBefore, wants } from './agent-bench.ts'

describe('an agent', () => {
  it('calls tools until its model answers, and says what that took', async () => {
    const { runtime, provider, base } = await agentBench([
      wants(['double', { n: 2 }]),
      wants(['double', { n: 4 }]),
      { text: 'eight', usage: { input: 10, output: 5 } },
    ])
    const session = await createAgent(runtime, defineAgent({ ...base, tools: [doubling()] }))
    const answer = await session.generate('double 2 twice')
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
    expect(provider.left).toBe(0)
  })
})
