import { describe, expect, it, vi } from 'vitest'
import { defineWorkflow } from '../../actors/index.ts'
import { openRuntime } from '../support/runtime/open-runtime.ts'
import { check, cutOff, goOn } from './cut-off-run.ts'
import { workBench } from './work-bench.ts'

const first = { durability: 'durable', version: '1' } as const
const second = { durability: 'durable', version: '2' } as const

describe('a run that a new version of its workflow takes up', () => {
  it('goes on with all that is at work side by side, and begins what is new once', async () => {
    const bench = workBench()
    const { work } = bench
    const one = defineWorkflow('run', first)
      .step('a', { run: () => work('a', 1) })
      .step('b', { after: ['a'], idempotent: true, run: () => work('b', 2) })
      .step('c', { after: ['a'], idempotent: true, run: () => work('c', 3) })
      .step('d', { after: ['b', 'c'], run: ({ results }) => work('d', results.b + results.c) })
    bench.let('a')
    const stored = await cutOff(one, bench, 'c')
    const two = defineWorkflow('run', second)
      .step('a', { run: () => work('a', 1) })
      .step('c', { after: ['a'], idempotent: true, run: () => work('c', 3) })
      .step('b', { after: ['a'], idempotent: true, run: () => work('b', 2) })
      .step('x', { after: ['a'], run: () => work('x', 4) })
      .step('d', { after: ['b', 'c', 'x'], run: ({ results }) => work('d', results.b + results.c + results.x) })
    expect((await check(two, stored)).problems).toEqual([])
    bench.let('b', 'c', 'd', 'x')
    expect(await goOn(two, stored)).toMatchObject({ status: 'completed', results: { a: 1, b: 2, c: 3, x: 4, d: 9 } })
    expect(bench.begun.toSorted()).toEqual(['a', 'b', 'b', 'c', 'c', 'd', 'x'])
  })

  it('does only the items that are left of a map under way', async () => {
    const bench = workBench()
    const items = () =>
      ({
        over: () => [1, 2, 3],
        limit: 2,
        idempotent: true,
        run: ({ item }: { readonly item: number }) => bench.work(`item ${item}`, item * 10),
      }) as const
    bench.let('item 1')
    const stored = await cutOff(defineWorkflow('run', first).map('all', items()), bench, 'item 3')
    const two = defineWorkflow('run', second)
      .map('all', items())
      .step('sum', { after: ['all'], run: ({ results }) => results.all.map((item) => 'value' in item && item.value) })
      .step('x', { run: () => bench.work('x', 1) })
    expect((await check(two, stored)).problems).toEqual([])
    bench.let('item 2', 'item 3', 'x')
    expect(await goOn(two, stored)).toMatchObject({ status: 'completed', results: { sum: [10, 20, 30], x: 1 } })
    expect(bench.begun.filter((name) => name === 'item 1')).toHaveLength(1)
  })

  it('does a step more that came too late for its output, and makes that anew', async () => {
    const bench = workBench()
    const one = defineWorkflow('run', first)
      .step('a', { run: () => 1 })
      .output(() => bench.work('output', 1))
    const stored = await cutOff(one, bench, 'output')
    const two = defineWorkflow('run', second)
      .step('a', { run: () => 1 })
      .step('b', { after: ['a'], run: () => bench.work('b', 2) })
      .output(({ results }) => bench.work('output', results.b))
    expect((await check(two, stored)).problems).toEqual([])
    bench.let('output', 'b')
    expect(await goOn(two, stored)).toMatchObject({ status: 'completed', results: { a: 1, b: 2 }, output: 2 })
    expect(bench.begun).toEqual(['output', 'b', 'output'])
  })

  it('makes the attempt it was waiting for, though the new version has no retries', async () => {
    let attempts = 0
    const attempt = (): number => {
      if (++attempts === 1) throw new Error('not yet')
      return attempts
    }
    const bench = workBench()
    const one = defineWorkflow('run', first)
      .step('a', { retries: 1, backoff: '1h', run: attempt })
      .step('b', { idempotent: true, run: () => bench.work('b', 1) })
    const stored = await cutOff(one, bench, 'b')
    const two = defineWorkflow('run', second)
      .step('a', { run: attempt })
      .step('b', { idempotent: true, run: () => bench.work('b', 1) })
    expect((await check(two, stored)).problems).toEqual([])
    bench.let('b')
    const steps = [{ name: 'a', status: 'done', attempts: 2 }, { name: 'b' }]
    expect(await goOn(two, stored)).toMatchObject({ status: 'completed', steps })
  })

  it('is not cut short by a new time limit, and ends when that has passed', async () => {
    const bench = workBench()
    const steps = () => ({ idempotent: true, run: () => bench.work('a', 1) })
    const stored = await cutOff(defineWorkflow('run', first).step('a', steps()), bench, 'a')
    await stored.clock.advance('1h')
    const two = defineWorkflow('run', { ...second, timeout: '20s' }).step('a', steps())
    const { runtime } = await openRuntime({ ...stored, actors: [two] })
    const ref = runtime.ref(two, 'r')
    await stored.clock.advance('19s')
    expect(await ref.ask({ type: 'workflow.status' })).toMatchObject({ status: 'running' })
    const ended = ref.result()
    await stored.clock.advance('2s')
    expect(await ended).toMatchObject({ status: 'failed', reason: 'the run timed out after 20 s' })
  })

  it('tells that the new step begins, and counts on', async () => {
    const bench = workBench()
    const b = { after: ['a'], idempotent: true, run: () => bench.work('b', 2) } as const
    const one = defineWorkflow('run', first)
      .step('a', { run: () => 1 })
      .step('b', b)
    const stored = await cutOff(one, bench, 'b')
    const two = defineWorkflow('run', second)
      .step('a', { run: () => 1 })
      .step('b', b)
      .step('x', { after: ['a'], run: () => bench.work('x', 3) })
    const { runtime } = await openRuntime({ ...stored, actors: [two] })
    const ref = runtime.ref(two, 'r')
    const told: unknown[] = []
    for (const type of ['workflow.started', 'step.started', 'step.completed'] as const) {
      ref.on(type, (event) => told.push([event.seq, type, 'step' in event ? event.step : null]))
    }
    await ref.ask({ type: 'workflow.status' })
    await vi.waitFor(() => expect(bench.begun.at(-1)).toBe('x'))
    bench.let('x', 'b')
    expect(await ref.result()).toMatchObject({ status: 'completed' })
    const seqs = told.map((each) => (each as [number])[0])
    expect(seqs).toEqual([...new Set(seqs)].toSorted((x, y) => x - y))
    expect(told.filter((each) => String(each).includes('completed')).map((each) => (each as unknown[])[2])).toEqual(
      expect.arrayContaining(['x', 'b']),
    )
  })

  it('does not go back to a version that it has left: what that does not have would be done again', async () => {
    const bench = workBench()
    const b = { after: ['a'], idempotent: true, run: () => bench.work('b', 2) } as const
    const one = defineWorkflow('run', first)
      .step('a', { run: () => 1 })
      .step('b', b)
    const stored = await cutOff(one, bench, 'b')
    const two = defineWorkflow('run', second)
      .step('a', { run: () => 1 })
      .step('b', b)
      .step('x', { after: ['a'], idempotent: true, run: () => bench.work('x', 3) })
    const { runtime } = await openRuntime({ ...stored, actors: [two] })
    bench.let('x')
    await runtime.ref(two, 'r').ask({ type: 'workflow.status' })
    await vi.waitFor(() => expect(bench.begun.at(-1)).toBe('x'))
    await runtime.idle()
    await runtime.stop()
    expect((await check(one, stored)).problems).toMatchObject([
      { kind: 'version', fault: "it was brought up from version '1' to '2', and does not go back by itself" },
    ])
    expect(await goOn(one, stored)).toMatchObject({ status: 'INCOMPATIBLE' })
    bench.let('b')
    expect(await goOn(two, stored)).toMatchObject({ status: 'completed', results: { a: 1, b: 2, x: 3 } })
    expect(bench.begun.filter((name) => name === 'x')).toHaveLength(1)
  })
})

describe('new names of steps', () => {
  it('lead to steps of the new list, each from one', () => {
    const renamed = (names: Readonly<Record<string, string>>) => () =>
      defineWorkflow('run', { ...second, renamed: names })
        .step('a', { run: () => 1 })
        .step('b', { run: () => 1 }).hosted
    expect(renamed({ old: 'a', older: 'b' })).not.toThrow()
    expect(renamed({ old: 'c' })).toThrow("run.renamed.old cannot be used: 'c' is no step")
    expect(renamed({ a: 'b' })).toThrow("run.renamed.a cannot be used: 'a' is still a step")
    expect(renamed({ old: 'a', older: 'a' })).toThrow("'older' becomes 'a' as well")
  })
})
