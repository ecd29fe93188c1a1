import { describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { defineWorkflow } from '../../actors/index.ts'
import { defineActor, defineContract, fromTask, type TaskScope } from '../../runtime/index.ts'
import { setup } from 'xstate'
import { gatedJournal } from '../support/runtime/gated-journal.ts'
import { openRuntime } from '../support/runtime/open-runtime.ts'
import { workBench } from './work-bench.ts'

const durability = 'durable'

describe('a durable run that was cut off', () => {
  it('goes on with the step it was at, and does not do the finished ones again', async () => {
    const { begun, let: allow, work } = workBench()
    const workflow = defineWorkflow('chain', { durability })
      .step('a', { run: () => work('a', 1) })
      .step('b', { after: ['a'], idempotent: true, run: ({ results }) => work('b', results.a + 1) })
      .step('c', { after: ['b'], run: ({ results }) => work('c', results.b + 1) })
    const journal = gatedJournal()
    const first = await openRuntime({ journal, actors: [workflow] })
    allow('a')
    await first.runtime.spawn(workflow, { key: 'r' })
    await vi.waitFor(() => expect(begun).toEqual(['a', 'b']))
    await first.runtime.stop()
    allow('b')
    allow('c')
    const { runtime } = await openRuntime({ journal, actors: [workflow] })
    const output = await runtime.ref(workflow, 'r').result()
    expect(output).toMatchObject({ status: 'completed', results: { a: 1, b: 2, c: 3 } })
    expect(begun).toEqual(['a', 'b', 'b', 'c'])
    expect(output.steps.map(({ attempts }) => attempts)).toEqual([1, 1, 1])
  })

  it('counts the attempt at a step that may not be repeated as failed, and its retries decide', async () => {
    const { begun, let: allow, work } = workBench()
    const workflow = defineWorkflow('careful', { durability })
      .step('pay', { run: () => work('pay', 1) })
      .step('mail', { retries: 1, run: () => work('mail', 2) })
    const journal = gatedJournal()
    const first = await openRuntime({ journal, actors: [workflow] })
    await first.runtime.spawn(workflow, { key: 'r' })
    await vi.waitFor(() => expect(begun).toEqual(['pay', 'mail']))
    await first.runtime.stop()
    allow('pay')
    allow('mail')
    const { runtime, clock } = await openRuntime({ journal, actors: [workflow] })
    const ended = runtime.ref(workflow, 'r').result()
    await clock.advance('1s')
    const output = await ended
    expect(begun).toEqual(['pay', 'mail', 'mail'])
    expect(output.status).toBe('failed')
    expect(output.steps).toMatchObject([
      { name: 'pay', status: 'failed', reason: expect.stringContaining('cut off') as string },
      { name: 'mail', status: 'done', attempts: 2 },
    ])
  })

  it('does the items of a map that are left', async () => {
    const { begun, let: allow, work } = workBench()
    const workflow = defineWorkflow('items', { durability }).map('all', {
      over: () => [1, 2, 3, 4],
      limit: 2,
      idempotent: true,
      run: ({ item }) => work(`item ${item}`, item * 10),
    })
    const journal = gatedJournal()
    const first = await openRuntime({ journal, actors: [workflow] })
    allow('item 1')
    await first.runtime.spawn(workflow, { key: 'r' })
    await vi.waitFor(() => expect(begun).toEqual(['item 1', 'item 2', 'item 3']))
    await first.runtime.idle()
    await first.runtime.stop()
    for (const item of [2, 3, 4]) allow(`item ${item}`)
    const { runtime } = await openRuntime({ journal, actors: [workflow] })
    const output = await runtime.ref(workflow, 'r').result()
    expect(output.results.all?.map((item) => 'value' in item && item.value)).toEqual([10, 20, 30, 40])
    expect(begun.slice(3)).toEqual(['item 2', 'item 3', 'item 4'])
  })

  it('finds the durable actors of its items again: those that are done, and those at work', async () => {
    const { begun, let: allow, work } = workBench()
    const agent = defineActor({
      type: 'agent',
      contract: defineContract({ messages: {}, input: z.object({ n: z.number() }), output: z.number() }),
      logic: setup({
        types: {} as { context: { n: number }; input: { n: number }; output: number },
        actors: { study: fromTask(({ input }: TaskScope<number>) => work(`agent ${input}`, input * 10)) },
      }).createMachine({
        context: ({ input }) => input,
        initial: 'studying',
        states: {
          studying: { invoke: { id: 'study', src: 'study', input: ({ context }) => context.n, onDone: 'told' } },
          told: { type: 'final' },
        },
        output: ({ context }) => context.n * 10,
      }),
      durability,
      idempotent: ['study'],
    })
    const workflow = defineWorkflow('agents', { durability }).map('all', {
      over: () => [1, 2],
      actor: agent,
      input: ({ item }) => ({ n: item }),
    })
    const journal = gatedJournal()
    const actors = [workflow, agent]
    const first = await openRuntime({ journal, actors })
    allow('agent 1')
    await first.runtime.spawn(workflow, { key: 'r' })
    await vi.waitFor(() => expect(begun).toEqual(['agent 1', 'agent 2']))
    await vi.waitFor(() => expect(first.runtime.actors()).toEqual(['local/agents/r', 'local/agent/r.all.1']))
    await first.runtime.stop()
    allow('agent 2')
    const { runtime } = await openRuntime({ journal, actors })
    const output = await runtime.ref(workflow, 'r').result()
    expect(output.results.all?.map((item) => 'value' in item && item.value)).toEqual([10, 20])
    expect(begun).toEqual(['agent 1', 'agent 2', 'agent 2'])
  })

  it('takes up the making of its output', async () => {
    const { begun, let: allow, work } = workBench()
    const workflow = defineWorkflow('closing', { durability })
      .step('a', { run: () => 1 })
      .output(() => work('output', 7))
    const journal = gatedJournal()
    const first = await openRuntime({ journal, actors: [workflow] })
    await first.runtime.spawn(workflow, { key: 'r' })
    await vi.waitFor(() => expect(begun).toEqual(['output']))
    await first.runtime.stop()
    allow('output')
    const { runtime } = await openRuntime({ journal, actors: [workflow] })
    expect(await runtime.ref(workflow, 'r').result()).toMatchObject({ status: 'completed', output: 7 })
  })

  it('times out when its time has passed meanwhile', async () => {
    const { begun, work } = workBench()
    const workflow = defineWorkflow('slow', { durability, timeout: '1h' }).step('a', {
      idempotent: true,
      run: () => work('a', 1),
    })
    const journal = gatedJournal()
    const first = await openRuntime({ journal, actors: [workflow] })
    await first.runtime.spawn(workflow, { key: 'r' })
    await vi.waitFor(() => expect(begun).toEqual(['a']))
    await first.runtime.stop()
    const { runtime, clock } = await openRuntime({ journal, actors: [workflow] })
    await clock.advance('61m')
    expect(await runtime.ref(workflow, 'r').result()).toMatchObject({ status: 'failed' })
  })
})

describe('the idempotency key of a step', () => {
  it('is the same for each attempt, and another for each item and run', async () => {
    const keys: string[] = []
    const note = (key: string) => {
      keys.push(key)
      if (keys.length === 1) throw new Error('once more')
    }
    const workflow = defineWorkflow('keyed', { durability })
      .step('pay', { retries: 1, run: ({ idempotencyKey }) => note(idempotencyKey) })
      .map('mail', { after: ['pay'], over: () => [1, 2], run: ({ idempotencyKey }) => note(idempotencyKey) })
    const { runtime, clock } = await openRuntime({ journal: gatedJournal(), actors: [workflow] })
    const ended = (await runtime.spawn(workflow, { key: 'r' })).result()
    await clock.advance('1s')
    await ended
    expect(keys).toHaveLength(4)
    expect(keys[1]).toBe(keys[0])
    expect(new Set(keys).size).toBe(3)
    expect(keys[0]).toContain('local/keyed/r')
  })
})
