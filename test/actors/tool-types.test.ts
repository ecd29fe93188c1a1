import { describe, expect, expectTypeOf, it } from 'vitest'
import { z } from 'zod'
import { defineTool } from '../../actors/define-tool.ts'
import { defineTools } from '../../actors/define-tools.ts'
import { createTools } from '../../actors/tools-client.ts'
import { openRuntime } from '../support/runtime/open-runtime.ts'

const add = defineTool({
  id: 'add',
  version: '1.0.0',
  description: 'Adds.',
  input: z.object({ a: z.number(), b: z.number().default(1) }),
  output: z.number(),
  execute: ({ a, b }) => a + b,
})
const shout = defineTool({
  id: 'shout',
  version: '1.0.0',
  description: 'Shouts.',
  input: z.object({ text: z.string() }),
  output: z.object({ loud: z.string() }),
  execute: ({ text }) => ({ loud: text.toUpperCase() }),
})

describe('the types of tools', () => {
  it('follow the name that is called, pinned or not; of other names nothing is known', async () => {
    const { runtime } = await openRuntime()
    const client = createTools(runtime, defineTools([add, shout]))
    const sum = await client.call('add', { a: 1 })
    expectTypeOf(sum).toEqualTypeOf<number>()
    const { loud } = await client.call('shout@1.0.0', { text: 'hi' })
    expectTypeOf(loud).toEqualTypeOf<string>()
    const name: string = 'add'
    const any = await client.call(name, { a: 2, b: 2 })
    expectTypeOf(any).toEqualTypeOf<unknown>()
    expect([sum, loud, any]).toEqual([2, 'HI', 4])
    // @ts-expect-error the input of 'shout' is a text
    await expect(client.call('shout', { a: 1 })).rejects.toMatchObject({ code: 'INVALID_MESSAGE' })
  })
})
