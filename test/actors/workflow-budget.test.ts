import type { Runtime } from 'troupe'
import { memoryJournal } from 'troupe/transports/memory'
import { describe, expect, it } from 'vitest'
import { type Budget, joinBudget } from '../../actors/budget-client.ts'
import { budgetKeeper, defineBudgetKeeper } from '../../actors/budget-keeper.ts'
import { defineWorkflow } from '../../actors/define-workflow.ts'
import { openRuntime } from '../support/runtime/open-runtime.ts'

type Asks = Pick<Parameters<Parameters<ReturnType<typeof defineWorkflow>['step']>[1]['run']>[0], 'budgetNode'>

/** What a step spends: reserved, and settled. */
async function spend({ budgetNode }: Asks, call: string, asked: number, used = asked): Promise<string> {
  const node = (await budgetNode()) as Budget
  const hold = await node.reserve(call, { tokens: asked })
  await hold.settle({ tokens: used })
  return node.path
}

function keepers(runtime: Runtime): readonly string[] {
  return runtime.actors().filter((address) => address.includes('budget/'))
}

describe('a workflow with a budget', () => {
  it('has a node for the run and for each step, whose limits are its shares', async () => {
    const views: unknown[] = []
    const flow = defineWorkflow('report', { budget: { tokens: 1_000, costUsd: 2 } })
      .step('read', { budget: 0.3, run: (scope) => spend(scope, 'a', 200, 150) })
      .step('count', {
        after: ['read'],
        budget: 0.5,
        async run({ budgetNode, ref, budget }) {
          const node = (await budgetNode()) as Budget
          views.push(budget, await ref(budgetKeeper, 'report/r-1').ask({ type: 'budget.view' }))
          return node.path
        },
      })
    const { runtime } = await openRuntime()
    const { status, results } = await (await runtime.spawn(flow, { key: 'r-1' })).result()
    expect([status, results]).toEqual(['completed', { read: 'report/r-1/read', count: 'report/r-1/count' }])
    expect(views).toMatchObject([
      { tokens: 500, costUsd: 1 },
      {
        path: 'report/r-1',
        limit: { tokens: 1_000, costUsd: 2 },
        settled: { tokens: 150 },
        held: { tokens: 0 },
        left: { tokens: 850 },
        // The step that has ended is folded.
        children: [{ path: 'report/r-1/count', limit: { tokens: 500, costUsd: 1 } }],
      },
    ])
  })

  it('fails a step that asks more than its share, for good, with the reason', async () => {
    let attempts = 0
    const flow = defineWorkflow('report', { budget: { tokens: 1_000 } })
      .step('read', {
        budget: 0.3,
        retries: 3,
        run(scope) {
          attempts++
          return spend(scope, 'a', 301)
        },
      })
      .step('rest', { run: (scope) => spend(scope, 'b', 1) })
    const { runtime } = await openRuntime()
    const { status, steps } = await (await runtime.spawn(flow, { key: 'r' })).result()
    expect([status, attempts]).toEqual(['failed', 1])
    expect(steps.map(({ reason }) => reason)).toEqual([
      'the budget report/r/read does not cover 301 tokens: of 300 tokens, 0 tokens are spent and 0 tokens held',
      'the budget report/r/rest does not cover 1 token: its limit is 0 tokens; a step of a workflow without a share has nothing to spend: give it one (budget: 0.5)',
    ])
  })

  it('pays a call once over the attempts at a step, and keeps their node', async () => {
    const flow = defineWorkflow('report', { budget: { tokens: 100 } }).step('read', {
      budget: 1,
      retries: 1,
      async run({ budgetNode, attempt, idempotencyKey }) {
        const node = (await budgetNode()) as Budget
        const hold = await node.reserve(idempotencyKey, { tokens: 60 })
        await hold.settle({ tokens: 60 })
        if (attempt === 1) throw new Error('broken on purpose')
        return node.view()
      },
    })
    const { runtime, clock } = await openRuntime()
    const ref = await runtime.spawn(flow)
    await clock.advance('1s')
    const { results } = await ref.result()
    expect(results.read).toMatchObject({ settled: { tokens: 60 }, left: { tokens: 40 }, calls: { settled: 1 } })
  })

  it('gives back what a step held when it is given up', async () => {
    const flow = defineWorkflow('report', { budget: { tokens: 100 } })
      .step('slow', {
        budget: 1,
        optional: true,
        timeout: '1s',
        async run({ budgetNode }) {
          await ((await budgetNode()) as Budget).reserve('slow', { tokens: 100 })
          return new Promise(() => {})
        },
      })
      .step('next', {
        after: ['slow'],
        async run({ ref, owner, clock }) {
          await new Promise<void>((resolve) => void clock.after(1_000, resolve))
          return ref(budgetKeeper, owner.split('/').slice(1).join('/')).ask({ type: 'budget.view' })
        },
      })
    const { runtime, clock } = await openRuntime()
    const ref = await runtime.spawn(flow, { key: 'r' })
    await clock.advance('3s')
    const { results } = await ref.result()
    expect(results.next).toMatchObject({ held: { tokens: 0 }, left: { tokens: 100 }, children: [] })
  })

  it('parts the share of a map among its items by weight, and gives on what those before did not need', async () => {
    const limits: number[] = []
    const flow = defineWorkflow('report', { budget: { tokens: 1_000 } }).map('sheets', {
      budget: 1,
      limit: 1,
      over: () => [5, 3, 2],
      async run({ item, index, budgetNode }) {
        const node = (await budgetNode((weight) => weight)) as Budget
        limits.push((await node.view()).limit.tokens as number)
        await (await node.reserve(`call-${index}`, { tokens: 100 })).settle({ tokens: item * 20 })
        return node.path
      },
    })
    const { runtime } = await openRuntime()
    const { results } = await (await runtime.spawn(flow, { key: 'r' })).result()
    // 1000 x 5/10, (1000 - 100) x 3/5, (1000 - 160) x 2/2.
    expect(limits).toEqual([500, 540, 840])
    expect(results.sheets).toMatchObject([0, 1, 2].map((index) => ({ value: `report/r/sheets/${index}` })))
  })

  it('lets items side by side never spend more than their step may', async () => {
    const flow = defineWorkflow('report', { budget: { tokens: 100 } }).map('sheets', {
      budget: 0.8,
      tolerate: 'all',
      limit: 20,
      over: () => Array.from({ length: 20 }, (_, at) => at),
      run: async ({ index, budgetNode }) => {
        const hold = await ((await budgetNode()) as Budget).reserve(`call-${index}`, { tokens: index % 2 ? 4 : 5 })
        await hold.settle({ tokens: 9 })
      },
    })
    const { runtime } = await openRuntime()
    const { results } = await (await runtime.spawn(flow, { key: 'r' })).result()
    expect(results.sheets?.map(({ status }) => status)).toEqual(
      Array.from({ length: 20 }, (_, at) => (at % 2 ? 'done' : 'failed')),
    )
  })

  it('refuses weights that are none, and says of which item', async () => {
    const flow = defineWorkflow('report', { budget: { tokens: 100 } }).map('sheets', {
      budget: 1,
      over: () => ['a'],
      run: async ({ budgetNode }) => void (await budgetNode(() => Number.NaN)),
    })
    const { runtime } = await openRuntime()
    const { reason } = await (await runtime.spawn(flow)).result()
    expect(reason).toContain('the weight of item 0 is NaN')
  })

  it('spawns no keeper until a step asks, and none is left when the run has ended', async () => {
    const { runtime } = await openRuntime()
    const seen: (readonly string[])[] = []
    const flow = defineWorkflow('report', { budget: { tokens: 100 } })
      .step('idle', { run: () => void seen.push(keepers(runtime)) })
      .step('asks', {
        after: ['idle'],
        async run({ budgetNode }) {
          await budgetNode()
          seen.push(keepers(runtime))
        },
      })
    await (await runtime.spawn(flow, { key: 'r' })).result()
    await runtime.idle()
    expect([...seen, keepers(runtime)]).toEqual([[], ['local/budget/report/r'], []])
  })

  it('can lend its node to an actor by its place', async () => {
    const { runtime } = await openRuntime()
    const flow = defineWorkflow('report', { budget: { tokens: 100 } }).step('lend', {
      budget: 1,
      async run({ budgetNode }) {
        const { place } = (await budgetNode()) as Budget
        const lent = joinBudget(runtime, place)
        await (await lent.reserve('call', { tokens: 10 })).settle({ tokens: 10 })
        return lent.view()
      },
    })
    const { results } = await (await runtime.spawn(flow)).result()
    expect(results.lend).toMatchObject({ settled: { tokens: 10 } })
  })
})

describe('a workflow without a budget', () => {
  it('has no node, and no keeper', async () => {
    const { runtime } = await openRuntime()
    const flow = defineWorkflow('plain')
      .step('one', { run: ({ budgetNode }) => budgetNode() })
      .map('many', { over: () => [1], run: ({ budgetNode }) => budgetNode() })
    const { results } = await (await runtime.spawn(flow)).result()
    expect(results).toEqual({ one: null, many: [{ status: 'done', value: null }] })
    expect(keepers(runtime)).toEqual([])
  })
})

describe('a durable workflow with a budget', () => {
  it('goes on in the next process with what it has spent, and the limits it began with', async () => {
    const journal = memoryJournal()
    const keeper = defineBudgetKeeper({ durability: 'durable' })
    const counting = Promise.withResolvers<void>()
    let isFirst = true
    const flowOf = (tokens: number) =>
      defineWorkflow('report', { budget: { tokens }, durability: 'durable' })
        .step('read', { budget: 0.5, run: (scope) => spend(scope, 'read', 40) })
        .step('count', {
          after: ['read'],
          budget: 0.5,
          idempotent: true,
          async run({ budgetNode, ref }) {
            const node = (await budgetNode()) as Budget
            await node.reserve('count', { tokens: 20 })
            counting.resolve()
            if (isFirst) return new Promise(() => {})
            return ref(keeper, 'report/r').ask({ type: 'budget.view' })
          },
        })
    const begun = flowOf(100)
    const first = await openRuntime({ journal, actors: [begun, keeper] })
    await first.runtime.spawn(begun, { key: 'r' })
    await counting.promise
    await first.runtime.stop({ drain: 0 })
    isFirst = false
    const flow = flowOf(200)
    const second = await openRuntime({ journal, actors: [flow, keeper] })
    const { results, status, reason } = await second.runtime.ref(flow, 'r').result()
    expect([status, reason]).toEqual(['completed', null])
    expect(results.count).toMatchObject({
      limit: { tokens: 100 },
      settled: { tokens: 40 },
      held: { tokens: 20 },
      left: { tokens: 40 },
    })
  })
})
