import { expect, it } from 'vitest'
import { createAgent } from '../../actors/agent-client.ts'
import { defineAgent } from '../../actors/define-agent.ts'
import { defineModels } from '../../actors/define-models.ts'
import { openFaultServer } from '../support/models/open-fault-server.ts'
import { PROVIDERS } from '../support/models/provider-matrix.ts'
import { openRuntime } from '../support/runtime/open-runtime.ts'
import { doubling } from './agent-bench.ts'

for (const [name, make] of PROVIDERS) {
  it(`${name}: an agent calls tools, asks again after a failure, and answers, over HTTP with the real SDK`, async () => {
    const { runtime, clock } = await openRuntime()
    const calls = [1, 2].map((n) => ({ tool: 'double', input: { n }, id: `call_${n}` }))
    const server = await openFaultServer({
      answers: [{ status: 503 }, { text: 'let me see', toolCalls: calls }, { text: 'two and four' }],
    })
    const provider = make(server)
    const models = defineModels({
      providers: [provider],
      models: [{ id: `${provider.name}/test-model` }],
      priceCeiling: { inputPerMillionUsd: 1, outputPerMillionUsd: 1 },
      retry: { first: 1, cap: 1, jitter: 'none' },
    })
    const agent = defineAgent({ type: 'clerk', models, instructions: 'Use the tools.', tools: [doubling()] })
    const session = await createAgent(runtime, agent)
    const answer = session.generate('double 1 and 2')
    while ((await session.ref.ask({ type: 'agent.status' })).run !== null) {
      await new Promise((resolve) => setTimeout(resolve, 5))
      await clock.advance('1ms')
    }
    expect(await answer).toMatchObject({
      status: 'succeeded',
      text: 'two and four',
      attempts: 3,
      toolCalls: [
        { id: 'call_1', status: 'succeeded' },
        { id: 'call_2', status: 'succeeded' },
      ],
    })
    const [, , last] = server.requests
    // Both results stand in the request that led to the answer.
    for (const text of ['call_1', 'call_2', '\\"n\\":4']) expect(JSON.stringify(last?.body)).toContain(text)
  })
}
