import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { defineWorkflow } from '../../actors/define-workflow.ts'
import { createRuntime, type Runtime } from '../../runtime/index.ts'

let runtime: Runtime
beforeEach(async () => {
  runtime = await createRuntime()
})
afterEach(() => runtime.stop())

const never = (): Promise<never> => new Promise(() => {})

describe('an output that never comes', () => {
  it('does not hold a run past its timeout, and what is finished is kept', async () => {
    const workflow = defineWorkflow('late-output', { timeout: 30 })
      .step('a', { run: () => 1 })
      .output(never)
    const output = await (await runtime.spawn(workflow)).result({ timeout: 2_000 })
    expect(output).toMatchObject({ status: 'failed', reason: 'the run timed out after 30 ms', results: { a: 1 } })
    expect(output).not.toHaveProperty('output')
    expect(output.steps[0]?.status).toBe('done')
    expect(output.endedAt).toBeGreaterThan(output.startedAt ?? Infinity)
  })

  it('does not hold a run that is cancelled', async () => {
    const workflow = defineWorkflow('cancelled-output')
      .step('a', { run: () => 1 })
      .output(never)
    const ref = await runtime.spawn(workflow)
    await new Promise((resolve) => setTimeout(resolve, 10))
    await ref.send({ type: 'workflow.cancel', reason: 'enough' })
    const output = await ref.result({ timeout: 2_000 })
    expect(output).toMatchObject({ status: 'cancelled', reason: 'enough', results: { a: 1 } })
  })
})

describe('a decision that never comes', () => {
  it('fails its step after the timeout of the step, and what depends on it is skipped', async () => {
    const workflow = defineWorkflow('undecided')
      .step('a', { timeout: 20, when: never, run: () => 1 })
      .step('b', { after: ['a'], run: () => 2 })
    const output = await (await runtime.spawn(workflow)).result({ timeout: 2_000 })
    expect(output).toMatchObject({ status: 'failed', reason: "'a' failed: timed out after 20 ms", results: {} })
    expect(output.steps.map(({ status, attempts }) => [status, attempts])).toEqual([
      ['failed', 0],
      ['skipped', 0],
    ])
  })

  it('lets the run go on past an optional step', async () => {
    const workflow = defineWorkflow('undecided-optional')
      .step('a', { timeout: 20, optional: true, when: never, run: () => 1 })
      .step('b', { after: ['a'], run: () => 2 })
    const output = await (await runtime.spawn(workflow)).result({ timeout: 2_000 })
    expect(output).toMatchObject({ status: 'degraded', results: { b: 2 } })
  })
})

describe('a step that is late', () => {
  it('fails, and what depends on it is skipped and never begun', async () => {
    const workflow = defineWorkflow('late')
      .step('a', { timeout: 20, run: never })
      .step('b', { after: ['a'], run: () => 2 })
    const output = await (await runtime.spawn(workflow)).result({ timeout: 2_000 })
    expect(output.steps.map(({ status, attempts }) => [status, attempts])).toEqual([
      ['failed', 1],
      ['skipped', 0],
    ])
  })
})
