import { deepStrictEqual } from 'node:assert/strict'
import { type Budget, createBudget } from '../../../actors/budget-client.ts'
import { createRuntime, type Runtime } from '../../../runtime/index.ts'
import type { Probe } from '../bench-case.ts'
import { collectGarbage } from '../collect-garbage.ts'
import { perSecond } from '../stopwatch.ts'

/** Reserves and settles at the third node of a tree, so many callers at once. */
export async function troupeBudget(callers: number): Promise<Probe> {
  const { root, call } = await openBudget()
  return {
    check: async () => {
      await call()
      deepStrictEqual((await root.view()).calls, { held: 0, settled: 1 })
    },
    sample: perSecond(async (count: number) => {
      let left = count
      const work = async (): Promise<void> => {
        while (left-- > 0) await call()
      }
      await Promise.all(Array.from({ length: callers }, work))
    }),
  }
}

/** Bytes of heap that a budget holds after so many calls have been settled. */
export async function troupeBudgetHeap(count: number): Promise<Probe> {
  return {
    check: async () => {
      const { runtime, root, call } = await openBudget()
      await call()
      deepStrictEqual((await root.view()).calls, { held: 0, settled: 1 })
      await runtime.stop()
    },
    sample: async () => {
      collectGarbage()
      const before = process.memoryUsage().heapUsed
      const { runtime, call } = await openBudget()
      for (let index = 0; index < count; index += 1) await call()
      collectGarbage()
      const bytes = process.memoryUsage().heapUsed - before
      await runtime.stop()
      return bytes
    },
  }
}

/** A budget of three nodes in a runtime of its own. */
interface OpenBudget {
  readonly runtime: Runtime
  readonly root: Budget
  /** Reserves and settles once. */
  readonly call: () => Promise<void>
}

async function openBudget(): Promise<OpenBudget> {
  const runtime = await createRuntime()
  const root = await createBudget(runtime, { key: 'run', limit: { tokens: 1e12 } })
  const agent = await (await root.child('step', { tokens: 1e11 })).child('agent')
  let calls = 0
  return {
    runtime,
    root,
    async call() {
      const hold = await agent.reserve(`call-${calls++}`, { tokens: 40, nanoUsd: 500 })
      await hold.settle({ tokens: 39, nanoUsd: 480 })
    },
  }
}
