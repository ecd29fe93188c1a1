import { isTroupeError } from 'troupe'
import { explore, type SimulatedNode, type Simulation } from 'troupe/testing'
import { memory, memoryJournal } from 'troupe/transports/memory'
import { describe, expect, it } from 'vitest'
import { createBudget } from '../../actors/budget-client.ts'
import { defineBudgetKeeper } from '../../actors/budget-keeper.ts'
import type { BudgetContext } from '../../machines/budget-context.ts'
import type { Journal } from '../../runtime/ports/journal.ts'
import { counterActor } from '../support/runtime/counter-actor.ts'
import { budgetFaults, paidCalls, rootOf } from './budget-truths.ts'
import { journalContents } from './journal-contents.ts'
import { persistently } from './persistently.ts'
import { seedCount } from './seed-count.ts'

const keeper = defineBudgetKeeper({ durability: 'durable' })
const agent = counterActor({ type: 'agent' })
const LIMIT = 100

/** A journal that looks at every commit of a keeper before it is written. */
function watchedJournal(found: string[]): Journal {
  const inner = memoryJournal()
  return {
    ...inner,
    async own(realm, shard, options) {
      const owned = await inner.own(realm, shard, options)
      return {
        ...owned,
        append: (batch) => {
          for (const record of batch.records) if (record.address.includes('budget')) found.push(...budgetFaults(record))
          return owned.append(batch)
        },
      }
    },
  }
}

/** What the callers have heard. */
interface Heard {
  /** The settlements that were acknowledged, in tokens. */
  readonly paid: Map<string, number>
  refused: number
}

/** Calls one after the other, each with a holder that may die; what is not acknowledged is tried again. */
async function callAway(world: Simulation, node: SimulatedNode, name: string, heard: Heard): Promise<void> {
  const draw = (): number => world.random.next()
  const settle = (call: string, actual: number): Promise<unknown> =>
    persistently(world, () =>
      node.call((runtime) =>
        runtime.ref(keeper, 'run').ask({ type: 'budget.settle', call, actual: { tokens: actual } }),
      ),
    ).then(() => heard.paid.set(call, actual))

  for (let count = 0; count < 6; count++) {
    const call = `${name}:${count}`
    const tokens = 1 + Math.floor(draw() * 30)
    const key = `${name}-${count}`
    const isHeld = await persistently(world, () =>
      node.call(async (runtime) => {
        const { address } = await runtime.spawn(agent, { key })
        const budget = await createBudget(runtime, { key: 'run', limit: { tokens: LIMIT }, durability: 'durable' })
        const step = await budget.child(name, { tokens: 60 })
        return step.reserve(call, { tokens }, { holder: address, ttl: '2m' }).then(
          () => true,
          (error: unknown) => {
            if (!isTroupeError(error, 'BUDGET_EXCEEDED')) throw error
            heard.refused++
            return false
          },
        )
      }),
    )
    if (!isHeld) continue
    if (draw() < 0.3) await world.pass(draw() * 200_000)
    const fate = draw()
    const actual = Math.floor(draw() * 40)
    if (fate < 0.2) await node.call((runtime) => runtime.ref(agent, key).stop()).catch(() => {})
    if (fate < 0.6) await Promise.all([settle(call, actual), ...(fate < 0.4 ? [settle(call, actual)] : [])])
    else if (fate < 0.8) {
      await node.call((runtime) => runtime.ref(keeper, 'run').ask({ type: 'budget.release', call })).catch(() => {})
    }
  }
}

async function spend(world: Simulation): Promise<Heard> {
  const found: string[] = []
  const journal = watchedJournal(found)
  const transport = memory({ clock: world.clock })
  world.node('bank', { journal, transport, actors: [keeper] })
  const nodes = ['left', 'right'].map((name) => world.node(name, { transport, actors: [agent] }))
  const heard: Heard = { paid: new Map(), refused: 0 }
  await world.run(() => Promise.all(nodes.map((node) => callAway(world, node, node.name, heard))))
  await world.settle()
  expect(found, 'no commit breaks the budget').toEqual([])
  const record = (await journalContents(journal)).records.get('local/durable-budget/run' as never)
  const context = record?.snapshot.context as BudgetContext
  const paid = paidCalls(context)
  for (const [call, actual] of heard.paid) expect(paid.get(call), `${call} stays paid`).toBe(actual)
  expect([...paid.keys()].filter((call) => !heard.paid.has(call))).toEqual([])
  expect(rootOf(context).held.tokens, 'everything is given back at the end').toBe(0)
  expect(record?.timers).toEqual([])
  return heard
}

describe('a durable budget', () => {
  it('keeps its limits, pays each call once and gives back what the dead have held, whatever goes wrong', async () => {
    let [paid, refused] = [0, 0]
    const { seeds, faults } = await explore({ seeds: seedCount(0.1) }, async (world) => {
      const heard = await spend(world)
      paid += heard.paid.size
      refused += heard.refused
    })
    expect(Math.min(paid, refused, faults)).toBeGreaterThan(seeds)
  })
})
