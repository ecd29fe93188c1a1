import { afterEach, beforeEach, expect, it } from 'vitest'
import { defineWorkflow } from '../../actors/define-workflow.ts'
import { createRuntime, type Runtime } from '../../runtime/index.ts'

let runtime: Runtime
beforeEach(async () => {
  runtime = await createRuntime()
})
afterEach(() => runtime.stop())

it('the items of a map step are those there were when it began, whatever becomes of the array', async () => {
  const items = [1, 2, 3]
  const workflow = defineWorkflow('shrinking').map('m', {
    limit: 1,
    over: () => items,
    run: async ({ item }) => {
      items.length = 1
      items[1] = 99
      return item
    },
  })
  const output = await (await runtime.spawn(workflow)).result({ timeout: 2_000 })
  expect(output.results.m).toEqual([1, 2, 3].map((value) => ({ status: 'done', value })))
})
