import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineWorkflow } from '../../actors/define-workflow.ts'
import { degraded } from '../../actors/degraded.ts'
import { createRuntime, defineActor, defineContract, fromTask, type Runtime } from '../../runtime/index.ts'
import { gate } from './gate.ts'

let runtime: Runtime
beforeEach(async () => {
  runtime = await createRuntime()
})
afterEach(() => runtime.stop())

const sheet = defineActor({
  type: 'sheet',
  contract: defineContract({ input: z.object({ name: z.string() }), output: z.number(), messages: {} }),
  logic: fromTask(async ({ input, signal }: { input: { name: string }; signal: AbortSignal }) => {
    if (input.name === 'bad') throw new Error('cannot read it')
    if (input.name === 'slow') await new Promise((_, reject) => signal.addEventListener('abort', reject))
    return input.name.length
  }),
})
const odd = (item: number): number => {
  if (item % 2 === 1) throw new Error(`${item} is odd`)
  return item
}

const nameless = (): never => {
  throw new Error('no name')
}

describe('a map step', () => {
  it('keeps the order of its items, whichever ends first', async () => {
    const workflow = defineWorkflow('order').map('m', {
      over: () => [30, 1, 15],
      run: ({ item, index }) => new Promise<string>((resolve) => setTimeout(resolve, item, `${index}:${item}`)),
    })
    const { results, steps } = await (await runtime.spawn(workflow)).result()
    expect(results.m).toEqual(['0:30', '1:1', '2:15'].map((value) => ({ status: 'done', value })))
    expect(steps[0]?.items).toEqual({ done: 3, failed: 0, total: 3 })
  })

  it('never has more items at work than its limit', async () => {
    const work = gate<number>()
    const items = Array.from({ length: 9 }, (_, index) => index)
    const workflow = defineWorkflow('limit').map('m', {
      limit: 3,
      over: () => items,
      run: ({ item }) => work.enter(item),
    })
    const ref = await runtime.spawn(workflow)
    for (let done = 0; done < 9; done++) {
      await work.waiting(Math.min(3, 9 - done))
      work.release()
    }
    expect((await ref.result()).status).toBe('completed')
    expect(work.most()).toBe(3)
  })

  it('takes ten thousand items that end at once without a word in between', async () => {
    const items = Array.from({ length: 10_000 }, (_, index) => index)
    const workflow = defineWorkflow('many').map('m', { limit: 1, over: () => items, run: ({ item }) => item })
    const ref = await runtime.spawn(workflow)
    const events: string[] = []
    ref.on('*', ({ type }) => events.push(type))
    expect((await ref.result()).results.m).toHaveLength(10_000)
    expect(events).toEqual(['workflow.started', 'step.started', 'step.completed', 'workflow.completed'])
  })

  it('of nothing is done', async () => {
    const workflow = defineWorkflow('empty').map('m', { over: () => [], run: () => 1 })
    expect(await (await runtime.spawn(workflow)).result()).toMatchObject({ status: 'completed', results: { m: [] } })
  })

  it('whose items fail is degraded, failed or done, as it tolerates', async () => {
    const run = async (tolerate: 'none' | 'some' | 'all' | undefined, items: readonly number[]) => {
      const workflow = defineWorkflow(`tolerate-${tolerate}`).map('m', {
        over: () => items,
        run: ({ item }) => odd(item),
        ...(tolerate === undefined ? {} : { tolerate }),
      })
      const one = await createRuntime()
      const output = await (await one.spawn(workflow)).result()
      await one.stop()
      return [output.status, output.results.m?.map(({ status }) => status).join(' ')]
    }
    expect(await run(undefined, [2, 3])).toEqual(['degraded', 'done failed'])
    expect(await run('some', [1, 3])).toEqual(['failed', 'failed failed'])
    expect(await run('none', [2, 3])).toEqual(['failed', 'done failed'])
    expect(await run('all', [1, 3])).toEqual(['completed', 'failed failed'])
  })

  it('tells which items failed and why, and which are degraded', async () => {
    const workflow = defineWorkflow('why').map('m', {
      over: () => [1, 2, 4],
      run: ({ item }) => (item === 4 ? degraded(item, 'rough') : odd(item)),
    })
    const { results, reason } = await (await runtime.spawn(workflow)).result()
    expect(results.m).toEqual([
      { status: 'failed', reason: '1 is odd' },
      { status: 'done', value: 2 },
      { status: 'degraded', value: 4, reason: 'rough' },
    ])
    expect(reason).toBe("'m' is degraded: 1 of 3 items failed: 1 is odd")
  })

  it('tries failed items again, and only those', async () => {
    const ran: string[] = []
    const workflow = defineWorkflow('again').map('m', {
      retries: 2,
      over: () => ['a', 'b', 'c'],
      run: ({ item, attempt }) => {
        ran.push(`${item}${attempt}`)
        if (item === 'b' && attempt < 3) throw new Error('not yet')
        return item
      },
    })
    const { status, results, steps } = await (await runtime.spawn(workflow)).result()
    expect(ran).toEqual(['a1', 'b1', 'c1', 'b2', 'b3'])
    expect([status, steps[0]?.attempts]).toEqual(['completed', 3])
    expect(results.m?.every((item) => item.status === 'done')).toBe(true)
  })

  it('that takes too long keeps the items it has, and goes on with them', async () => {
    const workflow = defineWorkflow('late')
      .map('m', {
        timeout: 60,
        over: () => [1, 10_000],
        run: ({ item, signal }) =>
          new Promise<number>((resolve) => {
            const timer = setTimeout(resolve, item, item)
            signal.addEventListener('abort', () => clearTimeout(timer))
          }),
      })
      .step('next', { after: ['m'], run: ({ results }) => results.m.length })
    const { status, results } = await (await runtime.spawn(workflow)).result()
    expect(status).toBe('degraded')
    expect(results).toMatchObject({ m: [{ status: 'done', value: 1 }, { status: 'cancelled' }], next: 2 })
  })

  it('over what is no list fails and says so', async () => {
    const workflow = defineWorkflow('text').map('m', { retries: 3, over: () => 'abc' as never, run: () => 1 })
    const { reason, steps } = await (await runtime.spawn(workflow)).result()
    expect(reason).toBe("'m' failed: 'over' of 'm' gave a string")
    expect(steps[0]?.attempts).toBe(1)
  })
})

describe('a map step with actors', () => {
  const sheets = (names: readonly string[], timeout?: number) =>
    defineWorkflow('sheets').map('m', {
      over: () => names,
      actor: sheet,
      key: ({ item, index }) => `book.${index}.${item}`,
      input: ({ item }) => ({ name: item }),
      usage: (output) => ({ tokens: output }),
      ...(timeout === undefined ? {} : { timeout }),
    })

  it('spawns one for each item, under its key, and takes what it ends with', async () => {
    const seen: string[] = []
    runtime.inspect((record) => {
      if (record.kind === 'actor.started' && record.address.includes('/sheet/')) seen.push(record.address)
    })
    const { results, steps } = await (await runtime.spawn(sheets(['one', 'bad', 'three']))).result()
    expect(seen).toEqual(['local/sheet/book.0.one', 'local/sheet/book.1.bad', 'local/sheet/book.2.three'])
    expect(results.m).toMatchObject([{ value: 3 }, { status: 'failed' }, { value: 5 }])
    expect(results.m?.[1]).toMatchObject({ reason: expect.stringContaining('cannot read it') })
    expect(steps[0]?.usage).toEqual({ tokens: 8, costUsd: 0 })
  })

  it('stops those that are still at work when it takes too long', async () => {
    const { status } = await (await runtime.spawn(sheets(['ok', 'slow'], 40))).result()
    expect(status).toBe('degraded')
    expect(runtime.actors().filter((address) => address.includes('/sheet/'))).toEqual([])
  })

  it('gives each a key that follows from the run, the step and the index', async () => {
    const seen: string[] = []
    runtime.inspect((record) => {
      if (record.kind === 'actor.started') seen.push(record.address)
    })
    const workflow = defineWorkflow('keys').map('m', {
      over: () => ['x'],
      actor: sheet,
      input: ({ item }) => ({ name: item }),
    })
    await (await runtime.spawn(workflow, { key: 'run-7' })).result()
    expect(seen).toEqual(['local/keys/run-7', 'local/sheet/run-7.m.0'])
  })

  it('fails when two items have one key, and names it: they would share an actor', async () => {
    const workflow = defineWorkflow('twins').map('m', {
      over: () => ['x', 'yy', 'zzz'],
      actor: sheet,
      key: ({ index }) => (index === 1 ? 'other' : 'same'),
      input: ({ item }) => ({ name: item }),
    })
    const { status, reason } = await (await runtime.spawn(workflow)).result()
    expect([status, reason]).toEqual(['failed', "'m' failed: items 0 and 2 of 'm' have the key 'same'"])
  })

  it('fails the item alone whose key cannot be made', async () => {
    const workflow = defineWorkflow('keyless').map('m', {
      over: () => ['x', 'yy'],
      actor: sheet,
      key: ({ item }) => (item === 'x' ? nameless() : item),
      input: ({ item }) => ({ name: item }),
    })
    const { results } = await (await runtime.spawn(workflow)).result()
    expect(results.m).toMatchObject([
      { status: 'failed', reason: 'no name' },
      { status: 'done', value: 2 },
    ])
  })

  it('never shares the actor of another run: the item whose address is taken fails, and the other run goes on', async () => {
    const workflow = defineWorkflow('rivals').map('m', {
      over: () => ['slow'],
      actor: sheet,
      key: () => 'book',
      input: ({ item }) => ({ name: item }),
    })
    const first = await runtime.spawn(workflow, { key: 'one' })
    await new Promise((resolve) => setTimeout(resolve, 10))
    const second = await (await runtime.spawn(workflow, { key: 'two' })).result()
    expect(second.reason).toBe("'m' failed: 1 of 1 items failed: there is an actor at local/sheet/book already")
    expect(runtime.actors()).toContain('local/sheet/book')
    await first.send({ type: 'workflow.cancel' })
    expect((await first.result()).status).toBe('cancelled')
  })

  it('takes an address again that an attempt before had: a late item is tried anew', async () => {
    let attempts = 0
    const workflow = defineWorkflow('anew').map('m', {
      over: () => ['item'],
      actor: sheet,
      key: () => 'anew',
      input: () => ({ name: ++attempts === 1 ? 'slow' : 'fast' }),
      timeout: 20,
      retries: 1,
    })
    const { results } = await (await runtime.spawn(workflow)).result()
    expect(results.m).toEqual([{ status: 'done', value: 4 }])
  })
})
