import { isTroupeError } from 'troupe'
import { explore, type SimulatedNode, type Simulation } from 'troupe/testing'
import { memoryJournal } from 'troupe/transports/memory'
import { describe, expect, it } from 'vitest'
import { createBudget } from '../../actors/budget-client.ts'
import { durableBudgetKeeper } from '../../actors/budget-keeper.ts'
import { defineModels, type Models } from '../../actors/define-models.ts'
import { defineModelCall } from '../../actors/model-call.ts'
import type { ModelProvider } from '../../actors/models/model-provider.ts'
import { createModels } from '../../actors/models-client.ts'
import type { BudgetContext } from '../../machines/budget-context.ts'
import type { ModelAttempt } from '../../machines/model-call.contract.ts'
import { tokensOf } from '../../machines/model-usage.ts'
import { paidCalls, rootOf } from './budget-truths.ts'
import { journalContents } from './journal-contents.ts'
import { persistently } from './persistently.ts'
import { seedCount } from './seed-count.ts'

const prompt = 'how much?'
const CALLS = 4
const LIMIT = 1_000_000

/** What a provider has done, whoever asked it. */
interface Bill {
  requests: number
  /** Tokens that it read and said. */
  tokens: number
}

function slowProvider(world: Simulation, bill: Bill): ModelProvider {
  const pass = (ms: number): Promise<void> =>
    new Promise((resolve) => void world.clock.alarm(world.clock.now() + ms, resolve))
  return {
    name: 'slow',
    free: true,
    async *stream(_model, _request, { signal }) {
      bill.requests++
      bill.tokens += prompt.length
      for (let piece = 0; piece < 3; piece++) {
        await pass(world.random.next() * 2_000)
        // Whoever hangs up is told nothing more.
        if (signal.aborted) return
        bill.tokens++
        yield { type: 'text', text: '.' }
      }
      const inputTokens = { total: prompt.length, cacheRead: 0, cacheWrite: 0 }
      yield { type: 'usage', usage: { inputTokens, outputTokens: { total: 3, reasoning: 0 } } }
      yield { type: 'finish', reason: 'stop', model: 'model', requestId: null }
    },
    models: () => Promise.resolve([]),
    health: () => Promise.resolve({ healthy: true, server: null, reason: null }),
  }
}

/** How a call ended. */
interface End {
  readonly attempts: readonly ModelAttempt[]
  /** The code of its error. */
  readonly code: string | null
}

/** How a call ended. Who is cut off from it asks again, by the same key. */
function callOnce(world: Simulation, node: SimulatedNode, models: Models, key: string): Promise<End> {
  return persistently(world, () =>
    node.call(async (runtime) => {
      const options = { key: 'run', limit: { tokens: LIMIT }, durability: 'durable' } as const
      const budget = await createBudget(runtime, options)
      try {
        const { attempts } = await createModels(runtime, models, { budget }).call({ prompt, key })
        return { attempts, code: null }
      } catch (error) {
        const { attempts } = ((isTroupeError(error) && error.data) || {}) as { attempts?: readonly ModelAttempt[] }
        if (!attempts || !isTroupeError(error)) throw error
        return { attempts, code: error.code }
      }
    }),
  )
}

async function callAll(world: Simulation): Promise<{ readonly attempts: number; readonly doubted: number }> {
  const bill: Bill = { requests: 0, tokens: 0 }
  const models = defineModels({
    providers: [slowProvider(world, bill)],
    models: [{ id: 'slow/model' }],
    // Estimators learn: in the next life they say something else.
    tokens: { estimate: () => Promise.resolve(prompt.length + Math.floor(world.random.next() * 9)), learn: () => {} },
    outputTokens: 100,
    durability: 'durable',
    breakers: false,
  })
  const journal = memoryJournal()
  const node = world.node('desk', { journal, actors: [defineModelCall(models), durableBudgetKeeper] })
  const keys = Array.from({ length: CALLS }, (_, index) => `c${index}`)
  const made = await world.run(() => Promise.all(keys.map((key) => callOnce(world, node, models, key))))
  await world.settle()
  const attempts = made.flatMap((end) => end.attempts)
  // Three times cut off, a call gives up; it fails of nothing else.
  expect(made.filter(({ code }) => code !== null && code !== 'UNAVAILABLE' && code !== 'TIMEOUT')).toEqual([])
  const counted = attempts.reduce((sum, { usage }) => sum + tokensOf(usage), 0)
  const { records } = await journalContents(journal)
  const context = records.get('local/durable-budget/run' as never)?.snapshot.context as BudgetContext
  const paid = [...paidCalls(context).values()].reduce((sum, tokens) => sum + tokens, 0)
  expect(paid, 'the budget has paid what the calls say they used, once').toBe(counted)
  expect(rootOf(context).settled.tokens).toBe(paid)
  expect(rootOf(context).held.tokens, 'nothing is held at the end').toBe(0)
  expect(paid, 'what was used is paid').toBeGreaterThanOrEqual(bill.tokens)
  expect(bill.requests, 'no request is made that no attempt stands for').toBeLessThanOrEqual(attempts.length)
  return { attempts: attempts.length, doubted: attempts.filter(({ category }) => category === 'network').length }
}

describe('durable model calls', () => {
  it('pay once for each attempt and lose no settled cost, wherever their process dies', async () => {
    let [attempts, doubted] = [0, 0]
    const { seeds } = await explore({ seeds: seedCount(0.1) }, async (world) => {
      const seen = await callAll(world)
      attempts += seen.attempts
      doubted += seen.doubted
    })
    expect(attempts).toBeGreaterThan(seeds * CALLS)
    expect(doubted).toBeGreaterThan(0)
  })
})
