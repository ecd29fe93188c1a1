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

describe('the steps of a workflow', () => {
  it('run after what they wait for, and hand results on', async () => {
    const ran: string[] = []
    const chain = defineWorkflow('chain', { input: z.number() })
      .step('a', { run: ({ input }) => (ran.push('a'), input + 1) })
      .step('b', { after: ['a'], run: async ({ results }) => (ran.push('b'), results.a * 2) })
      .step('c', { after: ['b'], run: ({ results }) => (ran.push('c'), `${results.a}-${results.b}`) })
    const output = await (await runtime.spawn(chain, { input: 1 })).result()
    expect(ran).toEqual(['a', 'b', 'c'])
    expect(output).toMatchObject({ status: 'completed', reason: null, results: { a: 2, b: 4, c: '2-4' } })
    expect(output.steps.map(({ name, status, attempts }) => [name, status, attempts])).toEqual([
      ['a', 'done', 1],
      ['b', 'done', 1],
      ['c', 'done', 1],
    ])
    expect(output).not.toHaveProperty('output')
  })

  it('overlap when neither waits for the other, and a join waits for all', async () => {
    const work = gate<string>()
    const joined: string[] = []
    const diamond = defineWorkflow('diamond')
      .step('top', { run: () => 0 })
      .step('left', { after: ['top'], run: () => work.enter('left') })
      .step('right', { after: ['top'], run: () => work.enter('right') })
      .step('alone', { run: () => work.enter('alone') })
      .step('join', { after: ['left', 'right'], run: ({ results }) => joined.push(results.left, results.right) })
    const ref = await runtime.spawn(diamond, { key: 'one' })
    await work.waiting(3)
    expect(work.inside().toSorted()).toEqual(['alone', 'left', 'right'])
    work.release()
    work.release()
    await new Promise(setImmediate)
    expect(joined).toEqual([])
    work.open()
    expect((await ref.result()).status).toBe('completed')
    expect(joined).toEqual(['left', 'right'])
  })

  it('of many shapes run each exactly once, none before what it comes after', async () => {
    for (let seed = 1; seed <= 25; seed++) {
      const ended = new Set<string>()
      const ran: string[] = []
      let workflow = defineWorkflow(`shape-${seed}`) as never as {
        step(name: string, options: object): typeof workflow
      }
      const names: string[] = []
      for (let index = 0; index < 8; index++) {
        const after = names.filter((_, other) => (seed * 7919 + index * 31 + other * 17) % 5 < 2)
        const name = `s${index}`
        workflow = workflow.step(name, {
          after,
          run: async () => {
            expect(after.filter((dependency) => !ended.has(dependency))).toEqual([])
            await new Promise(setImmediate)
            ran.push(name)
            ended.add(name)
          },
        })
        names.push(name)
      }
      const output = await (await runtime.spawn(workflow as never)).result()
      expect(output).toMatchObject({ status: 'completed' })
      expect(ran.toSorted()).toEqual(names)
    }
  })

  it('may bear the names of the states of a run', async () => {
    const names = defineWorkflow('names')
      .step('starting', { run: () => 1 })
      .step('completed', { after: ['starting'], run: ({ results }) => results.starting + 1 })
    expect(await (await runtime.spawn(names)).result()).toMatchObject({
      status: 'completed',
      results: { completed: 2 },
    })
  })

  it('stand in the chart by name: a chain as it is, lanes side by side', async () => {
    const work = gate<string>()
    const chain = defineWorkflow('one-lane')
      .step('read', { run: () => 1 })
      .step('wait', { after: ['read'], run: () => work.enter('w') })
    const first = await runtime.spawn(chain, { key: 'x' })
    await work.waiting(1)
    expect((await first.state()).value).toBe('wait')
    const lanes = defineWorkflow('two-lanes')
      .step('left', { run: () => work.enter('l') })
      .step('right', { run: () => work.enter('r') })
      .step('join', { after: ['left', 'right'], run: () => 2 })
    const second = await runtime.spawn(lanes, { key: 'x' })
    await work.waiting(3)
    expect((await second.state()).value).toEqual({
      running: { lane1: 'left', lane2: 'right' },
    })
    work.open()
    expect((await first.result()).status).toBe('completed')
    expect((await second.result()).status).toBe('completed')
  })

  it('that make something of the results see all of them; when that throws the run fails and keeps them', async () => {
    const made = defineWorkflow('made')
      .step('a', { run: () => 20 })
      .output(async ({ results, steps }) => results.a + steps.length)
    expect(await (await runtime.spawn(made)).result()).toMatchObject({ status: 'completed', output: 21 })
    const broken = defineWorkflow('broken')
      .step('a', { run: () => 20 })
      .output(() => {
        throw new Error('no paper')
      })
    const output = await (await runtime.spawn(broken)).result()
    expect(output).toMatchObject({ status: 'failed', reason: 'its output failed: no paper', results: { a: 20 } })
    expect(output).not.toHaveProperty('output')
  })
})
