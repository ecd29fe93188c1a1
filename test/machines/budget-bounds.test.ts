import { describe, expect, it } from 'vitest'
import { release, reserve, settle } from '../../machines/budget-changes.ts'
import { type BudgetChange, type BudgetContext, initialBudget } from '../../machines/budget-context.ts'
import { close, open } from '../../machines/budget-nodes.ts'

const bulk = { nodes: 3, holds: 2, remember: 10 }
const first = initialBudget({ path: 'r' })
const refusalOf = ({ orders }: BudgetChange) => orders.find((order) => order.do === 'refuse')
const hold = (context: BudgetContext, call: string) =>
  reserve(context, bulk, { call, path: 'r', amount: { tokens: 1 }, ttl: 1 })

describe('a keeper', () => {
  it('opens no more nodes than it may, and closing one makes room', () => {
    const full = ['r/a', 'r/b'].reduce((context, path) => open(context, bulk, { path }).context, first)
    expect(refusalOf(open(full, bulk, { path: 'r/c' }))).toMatchObject({ code: 'LIMIT_EXCEEDED' })
    expect(refusalOf(open(full, bulk, { path: 'r/b' }))).toBe(undefined)
    expect(refusalOf(open(close(full, bulk, 'r/a').context, bulk, { path: 'r/c' }))).toBe(undefined)
  })

  it('holds no more calls than it may, and giving one back makes room', () => {
    const full = ['a', 'b'].reduce((context, call) => hold(context, call).context, first)
    expect(refusalOf(hold(full, 'c'))).toMatchObject({ code: 'OVERLOADED' })
    expect(refusalOf(hold(full, 'b'))).toBe(undefined)
    expect(refusalOf(hold(release(full, bulk, 'a').context, 'c'))).toBe(undefined)
  })

  it('opens no node outside its tree, nor below one that is not there', () => {
    for (const path of ['other', 'other/a', 'ra/b', 'r/a/b']) {
      expect(refusalOf(open(first, bulk, { path }))).toMatchObject({ code: 'NOT_FOUND' })
    }
  })

  it('does not grow with the calls it has settled', () => {
    const spend = (context: BudgetContext, call: string) =>
      settle(hold(context, call).context, bulk, call, { tokens: 1 }).context
    const sizes: number[] = []
    let context = first
    for (let call = 0; call < 1_000; call++) {
      context = spend(context, `${call}`.padStart(4, '0'))
      if (call % 100 === 99) sizes.push(JSON.stringify({ ...context, nodes: null, seq: 0 }).length)
    }
    expect(Math.max(...sizes)).toBeLessThan(20 * 60)
  })

  it('tells who settles what it has never heard of that nothing is known of it', () => {
    expect(refusalOf(settle(first, bulk, 'nothing', { tokens: 1 }))).toMatchObject({ code: 'NOT_FOUND' })
    expect(release(first, bulk, 'nothing').orders).toEqual([{ do: 'reply', value: { status: 'unknown' } }])
  })
})
