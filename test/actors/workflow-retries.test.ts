import { afterEach, beforeEach, expect, it } from 'vitest'
import { defineWorkflow } from '../../actors/define-workflow.ts'
import { backoffDelay } from '../../machines/workflow-changes.ts'
import { initialContext } from '../../machines/workflow-context.ts'
import { planWorkflow } from '../../machines/workflow-plan.ts'
import { createRuntime, type Runtime } from '../../runtime/index.ts'

let runtime: Runtime
beforeEach(async () => {
  runtime = await createRuntime()
})
afterEach(() => runtime.stop())

function delayOf(backoff: number, attempts: number): number {
  const plan = planWorkflow('w', [{ name: 'a', retries: 5_000, backoff }])
  const context = initialContext(plan, undefined)
  const record = { ...context.steps['a'], attempts } as (typeof context.steps)[string]
  return backoffDelay(plan, { ...context, steps: { a: record } }, 'a')
}

it('the wait before an attempt doubles up to a minute, however many came before', () => {
  expect([1, 2, 3].map((attempts) => delayOf(10, attempts))).toEqual([10, 20, 40])
  expect([17, 1_025, 4_000].map((attempts) => delayOf(1, attempts))).toEqual([60_000, 60_000, 60_000])
  expect([1, 1_025, 4_000].map((attempts) => delayOf(0, attempts))).toEqual([0, 0, 0])
})

it('a step without backoff is tried again more than a thousand times', async () => {
  let calls = 0
  const workflow = defineWorkflow('stubborn').step('a', {
    retries: 1_100,
    run: () => {
      if (++calls < 1_101) throw new Error('not yet')
      return calls
    },
  })
  const output = await (await runtime.spawn(workflow)).result({ timeout: 20_000 })
  expect(output).toMatchObject({ status: 'completed', results: { a: 1_101 } })
})
