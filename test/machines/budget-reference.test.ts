import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type BudgetSum, NO_SUM, sumBy } from '../../machines/budget-amount.ts'
import { bereave, expire, release, reserve, settle } from '../../machines/budget-changes.ts'
import { type BudgetChange, type BudgetContext, initialBudget } from '../../machines/budget-context.ts'
import type { BudgetView } from '../../machines/budget.contract.ts'
import { close, open, topUp } from '../../machines/budget-nodes.ts'
import { shelfEntries } from '../../machines/budget-shelf.ts'
import { viewTree } from '../../machines/budget-tree.ts'

const bulk = { nodes: 100, holds: 100, remember: 1_000 }
const PATHS = ['r', 'r/a', 'r/b', 'r/a/x', 'r/a/y', 'r/aa'] as const
const HOLDERS = ['local/agent/1', 'local/agent/2'] as const

const amount = fc.record({ tokens: fc.nat(40), nanoUsd: fc.nat(5) }, { requiredKeys: ['tokens'] })
const limit = fc.record({ tokens: fc.nat(120), nanoUsd: fc.nat(30) }, { requiredKeys: [] })
const call = fc.nat(12).map((id) => `c${id}`)
const path = fc.constantFrom(...PATHS)
const move = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('reserve' as const),
      call,
      path,
      amount,
      holder: fc.constantFrom(undefined, ...HOLDERS),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('settle' as const), call, amount }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('release' as const, 'expire' as const), call }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('open' as const), path, limit }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('close' as const), path: fc.constantFrom(...PATHS.slice(1)) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('down' as const), holder: fc.constantFrom(...HOLDERS) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('topUp' as const), call, path, amount }) },
)
type Move = typeof move extends fc.Arbitrary<infer M> ? M : never

function perform(context: BudgetContext, given: Move): BudgetChange {
  switch (given.do) {
    case 'reserve':
      return reserve(context, bulk, { ...given, ttl: 1_000 })
    case 'settle':
      return settle(context, bulk, given.call, given.amount)
    case 'release':
      return release(context, bulk, given.call)
    case 'expire':
      return expire(context, bulk, given.call)
    case 'open':
      return open(context, bulk, given)
    case 'close':
      return close(context, bulk, given.path)
    case 'down':
      return bereave(context, bulk, given.holder)
    case 'topUp':
      return topUp(context, bulk, { call: `t${given.call}`, path: given.path, add: given.amount })
  }
}

const replyOf = ({ orders }: BudgetChange): object | undefined =>
  orders.find((order) => order.do === 'reply')?.value as object | undefined

const add = (one: BudgetSum, other: Partial<BudgetSum>): BudgetSum => sumBy((of) => one[of] + (other[of] ?? 0))

function nodesOf(view: BudgetView): BudgetView[] {
  return [view, ...view.children.flatMap(nodesOf)]
}

/** What a keeper must come to, kept the simplest way: a list of calls. */
function reference() {
  const paid = new Map<string, BudgetSum>()
  const held = new Map<string, { readonly path: string; readonly sum: BudgetSum }>()
  return {
    paid,
    held,
    follow(given: Move, change: BudgetChange) {
      const reply = replyOf(change)
      if (given.do === 'reserve' && reply && 'status' in reply && reply.status === 'held') {
        held.set(given.call, { path: given.path, sum: add(NO_SUM, given.amount) })
      }
      if (given.do === 'settle' && reply) {
        held.delete(given.call)
        if (!paid.has(given.call)) paid.set(given.call, add(NO_SUM, given.amount))
      }
      for (const order of change.orders) {
        if (order.do !== 'announce') continue
        const { type, call: of } = order.event as unknown as { type: string; call: string }
        if (type === 'budget.released' || type === 'budget.reclaimed') held.delete(of)
      }
    },
  }
}

describe('a budget, whatever happens to it', () => {
  const moves = fc.array(move, { minLength: 5, maxLength: 60 })

  it('never holds and settles more than its limit at any node, pays each call once, and loses no cost', () => {
    fc.assert(
      fc.property(limit, moves, (most, given) => {
        let context = initialBudget({ path: 'r', limit: most })
        for (const name of PATHS.slice(1)) context = open(context, bulk, { path: name, limit: {} }).context
        const truth = reference()
        for (const each of given) {
          const change = perform(context, each)
          truth.follow(each, change)
          context = change.context
          const root = viewTree(context.nodes, 'r') as BudgetView
          for (const node of nodesOf(root)) {
            const below = [...truth.held].filter(
              ([, hold]) => hold.path === node.path || hold.path.startsWith(`${node.path}/`),
            )
            for (const of of ['tokens', 'nanoUsd', 'ms'] as const) {
              expect(node.settled[of] + node.held[of]).toBeLessThanOrEqual(node.limit[of] ?? Infinity)
              expect(Math.min(node.settled[of], node.held[of], node.overrun[of])).toBeGreaterThanOrEqual(0)
              expect(node.held[of]).toBe(below.reduce((sum, [, hold]) => sum + hold.sum[of], 0))
            }
            expect(node.calls.held).toBe(below.length)
          }
          const paid = [...truth.paid.values()].reduce(add, NO_SUM)
          expect(add(root.settled, root.overrun)).toEqual(paid)
          expect([...shelfEntries(context.holds)].map(([name]) => name).toSorted()).toEqual(
            [...truth.held.keys()].toSorted(),
          )
        }
      }),
      { numRuns: 400 },
    )
  })

  it('answers an operation that is told twice as the first time, and changes nothing by it', () => {
    fc.assert(
      fc.property(limit, moves, (most, given) => {
        let context = initialBudget({ path: 'r', limit: most })
        for (const name of PATHS.slice(1)) context = open(context, bulk, { path: name, limit: {} }).context
        for (const each of given) {
          const first = perform(context, each)
          const second = perform(first.context, each)
          // A refusal is told each time; what came of a release depends on what was before it.
          const isRefused = JSON.stringify(replyOf(first) ?? null).includes('refused')
          expect(isRefused || second.context === first.context).toBe(true)
          expect(each.do === 'release' || each.do === 'expire' || JSON.stringify(replyOf(second))).toEqual(
            each.do === 'release' || each.do === 'expire' || JSON.stringify(replyOf(first)),
          )
          context = second.context
        }
      }),
      { numRuns: 200 },
    )
  })

  it('is JSON all the time', () => {
    fc.assert(
      fc.property(limit, moves, (most, given) => {
        let context = initialBudget({ path: 'r', limit: most })
        for (const each of given) context = perform(context, each).context
        expect(JSON.parse(JSON.stringify(context))).toEqual(context)
      }),
      { numRuns: 50 },
    )
  })
})
