import { describe, expect, it } from 'vitest'
import { createBudget } from '../../actors/budget-client.ts'
import type { Replicate } from '../../actors/evidence-replicate.ts'
import { TroupeError } from '../../runtime/index.ts'
import { answers, hangs, open, run, schema, total, usage } from './evidence-bench.ts'

describe('a bundle on a budget', () => {
  it('that is hit calls back those under way, and keeps what is there', async () => {
    const replicate: Replicate = (index, scope) =>
      index === 0 ? { ...total(1), usage: usage(100) } : hangs(index, scope)
    const bundle = await run({ replicate, schema, limit: { tokens: 100 } })
    expect(bundle).toMatchObject({ status: 'partial', meta: { reason: 'budget', completed: 1 } })
    expect(bundle.replicates.map(({ status }) => status)).toEqual(['valid', 'cancelled'])
  })

  it('of nothing asks nobody', async () => {
    const { asked, replicate } = answers(total(1), total(1))
    const bundle = await run({ replicate, limit: { tokens: 0 } })
    expect(bundle).toMatchObject({ status: 'failed', meta: { reason: 'budget', completed: 0 }, replicates: [] })
    expect(asked).toEqual([])
  })

  it('that refuses a replicate starts no other', async () => {
    const refused = new TroupeError('BUDGET_EXCEEDED', 'no tokens are left')
    const { asked, replicate } = answers(total(1), refused, total(1))
    const bundle = await run({ replicate, schema })
    expect(asked).toEqual([0, 1])
    expect(bundle).toMatchObject({ status: 'partial', meta: { reason: 'budget' } })
  })

  it('that is low makes do with two, and says so', async () => {
    const { runtime, client } = await open({ replicate: answers(total(1), total(9), total(1)).replicate, schema })
    const budget = await createBudget(runtime, { key: 'low', limit: { tokens: 900 } })
    const bundle = await client.run('how much?', { budget })
    expect(bundle).toMatchObject({
      status: 'degraded',
      meta: { k: 3, completed: 2, earlyStopped: false },
      degradations: [{ rung: 'fewer_replicates', before: 3, after: 2 }],
    })
  })

  it('runs no more than it is expected to cover, and hands each its budget', async () => {
    const paths: (string | undefined)[] = []
    const replicate: Replicate = (index, { budget }) => {
      paths.push(budget?.path)
      return { data: index * 100 }
    }
    const { runtime, client } = await open({ replicate, k: 10, estimate: { tokens: 2_000 } })
    const budget = await createBudget(runtime, { key: 'run', limit: { tokens: 9_000 } })
    expect((await client.run('?', { budget })).meta.completed).toBe(4)
    expect(paths).toEqual(['run', 'run', 'run', 'run'])
  })
})
