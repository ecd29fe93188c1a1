import { memory } from 'troupe/transports/memory'
import { describe, expect, it } from 'vitest'
import { breaker } from '../../actors/breaker.ts'
import { createBudget } from '../../actors/budget-client.ts'
import { budgetKeeper } from '../../actors/budget-keeper.ts'
import { defineModels } from '../../actors/define-models.ts'
import { defineModelCall } from '../../actors/model-call.ts'
import { scripted } from '../../actors/models/scripted.ts'
import { createModels } from '../../actors/models-client.ts'
import { defineWorkflow } from '../../actors/index.ts'
import { z } from 'zod'
import { openRuntime } from '../support/runtime/open-runtime.ts'
import { modelBench, perCharacter } from './model-bench.ts'

const prompt = 'how much?'

describe('a model call among other actors', () => {
  it('that is stopped gives up its request, and what it had used is settled', async () => {
    const { client, runtime, clock, a } = await modelBench({ a: [{ text: ['12345', '67890'], gap: '10s' }] })
    const budget = await createBudget(runtime, { key: 'run', limit: { tokens: 1_000 } })
    const calling = client.call({ model: 'a/small', prompt, budget, key: 'c' }).catch((error: unknown) => error)
    await clock.advance('5s')
    const [address] = runtime.actors().filter((each) => each.includes('/model-call/'))
    await runtime.ref(address as string).stop()
    await calling
    await clock.advance('1s')
    expect(await budget.view()).toMatchObject({ settled: { tokens: 14 }, held: { tokens: 0 } })
    expect(a.calls).toHaveLength(1)
  })

  it('pays again when its key is used again after it has ended', async () => {
    const { client, runtime } = await modelBench({ a: ['one', 'two'] })
    const budget = await createBudget(runtime, { key: 'run', limit: { tokens: 1_000 } })
    const options = { model: 'a/small', prompt, budget, key: 'k' }
    const [one, two] = [await client.call(options), await client.call(options)]
    expect([one.text, two.text]).toEqual(['one', 'two'])
    expect((await budget.view()).settled.nanoUsd).toBe(one.costNanoUsd + two.costNanoUsd)
  })

  it('announces each attempt as it begins and ends, and tells on the way what has come of it', async () => {
    const { runtime, clock } = await openRuntime()
    const answers = [{ fail: 'server_error' as const }, { text: 'forty', delay: '1s' as const }]
    const provider = scripted({ name: 'a', answers, clock: runtime.clock })
    const models = defineModels({
      providers: [provider],
      models: [{ id: 'a/small' }],
      tokens: perCharacter,
      retry: { jitter: 'none' },
    })
    const request = { messages: [{ role: 'user' as const, content: prompt }] }
    const call = await runtime.spawn(defineModelCall(models), { key: 'c', input: { request } })
    const heard: unknown[] = []
    call.on('*', (event) => heard.push([event.type, event.attempt, 'category' in event ? event.category : '']))
    await clock.advance('500ms')
    expect((await call.state()).value).toBe('backing_off')
    expect(await call.ask({ type: 'call.status' })).toMatchObject({
      attempts: [{ model: 'a/small', category: 'server_error' }],
    })
    await clock.advance('5s')
    await call.result()
    expect(heard).toEqual([
      ['attempt.started', 1, ''],
      ['attempt.ended', 1, 'server_error'],
      ['attempt.started', 2, ''],
      ['attempt.ended', 2, null],
    ])
  })

  it('runs in another process, behind its breaker and on its budget, and streams to here', async () => {
    const transport = memory()
    const provider = scripted({
      name: 'a',
      answers: [{ text: ['for', 'ty'] }, { json: { n: 'x' } }, { json: { n: 4 } }],
    })
    const models = defineModels({ providers: [provider], models: [{ id: 'a/small' }], tokens: perCharacter })
    await openRuntime({ transport, actors: [defineModelCall(models), breaker, budgetKeeper] })
    const { runtime } = await openRuntime({ transport })
    const budget = await createBudget(runtime, { key: 'run', limit: { tokens: 100_000 } })
    const client = createModels(runtime, models, { budget })
    const stream = client.stream({ prompt })
    let text = ''
    for await (const piece of stream) text += piece.text
    const answer = await stream.result
    expect([text, answer.text]).toEqual(['forty', 'forty'])
    const repaired = await client.call({ prompt, output: z.object({ n: z.number() }) })
    expect(repaired.object.n).toBe(4)
    expect(repaired.attempts).toHaveLength(2)
    const used = [answer, repaired].map(({ usage }) => usage.inputTokens.total + usage.outputTokens.total)
    expect((await budget.view()).settled.tokens).toBe((used[0] as number) + (used[1] as number))
  })

  it('is made from a step of a workflow, and ends with its run', async () => {
    const { runtime, clock } = await openRuntime()
    const answers = [{ text: 'forty' }, { text: 'never', delay: '1h' as const }]
    const provider = scripted({ name: 'a', answers, clock: runtime.clock })
    const models = defineModels({ providers: [provider], models: [{ id: 'a/small' }], tokens: perCharacter })
    const flow = defineWorkflow('flow').step('ask', {
      run: async (scope) => (await createModels(scope, models).call({ prompt, signal: scope.signal })).text,
    })
    const run = await runtime.spawn(flow, { key: 'one' })
    expect((await run.result()).results.ask).toBe('forty')
    const other = await runtime.spawn(flow, { key: 'two' })
    await clock.advance('1s')
    await other.send({ type: 'workflow.cancel' })
    await clock.advance('1s')
    expect((await other.result()).status).toBe('cancelled')
    expect(runtime.actors().filter((address) => address.includes('/model-call/'))).toEqual([])
  })
})
