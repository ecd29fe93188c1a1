import { describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { defineTool, type ToolScope } from '../../actors/define-tool.ts'
import { defineTools } from '../../actors/define-tools.ts'
import { createTools } from '../../actors/tools-client.ts'
import { TroupeError } from '../../runtime/index.ts'
import { memory } from '../../transports/memory/index.ts'
import { sqlite } from '../../transports/sqlite/index.ts'
import { openRuntime } from '../support/runtime/open-runtime.ts'
import { code } from '../support/runtime/outcome.ts'
import { scratchFolder } from '../support/transports/scratch-folder.ts'

const scratch = scratchFolder()

function toolOf(execute: (input: string, scope: ToolScope) => unknown, more: object = {}) {
  const schemas = { input: z.string(), output: z.unknown() }
  return defineTool({ id: 'try', version: '1.0.0', description: 'Tries.', ...schemas, ...more, execute })
}

const down = () => {
  throw new TroupeError('UNAVAILABLE', 'it is down')
}

describe('an attempt of a tool', () => {
  it('that takes its time is seen as executing, and tells that it has started', async () => {
    const { runtime, clock } = await openRuntime()
    const tools = defineTools([toolOf(() => new Promise((resolve) => runtime.clock.after(1_000, () => resolve(7))))])
    const call = createTools(runtime, tools).call('try', '', { call: 'slow' })
    const ref = runtime.ref(tools.actor, 'slow')
    const started = vi.fn()
    await Promise.resolve()
    ref.on('tool.started', started)
    await ref.waitFor({ state: 'executing' })
    expect(started).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ tool: 'try@1.0.0', attempt: 1 }))
    await clock.advance('1s')
    expect(await call).toBe(7)
  })

  it('that comes to something at once tells its start and its end, in this order', async () => {
    const { runtime } = await openRuntime()
    const tools = defineTools([toolOf(() => 1)])
    const call = { choices: [{ tool: 'try', options: {} }], input: '', idempotencyKey: 'k', traceId: 't' }
    const ref = await runtime.spawn(tools.actor, { input: { ...call, requestId: 'r', timeout: 1_000, deadline: 0 } })
    const heard: string[] = []
    ref.on('*', ({ type }) => heard.push(type))
    await ref.result()
    expect(heard).toEqual(['tool.started', 'tool.done'])
  })

  it('is heard by who made the call from its first note on, in a realm of several nodes as well', async () => {
    const transport = memory()
    const tools = defineTools([toolOf((_, { progress }) => progress('half'))])
    for (const options of [{}, { transport }]) {
      const notes: string[] = []
      const { runtime } = await openRuntime({ ...options, actors: [tools.actor] })
      await createTools(runtime, tools).call('try', '', { onProgress: (note) => void notes.push(note) })
      expect(notes).toEqual(['half'])
    }
  })

  it('with another tool needs what that one requires', async () => {
    const execute = vi.fn(() => 1)
    const { runtime } = await openRuntime()
    const tools = defineTools([toolOf(down), toolOf(execute, { id: 'other', requires: ['files.write'] })])
    const guest = runtime.as({ id: 'guest', grants: ['troupe.spawn', 'troupe.observe'] })
    expect(await code(createTools(guest, tools).call('try', '', { fallbacks: ['other'] }))).toBe('FORBIDDEN')
    expect(execute).not.toHaveBeenCalled()
  })

  it('validates the input for each tool that it is tried with', async () => {
    const { runtime } = await openRuntime()
    const tools = defineTools([toolOf(down), toolOf(() => 1, { id: 'other', input: z.string().max(2) })])
    const client = createTools(runtime, tools)
    expect(await client.call('try', 'ab', { fallbacks: ['other'] })).toBe(1)
    expect(await code(client.call('try', 'abc', { fallbacks: ['other'] }))).toBe('INVALID_MESSAGE')
  })

  it('that looks at its signal after it was stopped finds it aborted; one that is done finds it not', async () => {
    const scopes: ToolScope[] = []
    const { runtime } = await openRuntime()
    const tools = defineTools([
      toolOf((_, scope) => void scopes.push(scope)),
      toolOf((_, scope) => new Promise(() => scopes.push(scope)), { id: 'endless' }),
    ])
    const client = createTools(runtime, tools)
    await client.call('try', '')
    expect(scopes[0]?.signal.aborted).toBe(false)
    client.call('endless', '', { call: 'endless' }).catch(() => {})
    await runtime.idle()
    await vi.waitFor(() => expect(scopes).toHaveLength(2))
    await runtime.ref(tools.actor, 'endless').stop()
    expect(scopes[1]?.signal.aborted).toBe(true)
  })

  it('tells nothing any more once it has ended', async () => {
    let late = (): void => {}
    const { runtime } = await openRuntime()
    const tools = defineTools([toolOf((_, { progress }) => void (late = () => progress('late')))])
    await createTools(runtime, tools).call('try', '')
    late()
    await runtime.idle()
    expect(runtime.deadLetters.list()).toEqual([])
  })

  it('of a durable call fails when it gives what no record can keep', async () => {
    const tools = defineTools([toolOf(() => () => {})], { name: 'kept-call', durability: 'durable' })
    const { runtime } = await openRuntime({ journal: sqlite(scratch('kept.sqlite')), actors: [tools.actor] })
    await expect(createTools(runtime, tools).call('try', '')).rejects.toMatchObject({
      code: 'TOOL_FAILED',
      data: { category: 'unknown', code: 'INVALID_MESSAGE', attempts: [{ attempt: 1 }] },
    })
  })

  it('hears of its time as the call was made, not as the machines understand each other', async () => {
    const { runtime, clock } = await openRuntime()
    const tools = defineTools([toolOf(() => new Promise(() => {}))])
    // The clock of who called was an hour behind.
    const deadline = clock.now() - 3_600_000
    const call = { choices: [{ tool: 'try', options: {} }], input: '', idempotencyKey: 'k', traceId: 't' }
    const ref = await runtime.spawn(tools.actor, { input: { ...call, requestId: 'r', timeout: 5_000, deadline } })
    const output = ref.result()
    await clock.advance('4s')
    expect((await ref.state()).status).toBe('active')
    await clock.advance('1s')
    expect(await output).toMatchObject({ status: 'failed', attempts: [{ category: 'timeout' }] })
  })
})
