import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineWorkflow } from '../../actors/define-workflow.ts'
import { createRuntime, type Runtime } from '../../runtime/index.ts'
import { gate } from './gate.ts'

let runtime: Runtime
beforeEach(async () => {
  runtime = await createRuntime()
})
afterEach(() => runtime.stop())

const inner = defineWorkflow('inner', { input: z.object({ size: z.number() }) })
  .step('check', {
    run: ({ input, spend }) => {
      spend({ tokens: 10, costUsd: 0.5 })
      if (input.size < 0) throw new Error('too small')
      return input.size
    },
  })
  .output(({ results }) => results.check * 2)

describe('a workflow in a workflow', () => {
  const outer = (size: number) =>
    defineWorkflow('outer')
      .step('before', { run: () => size })
      .child('nested', { after: ['before'], workflow: inner, input: ({ results }) => ({ size: results.before }) })
      .step('after', { after: ['nested'], run: ({ results }) => results.nested.output })

  it('gives its output to the steps after it, and its usage to the step it is', async () => {
    const { status, results, steps } = await (await runtime.spawn(outer(4))).result()
    expect([status, results.after]).toEqual(['completed', 8])
    expect(steps[1]?.usage).toEqual({ tokens: 10, costUsd: 0.5 })
  })

  it('that fails fails its step, and what it had finished is kept', async () => {
    const { status, reason, results } = await (await runtime.spawn(outer(-1))).result()
    expect([status, reason]).toEqual(['failed', "'nested' failed: 'check' failed: too small"])
    expect(results.nested).toMatchObject({ status: 'failed', steps: [{ name: 'check', status: 'failed' }] })
  })

  it('stops with the run that holds it', async () => {
    const work = gate<string>()
    const waiting = defineWorkflow('waiting').step('w', { run: () => work.enter('w') })
    const ref = await runtime.spawn(defineWorkflow('holder').child('c', { workflow: waiting, key: () => 'mine' }))
    await work.waiting(1)
    expect(runtime.actors()).toContain('local/waiting/mine')
    await ref.send({ type: 'workflow.cancel' })
    expect((await ref.result()).status).toBe('cancelled')
    expect(runtime.actors()).not.toContain('local/waiting/mine')
  })
})
