import { describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { defineTool } from '../../actors/define-tool.ts'
import { defineTools } from '../../actors/define-tools.ts'
import { createTools } from '../../actors/tools-client.ts'
import { memoryJournal } from '../../transports/memory/index.ts'
import { openRuntime } from '../support/runtime/open-runtime.ts'

type Words = { words: number }

function toolOf(execute: (input: { text: string }) => Words | Promise<Words>, id: string = 'try') {
  const schemas = { input: z.object({ text: z.string() }), output: z.object({ words: z.number() }) }
  return defineTool({ id, version: '1.0.0', description: 'Tries.', ...schemas, execute })
}

describe('a call of a tool', () => {
  it('with a name is found under it, and another tool or input under that name is a conflict', async () => {
    const { runtime, clock } = await openRuntime()
    const tools = defineTools([
      toolOf(({ text }) => new Promise((done) => runtime.clock.after(100, () => done({ words: text.length })))),
      toolOf(() => ({ words: 0 }), 'other'),
    ])
    const client = createTools(runtime, tools)
    const call = (id: string, text: string) => client.call(id, { text }, { call: 'c' })
    const first = call('try', 'aa')
    const same = call('try', 'aa')
    await expect(call('try', 'b')).rejects.toMatchObject({
      code: 'CONFLICT',
      hint: expect.stringContaining('name') as string,
    })
    await expect(call('other', 'aa')).rejects.toMatchObject({ code: 'CONFLICT' })
    await clock.advance('1s')
    expect(await Promise.all([first, same])).toEqual([{ words: 2 }, { words: 2 }])
  })

  it('of a durable set is found by its name after its end too, and is no other call then', async () => {
    const execute = vi.fn(({ text }: { text: string }) => ({ words: text.length }))
    const tools = defineTools([toolOf(execute)], { durability: 'durable' })
    const { runtime } = await openRuntime({ journal: memoryJournal(), actors: [tools.actor] })
    const client = createTools(runtime, tools)
    const call = (text: string) => client.attempt([{ tool: 'try' }], { text }, { call: 'c' })
    const made = await call('aa')
    expect(made).not.toHaveProperty('payload')
    await expect(call('b')).rejects.toMatchObject({
      code: 'CONFLICT',
      message: "the call 'c' was made before, of another tool or with another input",
    })
    expect(await call('aa')).toEqual(made)
    expect(execute).toHaveBeenCalledOnce()
  })
})
