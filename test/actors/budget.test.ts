import { createRuntime, type MessageEvent } from 'troupe'
import { memoryJournal } from 'troupe/transports/memory'
import { describe, expect, it } from 'vitest'
import { type Budget, createBudget, joinBudget } from '../../actors/budget-client.ts'
import { budgetKeeper, defineBudgetKeeper } from '../../actors/budget-keeper.ts'
import { nanoUsd } from '../../machines/nano-usd.ts'
import { counterActor } from '../support/runtime/counter-actor.ts'
import { openRuntime } from '../support/runtime/open-runtime.ts'

const counter = counterActor()

async function openBudget(limit = { tokens: 100, costUsd: 1 }) {
  const { runtime, clock } = await openRuntime({ actors: [budgetKeeper, counter] })
  const budget = await createBudget(runtime, { key: 'run', limit })
  const events: MessageEvent[] = []
  runtime.ref(budgetKeeper, 'run').on('*', (event) => void events.push(event))
  return { runtime, clock, budget, events }
}

const tokensAt = async (budget: Budget) => {
  const { settled, held, overrun, left } = await budget.view()
  return [settled, held, overrun, left].map(({ tokens }) => tokens)
}

describe('a budget', () => {
  it('sets aside what is reserved at the node and at all above it, and gives back what was not used', async () => {
    const { budget } = await openBudget()
    const step = await budget.child('step', { tokens: 60 })
    const agent = await step.child('agent')
    const hold = await agent.reserve('call', { tokens: 50, nanoUsd: nanoUsd(0.5) })
    for (const node of [budget, step, agent]) expect((await tokensAt(node)).slice(0, 2)).toEqual([0, 50])
    await hold.settle({ tokens: 45, nanoUsd: nanoUsd(0.4) })
    expect(await tokensAt(budget)).toEqual([45, 0, 0, 55])
    const view = await budget.view()
    expect(view.settled.costUsd).toBe(0.4)
    expect(view.left).toEqual({ tokens: 55, nanoUsd: 600_000_000, costUsd: 0.6, ms: null })
    expect(view.children.map(({ path, children }) => [path, children.map((child) => child.path)])).toEqual([
      ['run/step', ['run/step/agent']],
    ])
  })

  it('refuses what any node above does not cover, names it and what is lacking, and holds nothing then', async () => {
    const { budget } = await openBudget()
    const step = await budget.child('step', { tokens: 60 })
    await budget.reserve('other', { tokens: 70 })
    await (await step.reserve('first', { tokens: 20 })).settle({ tokens: 20 })
    await expect(step.reserve('call', { tokens: 30 })).rejects.toMatchObject({
      code: 'BUDGET_EXCEEDED',
      where: 'run',
      message: 'the budget run does not cover 30 tokens: of 100 tokens, 20 tokens are spent and 70 tokens held',
      data: { node: 'run', dimension: 'tokens', limit: 100, spent: 20, held: 70, asked: 30 },
    })
    await expect(step.reserve('call', { nanoUsd: nanoUsd(1.5) })).rejects.toMatchObject({
      data: { dimension: 'nanoUsd', asked: 1_500_000_000 },
    })
    // The step itself has 40 left.
    expect(await tokensAt(step)).toEqual([20, 0, 0, 10])
  })

  it('is so deep that it can still be shown, and refuses to be deeper', async () => {
    const { budget } = await openBudget()
    let node = budget
    for (let depth = 1; depth < 100; depth++) node = await node.child('x')
    await expect(node.child('x')).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' })
    await (await node.reserve('call', { tokens: 1 })).settle({ tokens: 1 })
    expect((await budget.view()).settled.tokens).toBe(1)
  })

  it('pays a call once, however often it is tried and told', async () => {
    const { budget } = await openBudget()
    const first = await budget.reserve('call', { tokens: 30 })
    const again = await budget.reserve('call', { tokens: 30 })
    expect(await tokensAt(budget)).toEqual([0, 30, 0, 70])
    await Promise.all([first.settle({ tokens: 28 }), first.settle({ tokens: 28 }), again.settle({ tokens: 28 })])
    await first.release()
    const retried = await budget.reserve('call', { tokens: 30 })
    expect(retried.paid).toEqual({ tokens: 28, nanoUsd: 0, ms: 0 })
    await retried.settle({ tokens: 99 })
    expect(await tokensAt(budget)).toEqual([28, 0, 0, 72])
  })

  it('refuses another amount for the same call', async () => {
    const { budget } = await openBudget()
    const hold = await budget.reserve('call', { tokens: 30 })
    const conflict = { code: 'CONFLICT', message: expect.stringContaining("'call'") as string }
    await expect(budget.reserve('call', { tokens: 31 })).rejects.toMatchObject(conflict)
    const other = await budget.reserve('call', { tokens: 30 })
    await hold.settle({ tokens: 20 })
    await expect(other.settle({ tokens: 21 })).rejects.toMatchObject(conflict)
    expect(await tokensAt(budget)).toEqual([20, 0, 0, 80])
  })

  it('counts what went beyond: nothing can be reserved until it is covered', async () => {
    const { budget, events } = await openBudget()
    const other = await budget.reserve('other', { tokens: 60 })
    const hold = await budget.reserve('call', { tokens: 30 })
    await hold.settle({ tokens: 55 })
    expect(await tokensAt(budget)).toEqual([40, 60, 15, 0])
    await other.release()
    expect(await tokensAt(budget)).toEqual([40, 0, 15, 45])
    await expect(budget.reserve('next', { tokens: 46 })).rejects.toMatchObject({ data: { spent: 55 } })
    expect(events.filter(({ type }) => type === 'budget.warned')).toMatchObject([
      { call: 'call', reason: 'overrun', reserved: { tokens: 30 }, actual: { tokens: 55 } },
    ])
  })

  it('warns when a fifth more or less was used than reserved', async () => {
    const { budget, events } = await openBudget()
    for (const [call, actual] of [
      ['less', 7],
      ['fits', 8],
      ['also', 12],
      ['more', 13],
    ] as const) {
      await (await budget.reserve(call, { tokens: 10 })).settle({ tokens: actual })
    }
    const warned = events.filter(({ type }) => type === 'budget.warned')
    expect(warned.map(({ call, reason }) => [call, reason])).toEqual([
      ['less', 'deviation'],
      ['more', 'deviation'],
    ])
  })

  it('takes back a hold that has run out, and charges what arrives after that once', async () => {
    const { budget, clock, events } = await openBudget()
    const hold = await budget.reserve('call', { tokens: 80 }, { ttl: '1m' })
    await clock.advance('59s')
    expect(await tokensAt(budget)).toEqual([0, 80, 0, 20])
    await clock.advance('2s')
    expect(await tokensAt(budget)).toEqual([0, 0, 0, 100])
    await budget.reserve('other', { tokens: 90 })
    await hold.settle({ tokens: 70 })
    expect(await tokensAt(budget)).toEqual([10, 90, 60, 0])
    expect((await budget.reserve('call', { tokens: 80 })).paid).toMatchObject({ tokens: 70 })
    expect(events.filter(({ type }) => type === 'budget.reclaimed')).toMatchObject([
      { call: 'call', reason: 'expired' },
    ])
  })

  it('takes back what an actor holds that has ended, in whatever way, and nothing of the others', async () => {
    const { runtime, budget } = await openBudget()
    const [one, other] = [await runtime.spawn(counter, { key: '1' }), await runtime.spawn(counter, { key: '2' })]
    await budget.reserve('a', { tokens: 10 }, { holder: one.address })
    await budget.reserve('b', { tokens: 20 }, { holder: one.address })
    await budget.reserve('c', { tokens: 30 }, { holder: other.address })
    const done = await budget.reserve('d', { tokens: 5 }, { holder: one.address })
    await done.settle({ tokens: 5 })
    await one.stop()
    expect(await tokensAt(budget)).toEqual([5, 30, 0, 65])
  })

  it('takes back at once what is reserved for an actor that is not there', async () => {
    const { runtime, budget } = await openBudget()
    await budget.reserve('a', { tokens: 10 }, { holder: runtime.ref(counter, 'nobody').address })
    expect(await tokensAt(budget)).toEqual([0, 0, 0, 100])
  })

  it('folds a node that is closed into the one above it, and gives back what it had left and held', async () => {
    const { budget, events } = await openBudget()
    const step = await budget.child('step', { tokens: 60 })
    const agent = await step.child('agent')
    await (await agent.reserve('call', { tokens: 10 })).settle({ tokens: 10 })
    const open = await agent.reserve('open', { tokens: 20 })
    const closed = await step.close()
    expect(closed).toMatchObject({ settled: { tokens: 10 }, held: { tokens: 0 }, left: { tokens: 50 } })
    expect(await step.close()).toEqual(closed)
    expect((await budget.view()).children).toEqual([])
    expect(await tokensAt(budget)).toEqual([10, 0, 0, 90])
    await expect(agent.reserve('late', { tokens: 1 })).rejects.toMatchObject({ code: 'NOT_FOUND' })
    expect(events.filter(({ type }) => type === 'budget.warned')).toMatchObject([{ call: 'open', reason: 'closed' }])
    await open.settle({ tokens: 25 })
    expect(await tokensAt(budget)).toEqual([35, 0, 0, 65])
  })

  it('numbers its events without a gap', async () => {
    const { budget, events } = await openBudget()
    const hold = await budget.reserve('call', { tokens: 30 })
    await budget.reserve('much', { tokens: 300 }).catch(() => {})
    await hold.settle({ tokens: 1 })
    await (await budget.reserve('not', { tokens: 1 })).release()
    expect(events.map(({ type }) => type)).toEqual([
      'budget.reserved',
      'budget.refused',
      'budget.settled',
      'budget.warned',
      'budget.reserved',
      'budget.released',
    ])
    expect(events.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6])
  })

  it('can be topped up, once for each call, by who has the grant', async () => {
    const { runtime, budget } = await openBudget()
    await budget.topUp('order-1', { tokens: 50 })
    await budget.topUp('order-1', { tokens: 50 })
    expect(await tokensAt(budget)).toEqual([0, 0, 0, 150])
    await expect(budget.topUp('order-1', { tokens: 51 })).rejects.toMatchObject({ code: 'CONFLICT' })
    const guest = runtime.as({ id: 'guest', grants: ['troupe.spawn'] })
    const lent = await createBudget(guest, { key: 'run', limit: { tokens: 100, costUsd: 1 } })
    await expect(lent.topUp('order-2', { tokens: 1 })).rejects.toMatchObject({ code: 'FORBIDDEN' })
  })

  it('is shared by who gives the same key and limit, and can be joined by its place', async () => {
    const { runtime, budget } = await openBudget()
    await budget.reserve('call', { tokens: 30 })
    const same = await createBudget(runtime, { key: 'run', limit: { costUsd: 1, tokens: 100 } })
    expect(await tokensAt(same)).toEqual([0, 30, 0, 70])
    const step = await budget.child('step')
    const joined = joinBudget(runtime, JSON.parse(JSON.stringify(step.place)) as typeof step.place)
    await joined.reserve('more', { tokens: 30 })
    expect(await tokensAt(budget)).toEqual([0, 60, 0, 40])
    const other = createBudget(runtime, { key: 'run', limit: { tokens: 101, costUsd: 1 } })
    await expect(other).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('top it up') as string,
    })
  })

  it('ends with its root, and still says what it came to', async () => {
    const { runtime, budget } = await openBudget()
    await (await budget.reserve('call', { tokens: 30 })).settle({ tokens: 30 })
    const view = await budget.close()
    expect(view.settled.tokens).toBe(30)
    expect(await budget.close()).toEqual(view)
    expect(runtime.actors().filter((address) => address.includes('budget'))).toEqual([])
  })

  it('refuses options that it does not know or cannot use, and says which', async () => {
    const { runtime, budget } = await openBudget()
    const invalid = (message: string) => ({
      code: 'INVALID_MESSAGE',
      message: expect.stringContaining(message) as string,
    })
    const open = (options: object) => createBudget(runtime, options as never)
    await expect(open({ key: 'a', limit: {}, limits: {} })).rejects.toMatchObject(invalid("no 'limits'"))
    await expect(open({ key: 'a', limit: { usd: 1 } })).rejects.toMatchObject(invalid("no 'usd'"))
    const negative = { key: 'a', limit: { tokens: -1 } }
    await expect(open(negative)).rejects.toMatchObject(invalid("tokens of the limit of 'a' is -1"))
    await expect(open({ key: 'a' })).rejects.toMatchObject(invalid('limit'))
    await expect(open({ key: 'a', limit: {}, durability: 'some' })).rejects.toMatchObject(invalid('durability'))
    await expect(budget.child('a/b')).rejects.toMatchObject(invalid("'a/b'"))
    await expect(budget.reserve('c', { tokens: 0.5 })).rejects.toMatchObject(invalid('amount.tokens'))
    await expect(budget.reserve('c', { token: 5 } as never)).rejects.toMatchObject(invalid('token'))
    await expect(budget.reserve('c', {}, { holder: 'nobody' as never })).rejects.toMatchObject(invalid('nobody'))
    expect(() => joinBudget(runtime, { keeper: 'local/desk/a' as never, path: 'a' })).toThrow('no keeper of budgets')
  })

  it('serves thousands at once, and lets none of them pass its limit', async () => {
    const { budget } = await openBudget({ tokens: 10_000, costUsd: 100 })
    const steps = await Promise.all(
      Array.from({ length: 10 }, (_, at) => budget.child(`step-${at}`, { tokens: 2_000 })),
    )
    const outcomes = await Promise.allSettled(
      Array.from({ length: 5_000 }, async (_, at) => {
        const hold = await (steps[at % 10] as Budget).reserve(`call-${at}`, { tokens: 10 })
        await (at % 3 === 0 ? hold.release() : hold.settle({ tokens: at % 7 }))
      }),
    )
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected')
    expect(refused.every(({ reason }) => (reason as { code: string }).code === 'BUDGET_EXCEEDED')).toBe(true)
    const paid = outcomes.reduce(
      (sum, { status }, at) => sum + (status === 'fulfilled' && at % 3 !== 0 ? at % 7 : 0),
      0,
    )
    expect(refused.length).toBeGreaterThan(0)
    expect(await tokensAt(budget)).toEqual([paid, 0, 0, 10_000 - paid])
  })
})

describe('a durable budget', () => {
  it('goes on where it was in the next process, with its holds, their times and what was paid', async () => {
    const journal = memoryJournal()
    const keeper = defineBudgetKeeper({ durability: 'durable' })
    const open = async () => {
      const { runtime, clock } = await openRuntime({ journal, actors: [keeper] })
      const budget = await createBudget(runtime, { key: 'run', limit: { tokens: 100 }, durability: 'durable' })
      return { runtime, clock, budget }
    }
    const first = await open()
    await (await first.budget.reserve('paid', { tokens: 20 })).settle({ tokens: 20 })
    await (await first.budget.child('step')).reserve('open', { tokens: 30 }, { ttl: '1h' })
    await first.runtime.stop()
    const second = await open()
    expect(await tokensAt(second.budget)).toEqual([20, 30, 0, 50])
    expect((await second.budget.reserve('paid', { tokens: 20 })).paid).toMatchObject({ tokens: 20 })
    await second.clock.advance('61m')
    expect(await tokensAt(second.budget)).toEqual([20, 0, 0, 80])
  })

  it('that was closed cannot be opened again, which is said', async () => {
    const runtime = await createRuntime({ journal: memoryJournal() })
    const options = { key: 'run', limit: { tokens: 1 }, durability: 'durable' } as const
    await (await createBudget(runtime, options)).close()
    await expect(createBudget(runtime, options)).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('closed') as string,
    })
    await runtime.stop()
  })
})
