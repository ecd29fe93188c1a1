import { describe, expect, expectTypeOf, it, vi } from 'vitest'
import { z } from 'zod'
import { defineTool, type ToolScope } from '../../actors/define-tool.ts'
import { defineTools } from '../../actors/define-tools.ts'
import { createIdempotency } from '../../actors/idempotency-client.ts'
import { createTools } from '../../actors/tools-client.ts'
import { TroupeError } from '../../runtime/index.ts'
import { sqlite } from '../../transports/sqlite/index.ts'
import { openRuntime } from '../support/runtime/open-runtime.ts'
import { code } from '../support/runtime/outcome.ts'
import { scratchFolder } from '../support/transports/scratch-folder.ts'

const scratch = scratchFolder()

const words = { input: z.object({ text: z.string() }), output: z.object({ words: z.number() }) }
const count = defineTool({
  id: 'count',
  version: '1.0.0',
  description: 'Counts words.',
  ...words,
  execute: ({ text }) => ({ words: text.split(' ').length }),
})

type Execute = (input: { text: string }, scope: ToolScope) => { words: number } | Promise<{ words: number }>

/** A tool that does what the test wants. */
function toolOf(execute: Execute, more: object = {}) {
  return defineTool({
    id: 'try',
    version: '1.0.0',
    description: 'Tries.',
    idempotent: true,
    ...words,
    ...more,
    execute,
  })
}

async function clientOf(...list: ReturnType<typeof toolOf>[]) {
  const opened = await openRuntime()
  return { ...opened, client: createTools(opened.runtime, defineTools(list)) }
}

const unavailable = () => {
  throw new TroupeError('UNAVAILABLE', 'it is down')
}

describe('a call of a tool', () => {
  it('gives what the tool made of the input, by name, typed', async () => {
    const { runtime } = await openRuntime()
    const client = createTools(runtime, defineTools([count]))
    const made = await client.call('count', { text: 'a b c' })
    expectTypeOf(made).toEqualTypeOf<{ words: number }>()
    expect(made).toEqual({ words: 3 })
    expect(await client.call('count@1.0.0', { text: 'a' })).toEqual({ words: 1 })
    // @ts-expect-error the input has a text
    expect(await code(client.call('count', { words: 3 }))).toBe('INVALID_MESSAGE')
  })

  it('is refused for input that does not meet the schema, and says where', async () => {
    const execute = vi.fn()
    const { client } = await clientOf(toolOf(execute))
    await expect(client.call('try', { text: 5 } as never)).rejects.toMatchObject({
      code: 'INVALID_MESSAGE',
      message: expect.stringContaining("the input of 'try@1.0.0' does not meet its schema: text:") as string,
    })
    expect(execute).not.toHaveBeenCalled()
  })

  it('of a tool that is not there names those there are', async () => {
    const { client } = await clientOf(toolOf(() => ({ words: 1 })))
    await expect(client.call('tri' as string, {})).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: "there is no tool 'tri'; tools: try",
      hint: "did you mean 'try'?",
    })
    await expect(client.call('try@2.0.0' as string, {})).rejects.toThrow('versions: 1.0.0')
  })

  it('needs the grants that the tool requires: who does not hold them is refused', async () => {
    const execute = vi.fn(() => ({ words: 1 }))
    const { runtime } = await openRuntime()
    const tools = defineTools([toolOf(execute, { requires: ['text.read'] })])
    const base = ['troupe.spawn', 'troupe.observe']
    const guest = createTools(runtime.as({ id: 'guest', grants: base }), tools)
    await expect(guest.call('try', { text: '' })).rejects.toMatchObject({
      code: 'FORBIDDEN',
      message: "'guest' does not hold the grant 'text.read'",
    })
    expect(execute).not.toHaveBeenCalled()
    const reader = createTools(runtime.as({ id: 'ann', grants: [...base, 'text.read'] }), tools)
    expect(await reader.call('try', { text: '' })).toEqual({ words: 1 })
  })

  it('that fails says so as data: the category, whether it may do later, every attempt', async () => {
    const { client } = await clientOf(
      toolOf(() => {
        throw new Error('I cannot read')
      }),
    )
    await expect(client.call('try', { text: '' })).rejects.toMatchObject({
      code: 'TOOL_FAILED',
      message: "'try@1.0.0' failed: I cannot read",
      data: { category: 'unknown', retryable: false, tool: 'try@1.0.0', attempts: [{ attempt: 1, delay: 0 }] },
    })
  })

  it('of a tool that gives what it did not promise has failed', async () => {
    const { client } = await clientOf(toolOf(() => ({ words: 'many' }) as never))
    await expect(client.call('try', { text: '' })).rejects.toMatchObject({
      code: 'TOOL_FAILED',
      message: expect.stringContaining("the output of 'try@1.0.0' does not meet its schema: words:") as string,
      data: { category: 'validation', retryable: false },
    })
  })

  it('tries an idempotent tool again under one key, with delays, and another not', async () => {
    const keys: string[] = []
    const flaky = (needed: number): Execute => {
      return (_, { attempt, idempotencyKey }) => {
        keys.push(idempotencyKey)
        return attempt < needed ? unavailable() : { words: attempt }
      }
    }
    const { client, clock } = await clientOf(
      toolOf(flaky(3), { retry: { first: 1_000, jitter: 'none' } }),
      toolOf(flaky(2), { id: 'careful', idempotent: false }),
    )
    const call = client.attempt([{ tool: 'try' }], { text: '' })
    await clock.advance('3s')
    expect(await call).toMatchObject({
      status: 'done',
      value: { words: 3 },
      attempts: [
        { attempt: 1, category: 'network', delay: 0 },
        { attempt: 2, category: 'network', delay: 1_000 },
        { attempt: 3, category: null, delay: 2_000 },
      ],
    })
    expect(new Set(keys).size).toBe(1)
    await expect(client.call('careful', { text: '' })).rejects.toMatchObject({ data: { retryable: true } })
  })

  it('falls back only after a failure that may pass', async () => {
    const { client, clock } = await clientOf(
      toolOf(unavailable, { retry: { attempts: 1 } }),
      toolOf(() => ({ words: 2 }), { id: 'other' }),
      toolOf(
        () => {
          throw new Error('no')
        },
        { id: 'wrong' },
      ),
    )
    const call = client.attempt([{ tool: 'try' }, { tool: 'other' }], { text: '' })
    await clock.advance('1s')
    expect(await call).toMatchObject({ status: 'done', tool: 'other@1.0.0', attempts: [{ tool: 'try@1.0.0' }, {}] })
    expect(await client.attempt([{ tool: 'wrong' }, { tool: 'other' }], { text: '' })).toMatchObject({
      status: 'failed',
      tool: 'wrong@1.0.0',
      attempts: [{ tool: 'wrong@1.0.0' }],
    })
    const many = ['other', 'other', 'other']
    expect(await code(client.call('try', { text: '' }, { fallbacks: many }))).toBe('INVALID_MESSAGE')
  })

  it('makes at most ten attempts, all tools together', async () => {
    const tool = (id: string) => toolOf(unavailable, { id, retry: { attempts: 6, first: 1, jitter: 'none' } })
    const { client, clock } = await clientOf(tool('a'), tool('b'), tool('c'))
    const call = client.attempt([{ tool: 'a' }, { tool: 'b' }, { tool: 'c' }], { text: '' })
    await clock.advance('1m')
    expect((await call).attempts.map(({ tool: name }) => name[0]).join('')).toBe('aaaaaabbbb')
  })

  it('aborts an attempt that takes too long, and the call when its time is over', async () => {
    const aborted = vi.fn()
    const slow: Execute = (_, { signal }) => {
      signal.addEventListener('abort', aborted)
      return new Promise(() => {})
    }
    const { client, clock } = await clientOf(
      toolOf(slow, { timeout: '1s', retry: { attempts: 2, first: 0 } }),
      toolOf(slow, { id: 'endless' }),
    )
    const late = client.attempt([{ tool: 'try' }], { text: '' })
    await clock.advance('2s')
    expect(await late).toMatchObject({ error: { data: { category: 'timeout', retryable: true } } })
    expect((await late).attempts.map(({ category }) => category)).toEqual(['timeout', 'timeout'])
    expect(aborted).toHaveBeenCalledTimes(2)
    const over = client.attempt([{ tool: 'endless' }], { text: '' }, { timeout: '5s' })
    await clock.advance('5s')
    expect((await over).error?.message).toBe("'endless@1.0.0' failed: the call took longer than 5000 ms")
    expect((await over).attempts).toMatchObject([{ tool: 'endless@1.0.0', category: 'timeout' }])
    expect(aborted).toHaveBeenCalledTimes(3)
  })

  it('is stopped when who called no longer wants it', async () => {
    const aborted = vi.fn()
    const begun = vi.fn()
    const { runtime, client } = await clientOf(
      toolOf((_, { signal }) => {
        signal.addEventListener('abort', aborted)
        begun()
        return new Promise(() => {})
      }),
    )
    const gone = new AbortController()
    const call = code(client.call('try', { text: '' }, { signal: gone.signal }))
    await vi.waitFor(() => expect(begun).toHaveBeenCalled())
    gone.abort()
    expect(await call).toBe('CANCELLED')
    expect(aborted).toHaveBeenCalled()
    expect(runtime.actors()).toEqual([])
  })

  it('gives the tool its scope: who, until when, which trace, options overlaid, a way to tell', async () => {
    let seen: ToolScope | undefined
    const notes: string[] = []
    const { client, clock } = await clientOf(
      toolOf(
        (_, scope) => {
          seen = scope
          scope.progress('half')
          return { words: 0 }
        },
        { options: { depth: 1, lang: 'en' } },
      ),
    )
    const trace = { traceId: 't', requestId: 'r', call: 'c', timeout: '5s' } as const
    await client.call('try', { text: '' }, { ...trace, options: { depth: 3 }, onProgress: (note) => notes.push(note) })
    expect(seen).toMatchObject({ traceId: 't', requestId: 'r', idempotencyKey: 'c:try', attempt: 1 })
    expect(seen?.deadline).toBe(clock.now() + 5_000)
    expect(seen?.options).toEqual({ depth: 3, lang: 'en' })
    expect(seen?.principal.id).toBe('local')
    expect(notes).toEqual(['half'])
  })

  it('under an idempotency keeper is made once', async () => {
    const execute = vi.fn(() => ({ words: 1 }))
    const { runtime, client } = await clientOf(toolOf(execute))
    const idempotency = await createIdempotency(runtime, { key: 'tools' })
    const request = { idempotency, idempotencyKey: 'order-1' }
    expect(await client.call('try', { text: 'a' }, request)).toEqual({ words: 1 })
    expect(await client.call('try', { text: 'a' }, request)).toEqual({ words: 1 })
    expect(execute).toHaveBeenCalledTimes(1)
    expect(await code(client.call('try', { text: 'b' }, request))).toBe('CONFLICT')
  })

  it('that fails under an idempotency keeper tells its attempts, and is made again', async () => {
    const execute = vi.fn(() => {
      throw new Error('no')
    })
    const { runtime, client } = await clientOf(toolOf(execute))
    const idempotency = await createIdempotency(runtime, { key: 'tools' })
    const attempt = () => client.attempt([{ tool: 'try' }], { text: 'a' }, { idempotency, idempotencyKey: 'order-1' })
    const both = await Promise.all([attempt(), attempt()])
    for (const output of both) expect(output).toMatchObject({ status: 'failed', attempts: [{ category: 'unknown' }] })
    expect(execute).toHaveBeenCalledTimes(1)
    await attempt()
    expect(execute).toHaveBeenCalledTimes(2)
  })

  it('that is durable is executed again after a restart with the same key, if the tool may be', async () => {
    const keys: string[] = []
    let open = false
    const work: Execute = (_, { idempotencyKey }) => {
      keys.push(idempotencyKey)
      return open ? { words: 9 } : new Promise(() => {})
    }
    const list = [toolOf(work), toolOf(work, { id: 'careful', idempotent: false })]
    const tools = defineTools(list, { name: 'durable-call', durability: 'durable' })
    const options = { journal: sqlite(scratch('tools.sqlite')), actors: [tools.actor] }
    const before = await openRuntime(options)
    const first = createTools(before.runtime, tools)
    for (const tool of ['try', 'careful'] as const) first.call(tool, { text: '' }, { call: tool }).catch(() => {})
    await vi.waitFor(() => expect(keys).toEqual(['try:try', 'careful:careful']))
    await before.runtime.stop({ drain: 0 })
    open = true
    const { runtime } = await openRuntime({ ...options, journal: sqlite(scratch('tools.sqlite')) })
    const next = createTools(runtime, tools)
    expect(await next.call('try', { text: '' }, { call: 'try' })).toEqual({ words: 9 })
    await expect(next.call('careful', { text: '' }, { call: 'careful' })).rejects.toMatchObject({
      code: 'TOOL_FAILED',
      data: { code: 'INTERRUPTED', retryable: false },
    })
    expect(keys).toEqual(['try:try', 'careful:careful', 'try:try'])
  })
})
