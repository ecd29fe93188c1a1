import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { defineWorkflow } from '../../actors/define-workflow.ts'
import { createRuntime, type Runtime } from '../../runtime/index.ts'

let runtime: Runtime
let count = 0
beforeEach(async () => {
  runtime = await createRuntime()
})
afterEach(() => runtime.stop())

const thrower = (): never => {
  throw new Error('hands off')
}
const untouchable = (): object => new Proxy({}, { has: thrower })
const trap = (): object => Object.defineProperty({ value: 1 }, 'troupe.degraded', { get: thrower })
const mute = (): Error => Object.defineProperty(new Error('x'), 'message', { get: thrower })
const numbered = (): Error => Object.assign(new Error('x'), { message: 5 })

async function runStep(run: () => unknown) {
  const ref = await runtime.spawn(defineWorkflow(`hostile-${++count}`).step('a', { run }))
  return ref.result({ timeout: 2_000 })
}

async function runItem(run: () => unknown) {
  const workflow = defineWorkflow(`hostile-${++count}`).map('m', { over: () => [1, 2], run })
  return (await runtime.spawn(workflow)).result({ timeout: 2_000 })
}

describe('a value that cannot be looked at', () => {
  it.each([
    ['a proxy that throws', untouchable],
    ['a reason that throws', trap],
  ])('fails its step: %s', async (_, value) => {
    for (const run of [value, async () => value()]) {
      expect(await runStep(run)).toMatchObject({ status: 'failed', reason: "'a' failed: hands off" })
      expect(await runItem(run)).toMatchObject({
        status: 'failed',
        reason: "'m' failed: 2 of 2 items failed: hands off",
      })
    }
  })

  it.each([
    ['a message that throws', mute],
    ['a message that is a number', numbered],
  ])('fails its step when it is thrown: %s', async (_, error) => {
    for (const run of [() => Promise.reject(error()), () => void thrownBy(error)]) {
      const output = await runStep(run)
      expect(output.status).toBe('failed')
      expect(typeof output.steps[0]?.reason).toBe('string')
      expect((await runItem(run)).status).toBe('failed')
    }
  })

  it('fails the run when its output throws it', async () => {
    const workflow = defineWorkflow('hostile-output')
      .step('a', { run: () => 1 })
      .output(() => thrownBy(mute))
    const output = await (await runtime.spawn(workflow)).result({ timeout: 2_000 })
    expect(output.status).toBe('failed')
  })
})

describe('a promise of another make', () => {
  const careless = (): unknown => ({ then: (resolve: (value: number) => void) => resolve(7) })
  const twice = (): unknown => ({
    then(resolve: (value: number) => void) {
      resolve(7)
      resolve(8)
    },
  })
  it.each([
    ['gives nothing back', careless],
    ['calls back twice', twice],
  ])('counts once, in a step and in a map: one that %s', async (_, run) => {
    expect((await runStep(run)).results).toEqual({ a: 7 })
    expect((await runItem(run)).results).toEqual({ m: [7, 7].map((value) => ({ status: 'done', value })) })
  })
})

describe('what a step tells that cannot be counted or read', () => {
  it.each([
    ['NaN tokens', 'spend', { tokens: Number.NaN }, 'the tokens spent are NaN'],
    ['tokens as text', 'spend', { tokens: '5' }, 'the tokens spent are a string'],
    ['money taken back', 'spend', { costUsd: -1 }, 'the costUsd spent are -1'],
    ['a number as note', 'progress', 5, "the progress of 'a' is a number"],
  ] as const)('is refused to the step: %s', async (_, verb, given, reason) => {
    const workflow = defineWorkflow('untyped').step('a', {
      run: (scope) => (scope[verb] as (given: unknown) => void)(given),
    })
    const output = await (await runtime.spawn(workflow)).result({ timeout: 2_000 })
    expect(output).toMatchObject({ status: 'failed', reason: `'a' failed: ${reason}`, steps: [{ usage: null }] })
  })

  it('is made text when it is the reason of a degraded result', async () => {
    const output = await runStep(() => ({ 'troupe.degraded': 5, value: 1 }))
    expect(output).toMatchObject({ status: 'degraded', steps: [{ reason: '5' }], results: { a: 1 } })
  })
})

function thrownBy(make: () => Error): never {
  throw make()
}
