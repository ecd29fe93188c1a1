import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { defineWorkflow } from '../../actors/define-workflow.ts'
import { degraded } from '../../actors/degraded.ts'
import { createRuntime, type Runtime, TroupeError } from '../../runtime/index.ts'
import { gate } from './gate.ts'

let runtime: Runtime
beforeEach(async () => {
  runtime = await createRuntime()
})
afterEach(() => runtime.stop())

const boom = (): never => {
  throw new Error('boom')
}
const statuses = (output: { steps: readonly { name: string; status: string }[] }) =>
  Object.fromEntries(output.steps.map(({ name, status }) => [name, status]))
const aborted = (signal: AbortSignal, seen: string[]) =>
  new Promise<never>((_, reject) =>
    signal.addEventListener('abort', () => {
      seen.push((signal.reason as Error).message)
      reject(signal.reason as Error)
    }),
  )

describe('a step that fails', () => {
  it('skips what depends on it, lets the rest go on, and fails the run with what is finished kept', async () => {
    const workflow = defineWorkflow('failing')
      .step('bad', { run: boom })
      .step('near', { after: ['bad'], run: () => 1 })
      .step('far', { after: ['near'], optional: true, run: () => 2 })
      .step('apart', { run: async () => 3 })
      .step('behind', { after: ['apart'], run: ({ results }) => results.apart + 1 })
    const output = await (await runtime.spawn(workflow)).result()
    expect(output).toMatchObject({ status: 'failed', reason: "'bad' failed: boom", results: { apart: 3, behind: 4 } })
    expect(statuses(output)).toEqual({ bad: 'failed', near: 'skipped', far: 'skipped', apart: 'done', behind: 'done' })
    expect(output.steps.find(({ name }) => name === 'far')?.reason).toBe("'bad' failed: boom")
  })

  it('and is optional degrades the run, and its result is undefined to those after it', async () => {
    const workflow = defineWorkflow('optional')
      .step('a', { run: () => 1 })
      .step('bad', { after: ['a'], optional: true, run: boom })
      .step('next', { after: ['bad', 'a'], run: ({ results }) => [results.a, results.bad] })
    const output = await (await runtime.spawn(workflow)).result()
    expect(output).toMatchObject({
      status: 'degraded',
      reason: "'bad' failed: boom",
      results: { next: [1, undefined] },
    })
    expect(statuses(output)).toEqual({ a: 'done', bad: 'failed', next: 'done' })
  })

  it('is tried again as often as it says, and counts its attempts', async () => {
    const attempts: number[] = []
    const workflow = defineWorkflow('retrying')
      .step('shaky', {
        retries: 2,
        backoff: 1,
        run: ({ attempt }) => (attempts.push(attempt), attempt < 3 ? boom() : attempt),
      })
      .step('hopeless', { after: ['shaky'], retries: 1, run: boom })
    const output = await (await runtime.spawn(workflow)).result()
    expect(attempts).toEqual([1, 2, 3])
    expect(output.steps.map(({ status, attempts: tried }) => [status, tried])).toEqual([
      ['done', 3],
      ['failed', 2],
    ])
  })

  it('with an error that another attempt cannot mend is not tried again', async () => {
    let tried = 0
    const workflow = defineWorkflow('final').step('no', {
      retries: 5,
      run: () => {
        tried++
        throw new TroupeError('FORBIDDEN', 'not yours')
      },
    })
    expect((await (await runtime.spawn(workflow)).result()).reason).toBe("'no' failed: not yours")
    expect(tried).toBe(1)
  })

  it('by taking too long is aborted, and its late result counts for nothing', async () => {
    const seen: string[] = []
    const workflow = defineWorkflow('late')
      .step('slow', { timeout: 20, optional: true, run: ({ signal }) => aborted(signal, seen) })
      .step('deaf', {
        after: ['slow'],
        timeout: 20,
        retries: 1,
        run: () => new Promise((resolve) => setTimeout(resolve, 30, 1)),
      })
    const output = await (await runtime.spawn(workflow)).result()
    expect(seen).toEqual(["'slow' took too long"])
    expect(output).toMatchObject({ status: 'failed', reason: "'deaf' failed: timed out after 20 ms", results: {} })
    const [slow, deaf] = output.steps
    expect((slow?.endedAt ?? 0) - (slow?.startedAt ?? 0)).toBe(20)
    expect(deaf?.attempts).toBe(2)
  })
})

describe('a step that says so', () => {
  it('is degraded, and so is the run, which goes on with its value', async () => {
    const workflow = defineWorkflow('worse')
      .step('a', { run: async () => degraded(5, 'no model is configured') })
      .step('b', { after: ['a'], run: ({ results }) => results.a + 1 })
    const output = await (await runtime.spawn(workflow)).result()
    expect(output).toMatchObject({ status: 'degraded', results: { a: 5, b: 6 } })
    expect(output.reason).toBe("'a' is degraded: no model is configured")
  })

  it('is not wanted is skipped without being begun, and what comes after it goes on', async () => {
    const begun: unknown[] = []
    const workflow = defineWorkflow('choosy')
      .step('a', { run: () => 1 })
      .step('no', { after: ['a'], when: ({ results }) => results.a > 1, run: () => boom() })
      .step('yes', { after: ['no'], when: async () => true, run: ({ results }) => [results.a, results.no] })
    const ref = await runtime.spawn(workflow)
    ref.on('step.started', ({ step }) => begun.push(step))
    const output = await ref.result()
    expect(output).toMatchObject({ status: 'completed', results: { yes: [1, undefined] } })
    expect(statuses(output)).toEqual({ a: 'done', no: 'skipped', yes: 'done' })
    expect(output.steps[1]).toMatchObject({ attempts: 0, startedAt: null, reason: "not wanted: its 'when' said no" })
    expect(begun).toEqual(['a', 'yes'])
  })

  it('cannot decide has failed', async () => {
    const workflow = defineWorkflow('undecided').step('a', { when: boom, run: () => 1 })
    expect(await (await runtime.spawn(workflow)).result()).toMatchObject({
      status: 'failed',
      reason: "'a' failed: boom",
    })
  })
})

describe('a run', () => {
  it('that is cancelled aborts what runs, begins nothing more, and keeps what is finished', async () => {
    const seen: string[] = []
    const work = gate<string>()
    const workflow = defineWorkflow('cancelled')
      .step('a', { run: () => 1 })
      .step('b', { after: ['a'], run: ({ signal }) => (void work.enter('b'), aborted(signal, seen)) })
      .step('c', { after: ['b'], run: () => 3 })
      .step('d', { after: ['a'], retries: 3, backoff: '1h', run: boom })
    const ref = await runtime.spawn(workflow)
    await work.waiting(1)
    await ref.send({ type: 'workflow.cancel', reason: 'changed my mind' })
    const output = await ref.result()
    expect(output).toMatchObject({ status: 'cancelled', reason: 'changed my mind', results: { a: 1 } })
    expect(statuses(output)).toEqual({ a: 'done', b: 'cancelled', c: 'cancelled', d: 'cancelled' })
    expect(output.steps[1]?.endedAt).toBe(output.endedAt)
    expect(seen).toEqual(['the run has ended'])
  })

  it('that is cancelled before it begins runs nothing', async () => {
    const ran: string[] = []
    const workflow = defineWorkflow('early')
      .step('a', { run: () => ran.push('a') })
      .step('b', { when: () => ran.push('b') > 0, run: () => 1 })
    const spawning = runtime.spawn(workflow, { key: 'one' })
    await runtime.ref(workflow, 'one').send({ type: 'workflow.cancel' })
    const output = await (await spawning).result()
    expect(statuses(output)).toEqual({ a: 'cancelled', b: 'cancelled' })
    expect(ran).toEqual([])
  })

  it('that takes too long fails, and keeps what is finished', async () => {
    const seen: string[] = []
    const workflow = defineWorkflow('long', { timeout: 30 })
      .step('a', { run: () => 1 })
      .step('b', { after: ['a'], run: ({ signal }) => aborted(signal, seen) })
    const output = await (await runtime.spawn(workflow)).result()
    expect(output).toMatchObject({ status: 'failed', reason: 'the run timed out after 30 ms', results: { a: 1 } })
    expect(statuses(output)).toEqual({ a: 'done', b: 'cancelled' })
    expect(seen).toHaveLength(1)
  })
})
