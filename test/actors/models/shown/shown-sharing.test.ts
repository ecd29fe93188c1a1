import { expect, it } from 'vitest'
import { z } from 'zod'
import { createEvidence } from '../../../../actors/evidence-client.ts'
import { modelReplicate } from '../../../../actors/evidence-models.ts'
import { defineEvidence } from '../../../../actors/evidence.ts'
import { createIdempotency } from '../../../../actors/idempotency-client.ts'
import { openHttpBench } from '../../../support/models/http-bench.ts'
import { PROVIDERS } from '../../../support/models/provider-matrix.ts'

const prompt = 'Good morning'
const schema = z.object({ total: z.number() })

for (const [name, make] of PROVIDERS) {
  it(`${name}: two callers with one key make one request, are told the same, and pay once`, async () => {
    const { client, model, server, budget } = await openHttpBench(make, {
      answers: [{ text: 'once', headerDelay: 20 }],
    })
    const ask = { model, prompt, key: 'c-1', idempotencyKey: 'k-1' }
    const [one, two] = await Promise.all([client.call(ask), client.call(ask)])
    expect(two).toEqual(one)
    expect(server.requests).toHaveLength(1)
    const { settled, calls } = await budget.view()
    expect([settled.nanoUsd, calls]).toEqual([one.costNanoUsd, { held: 0, settled: 1 }])
  })

  it(`${name}: behind an idempotency keeper the same work is one request, also later; a failure is not kept`, async () => {
    const { client, model, server, runtime, drive } = await openHttpBench(make, {
      answers: [{ status: 400 }, { text: 'once', headerDelay: 20 }],
    })
    const once = await createIdempotency(runtime, { key: 'answers' })
    const ask = () => once.run('k-1', { prompt }, async () => (await client.call({ model, prompt })).text)
    await expect(drive(ask())).rejects.toMatchObject({ code: 'INVALID_MESSAGE' })
    expect(await drive(Promise.all([ask(), ask()]))).toEqual(['once', 'once'])
    expect(await ask()).toBe('once')
    expect(server.requests).toHaveLength(2)
    await expect(once.run('k-1', { prompt: 'another' }, () => 'x')).rejects.toMatchObject({ code: 'CONFLICT' })
  })

  it(`${name}: a third replicate never starts when two agree; it does when they do not`, async () => {
    const totals = [40, 40, 10, 90, 10]
    const { client, model, server, runtime, budget } = await openHttpBench(make, {
      answers: ({ index }) => ({ text: JSON.stringify({ total: totals[index] }) }),
    })
    const definition = defineEvidence('totals', {
      schema,
      replicate: modelReplicate(client, { prompt: String, output: schema, models: [model] }),
    })
    const evidence = createEvidence(runtime, definition)
    const agreed = await evidence.run('how much?')
    expect(agreed.meta).toMatchObject({ completed: 2, earlyStopped: true })
    expect(agreed.summary.consensus).toEqual({ total: 40 })
    expect(server.requests).toHaveLength(2)
    const disputed = await evidence.run('how much?')
    expect(disputed.meta).toMatchObject({ completed: 3, earlyStopped: false })
    expect(server.requests).toHaveLength(5)
    const { settled, held } = await budget.view()
    expect([settled.nanoUsd, held.tokens]).toEqual([Math.round((agreed.costUsd + disputed.costUsd) * 1e9), 0])
  })
}
