import { describe, expect, it } from 'vitest'
import { defineEvidence } from '../../actors/evidence.ts'
import { answers, open, schema } from './evidence-bench.ts'
import { thrownBy } from './thrown-by.ts'

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
