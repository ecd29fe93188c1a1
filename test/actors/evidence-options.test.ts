import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineEvidence } from '../../actors/evidence.ts'
import { buildCalibration } from '../../machines/calibration.ts'
import { answers, open, run, schema } from './evidence-bench.ts'
import { thrownBy } from './thrown-by.ts'

describe('evidence of a definition', () => {
  it('holds answers against a JSON schema as against one of zod', async () => {
    const given = { type: 'object', properties: { total: { type: 'integer' } }, required: ['total'] }
    const { replicate } = answers({ data: { total: 4 } }, { data: { total: 4.5 } }, { data: { total: 4 } })
    const bundle = await run({ replicate, schema: given })
    expect(bundle.replicates.map(({ valid }) => valid)).toEqual([true, false, true])
    expect(bundle.summary).toMatchObject({ consensus: { total: 4 }, distributions: [{ field: 'total', mean: 4 }] })
  })

  it('with a schema that nothing meets, or that throws, has failed', async () => {
    const throwing = z.number().refine(() => {
      throw new Error('no scale at hand')
    })
    for (const impossible of [z.never(), throwing]) {
      const bundle = await run({
        replicate: answers({ data: 1 }, { data: 1 }, { data: 1 }).replicate,
        schema: impossible,
      })
      expect(bundle).toMatchObject({ status: 'failed', meta: { completed: 3 }, summary: { consensus: null } })
      expect(bundle.replicates.every(({ errors }) => errors.length > 0)).toBe(true)
    }
  })

  it('takes what its schema makes of an answer', async () => {
    const schema = z.object({ total: z.string().transform(Number) })
    const { replicate } = answers({ data: { total: '4' } }, { data: { total: '4.0' } })
    expect((await run({ replicate, schema })).summary.consensus).toEqual({ total: 4 })
  })

  it('says how often a confidence is right, where a table knows it', async () => {
    const calibration = buildCalibration([
      { confidence: 0.5, correct: false },
      { confidence: 1, correct: true },
    ])
    const bundle = await run({ replicate: answers({ data: 1 }, { data: 1 }).replicate, calibration })
    expect(bundle.summary).toMatchObject({ confidence: 1, calibratedConfidence: expect.closeTo(2 / 3) as number })
  })

  it('compares fields as it is told', async () => {
    const { asked, replicate } = answers({ data: { id: 'a', total: 1 } }, { data: { id: 'b', total: 1 } }, { data: 1 })
    const bundle = await run({ replicate, fields: { id: { weight: 0 } } })
    expect([asked, bundle.summary.confidence]).toEqual([[0, 1], 1])
  })

  it('stays within its bounds, and counts what it left out', async () => {
    const { replicate } = answers({ data: { text: 'x'.repeat(5_000) } }, { data: { text: 'x'.repeat(5_000) } })
    const bundle = await run({ replicate, bounds: { bytes: 9_000 } })
    expect(bundle.truncated).toEqual({ fields: 0, diffs: 0, bytes: expect.any(Number) as number })
    expect(bundle.replicates.map(({ truncated }) => truncated)).toEqual([true, true])
    expect(bundle.summary.consensus).toEqual({ text: 'x'.repeat(5_000) })
  })

  it('does not give out the bundle of one question for another', async () => {
    const { client } = await open({ replicate: answers({ data: 1 }, { data: 1 }).replicate })
    const [one, other] = [client.run({ a: 1, b: 1 }, { key: 'k' }), client.run({ b: 1, a: 1 }, { key: 'k' })]
    const error = await thrownBy(() => client.run({ a: 2 }, { key: 'k' }))
    expect(error).toMatchObject({ code: 'CONFLICT' })
    expect(await one).toEqual(await other)
  })
})

describe('evidence that cannot be', () => {
  const { replicate } = answers()
  it.each([
    ['totals.k', { replicate, k: 1 }],
    ['totals.k', { replicate, k: 11 }],
    ['totals.k', { replicate, k: 2.5 }],
    ['totals.epsilon', { replicate, epsilon: 1.1 }],
    ['totals.epsilon', { replicate, epsilon: Number.NaN }],
    ['totals.replicate', {}],
    ['totals.timeout', { replicate, timeout: 'soon' }],
    ['totals.limit.tokens', { replicate, limit: { tokens: -1 } }],
    ['totals.bounds.bytes', { replicate, bounds: { bytes: 1 } }],
    ['totals.fields.totl', { replicate, schema, fields: { totl: { weight: 2 } } }],
    ['totals.fields.total', { replicate, schema, fields: { total: { weight: -2 } } }],
    ['totals.calibration', { replicate, calibration: { steps: [] } }],
    ['totals.retries', { replicate, retries: 3 }],
  ])('is refused by the name of what is wrong: %s', async (where, options) => {
    const error = await thrownBy(async () => defineEvidence('totals', options as never))
    expect(error).toMatchObject({ code: 'INVALID_MESSAGE', where })
  })

  it.each([
    ['run.k', { k: 1 }],
    ['run.k', { k: 11 }],
    ['run.epsilon', { epsilon: -0.1 }],
    ['run.task', { task: '' }],
    ['run.replicates', { replicates: 3 }],
  ])('is refused when it is asked: %s', async (where, options) => {
    const { client } = await open({ replicate })
    const error = await thrownBy(() => client.run('?', options as never))
    expect(error).toMatchObject({ code: 'INVALID_MESSAGE', where })
  })
})
