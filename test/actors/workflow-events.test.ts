import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { defineWorkflow } from '../../actors/define-workflow.ts'
import { createRuntime, type Runtime } from '../../runtime/index.ts'
import { gate } from './gate.ts'

let runtime: Runtime
beforeEach(async () => {
  runtime = await createRuntime()
})
afterEach(() => runtime.stop())

describe('the events of a run', () => {
  it.each([1, 2])(
    'begin with its start even when it is cancelled before it could tell of it: %i steps',
    async (steps) => {
      let workflow = defineWorkflow(`stillborn-${steps}`).step('a', { run: () => 1 })
      if (steps === 2) workflow = workflow.step('b', { run: () => 2 }) as never
      const ref = await runtime.spawn(workflow)
      const events: { readonly type: string; readonly seq: number; readonly startedAt?: unknown }[] = []
      ref.on('*', (event) => events.push(event))
      void ref.send({ type: 'workflow.cancel' })
      const output = await ref.result()
      expect(output.status).toBe('cancelled')
      expect(events.map(({ type }) => type).filter((type) => type.startsWith('workflow'))).toEqual([
        'workflow.started',
        'workflow.completed',
      ])
      expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1))
      expect(events[0]?.startedAt).toBe(output.startedAt)
      expect(typeof output.startedAt).toBe('number')
    },
  )

  it('reach who listens right after spawn, all of them, numbered without a gap', async () => {
    const workflow = defineWorkflow('events')
      .step('a', { run: () => 1 })
      .step('b', {
        after: ['a'],
        optional: true,
        retries: 1,
        run: () => {
          throw new Error('boom')
        },
      })
      .step('c', { after: ['b'], when: () => false, run: () => 1 })
      .step('d', { after: ['c'], run: () => 1 })
    const ref = await runtime.spawn(workflow)
    const events: { readonly type: string; readonly seq: number; readonly step?: string }[] = []
    ref.on('*', (event) => events.push(event))
    await ref.result()
    expect(events.map(({ type, step }) => (step ? `${type} ${step}` : type))).toEqual([
      'workflow.started',
      'step.started a',
      'step.completed a',
      'step.started b',
      'step.retrying b',
      'step.started b',
      'step.failed b',
      'step.skipped c',
      'step.started d',
      'step.completed d',
      'workflow.completed',
    ])
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1))
  })

  it('tell of progress once in a turn of the loop, however often a step reports', async () => {
    const work = gate<string>()
    const workflow = defineWorkflow('progress').step('a', {
      run: async ({ progress, spend }) => {
        for (let row = 0; row < 50; row++) {
          progress(`row ${row}`)
          spend({ tokens: 2 })
        }
        await work.enter('a')
      },
    })
    const ref = await runtime.spawn(workflow)
    const notes: unknown[] = []
    ref.on('step.progress', ({ note, usage }) => notes.push([note, usage?.tokens]))
    await work.waiting(1)
    await new Promise(setImmediate)
    await new Promise(setImmediate)
    work.open()
    await ref.result()
    expect(notes).toEqual([['row 49', 100]])
  })
})

describe('the status of a run', () => {
  it('tells of each step where it stands, since when, and what it may spend', async () => {
    const work = gate<string>()
    const workflow = defineWorkflow('status', { budget: { tokens: 1_000, costUsd: 2 } })
      .step('a', { description: 'first', budget: 0.25, run: ({ budget }) => budget })
      .map('m', {
        after: ['a'],
        budget: 0.5,
        over: () => ['x', 'y'],
        run: ({ item }) => (item === 'x' ? 1 : work.enter('y')),
      })
      .step('z', { after: ['m'], run: () => 1 })
    const ref = await runtime.spawn(workflow)
    await work.waiting(1)
    await new Promise(setImmediate)
    await new Promise(setImmediate)
    const { status, steps, seq } = await ref.ask({ type: 'workflow.status' })
    expect(status).toBe('running')
    expect(seq).toBeGreaterThan(3)
    expect(steps.map((step) => [step.name, step.status, step.budget?.tokens, step.items])).toEqual([
      ['a', 'done', 250, null],
      ['m', 'running', 500, { done: 1, failed: 0, total: 2 }],
      ['z', 'waiting', 0, null],
    ])
    expect(steps[0]?.description).toBe('first')
    expect(steps[1]?.startedAt).toBeTypeOf('number')
    work.open()
    expect((await ref.result()).results.a).toEqual({ tokens: 250, costUsd: 0.5 })
  })
})
