import { describe, expect, expectTypeOf, it } from 'vitest'
import { z } from 'zod'
import { defineWorkflow } from '../../actors/define-workflow.ts'
import { degraded } from '../../actors/degraded.ts'
import { createRuntime } from '../../runtime/index.ts'

const book = defineWorkflow('book', { input: z.object({ path: z.string(), limit: z.number().default(3) }) })
  .step('read', { run: async ({ input }) => ({ sheets: [input.path, 'b'], size: input.limit }) })
  .step('size', { after: ['read'], optional: true, run: ({ results }) => results.read.size })
  .step('maybe', { after: ['read'], when: ({ results }) => results.read.size > 1, run: () => 'yes' as const })
  .map('sheets', {
    after: ['read'],
    over: ({ results }) => results.read.sheets,
    run: ({ item, index }) => (index > 0 ? degraded(item.length, 'short') : item.length),
  })
  .step('sum', { after: ['sheets', 'size'], run: ({ results }) => results.sheets.length + (results.size ?? 0) })
  .output(({ results }) => ({ sum: results.sum, maybe: results.maybe, path: results.read.sheets[0] }))

describe('the types of a workflow', () => {
  it('know each result by its name, and which may be missing', async () => {
    const runtime = await createRuntime()
    const ref = await runtime.spawn(book, { key: 'one', input: { path: 'a' } })
    const { output, results, status } = await ref.result()
    expectTypeOf(output).toEqualTypeOf<
      { sum: number; maybe: 'yes' | undefined; path: string | undefined } | undefined
    >()
    expectTypeOf(results.size).toEqualTypeOf<number | undefined>()
    expect(status).toBe('degraded')
    expect(output).toEqual({ sum: 5, maybe: 'yes', path: 'a' })
    await runtime.stop()
  })

  it('refuse what a step cannot see', () => {
    const workflow = defineWorkflow('typed')
      .step('one', { run: () => 1 })
      .step('two', { run: () => 'b' })
    // @ts-expect-error there is no step 'three'
    expect(() => workflow.step('late', { after: ['three'], run: () => 0 })).toThrow("'late' comes after 'three'")
    // @ts-expect-error 'two' is not among the steps it comes after
    workflow.step('blind', { after: ['one'], run: ({ results }) => results.two })
    // @ts-expect-error the result is a number
    workflow.step('wrong', { after: ['one'], run: ({ results }) => results.one.toUpperCase() })
    // @ts-expect-error a map has something to go over
    expect(() => workflow.map('over', { after: ['one'], run: () => 1 })).toThrow('typed.over.over is missing')
    // @ts-expect-error the workflow has no input
    workflow.step('input', { run: ({ input }) => input.path })
  })

  it('see through a chain to what came long before', () => {
    const chain = defineWorkflow('chain')
      .step('a', { run: () => 1 })
      .step('b', { after: ['a'], run: () => 'b' })
      .step('c', { after: ['b'], run: ({ results }) => results.a + results.b.length })
    expectTypeOf(chain.output(({ results }) => results.c)).toExtend<object>()
  })
})
