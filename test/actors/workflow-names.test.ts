import { afterEach, beforeEach, expect, it } from 'vitest'
import { defineWorkflow } from '../../actors/define-workflow.ts'
import { createRuntime, type Runtime } from '../../runtime/index.ts'

let runtime: Runtime
beforeEach(async () => {
  runtime = await createRuntime()
})
afterEach(() => runtime.stop())

const INHERITED = ['constructor', 'toString', 'valueOf', 'hasOwnProperty', 'isPrototypeOf'] as const

it.each(INHERITED)('a map step may be named %s', async (name) => {
  const workflow = defineWorkflow('inherited').map(name, {
    over: () => [1, 2],
    run: async ({ item, progress }) => {
      progress('on it')
      await new Promise((resolve) => setTimeout(resolve, 5 * item))
      return item
    },
  })
  const output = await (await runtime.spawn(workflow)).result({ timeout: 2_000 })
  expect(output).toMatchObject({ status: 'completed' })
  expect(output.results[name]).toEqual([1, 2].map((value) => ({ status: 'done', value })))
})

it.each(INHERITED)('a step named %s may be late, and cancelled', async (name) => {
  const late = defineWorkflow('inherited-late').step(name, { timeout: 10, run: () => new Promise(() => {}) })
  const output = await (await runtime.spawn(late)).result({ timeout: 2_000 })
  expect(output).toMatchObject({ status: 'failed', reason: `'${name}' failed: timed out after 10 ms`, results: {} })

  const slow = defineWorkflow('inherited-slow').map(name, { over: () => [1], run: () => new Promise(() => {}) })
  const ref = await runtime.spawn(slow)
  await ref.send({ type: 'workflow.cancel' })
  expect(await ref.result({ timeout: 2_000 })).toMatchObject({ status: 'cancelled' })
})

it.each(INHERITED)('steps in a row and side by side may be named %s', async (name) => {
  const workflow = defineWorkflow('inherited-lanes')
    .step('a', { run: () => 1 })
    .step(name, {
      after: ['a'],
      retries: 1,
      run: ({ attempt }) => (attempt === 1 ? Promise.reject(new Error('no')) : 2),
    })
    .step('b', { run: () => 3 })
  const output = await (await runtime.spawn(workflow)).result({ timeout: 2_000 })
  expect(output).toMatchObject({ status: 'completed' })
  expect(new Map(Object.entries(output.results))).toEqual(
    new Map([
      ['a', 1],
      ['b', 3],
      [name, 2],
    ]),
  )
})
