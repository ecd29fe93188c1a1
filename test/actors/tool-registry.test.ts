import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineTool } from '../../actors/define-tool.ts'
import { defineTools } from '../../actors/define-tools.ts'
import type { ToolSchema } from '../../actors/tool-schema.ts'
import { compareVersions, type ToolVersion, toolVersion } from '../../actors/tool-version.ts'
import { createTools } from '../../actors/tools-client.ts'
import { openRuntime } from '../support/runtime/open-runtime.ts'

const tool = (id: string, version: string, more: object = {}) =>
  defineTool({
    id,
    version,
    description: `${id} of ${version}`,
    input: z.object({ n: z.number().default(1) }),
    output: z.string(),
    execute: () => version,
    ...more,
  })

describe('a set of tools', () => {
  it('has several versions side by side: the newest by default, or the one that is pinned', () => {
    const tools = defineTools([tool('a', '1.9.0'), tool('a', '1.10.0'), tool('a', '2.0.0-rc.1'), tool('b', '1.0.0')])
    expect(tools.names).toEqual(['a', 'b'])
    expect(tools.get('a').version).toBe('1.10.0')
    expect(tools.get('a@1.9.0').version).toBe('1.9.0')
    expect(tools.get('a@2.0.0-rc.1').version).toBe('2.0.0-rc.1')
    expect(() => tools.get('a@3.0.0')).toThrow("no version 3.0.0 of the tool 'a'; versions: 1.10.0, 1.9.0, 2.0.0-rc.1")
    expect(() => tools.get('c')).toThrow("there is no tool 'c'; tools: a, b")
  })

  it('refuses two that cannot be told apart, naming both versions', () => {
    expect(() => defineTools([tool('a', '1.0.0+x'), tool('a', '1.0.0+y')])).toThrow(
      "the tool 'a' is there twice, as 1.0.0+x and 1.0.0+y",
    )
  })

  it('is refused for what is no list of tools', () => {
    for (const list of [undefined, tool('a', '1.0.0'), [{ id: 'a', version: '1.0.0' }], [null]]) {
      expect(() => defineTools(list as never)).toThrow('this is no list of tools')
    }
  })

  it('tells models of the newest of each, by JSON schema of what is written for it', () => {
    const tools = defineTools([tool('a', '1.0.0'), tool('a', '1.1.0'), tool('b', '1.0.0')])
    expect(tools.specs(['a'])).toMatchObject([
      {
        name: 'a',
        description: 'a of 1.1.0',
        input: { type: 'object', properties: { n: { type: 'number', default: 1 } } },
      },
    ])
    expect(tools.specs(['a'])[0]?.input).not.toHaveProperty('required')
    expect(tools.specs().map(({ name }) => name)).toEqual(['a', 'b'])
  })

  it('takes schemas of any library that follows Standard Schema, asynchronous ones too', async () => {
    const shout: ToolSchema<string> & { toJSONSchema: () => object } = {
      '~standard': {
        version: 1,
        vendor: 'own',
        validate: async (value) =>
          typeof value === 'string'
            ? { value: value.toUpperCase() }
            : { issues: [{ message: 'no text', path: ['in'] }] },
      },
      toJSONSchema: () => ({ type: 'string' }),
    }
    const echo = defineTool({
      id: 'echo',
      version: '1.0.0',
      description: 'Says it again.',
      input: shout,
      output: shout,
      execute: (text) => `${text}!`,
    })
    expect(echo.inputSchema).toEqual({ type: 'string' })
    const { runtime } = await openRuntime()
    const client = createTools(runtime, defineTools([echo]))
    expect(await client.call('echo', 'hi')).toBe('HI!')
    await expect(client.call('echo', 5 as never)).rejects.toThrow('in: no text')
  })

  it('refuses a tool that cannot be, and says what to write', () => {
    expect(() => tool('a b', '1.0.0')).toThrow("'a b' cannot name a tool")
    expect(() => tool('a', '1.0')).toThrow("the version of 'a' is '1.0'")
    expect(() => tool('a', '1.0.0', { description: ' ' })).toThrow('has no description')
    expect(() => tool('a', '1.0.0', { input: { type: 'object' } })).toThrow("the input of 'a@1.0.0' is no schema")
    expect(() => tool('a', '1.0.0', { requires: 'x' })).toThrow('no list of grants')
    expect(() => tool('a', '1.0.0', { retry: { attempts: 0 } })).toThrow("the retry of 'a@1.0.0'")
    expect(() => tool('a', '1.0.0', { input: z.object({ at: z.date() }) })).toThrow('a@1.0.0.input has no JSON schema')
    const mute = { '~standard': { version: 1, vendor: 'mute', validate: () => ({ value: 1 }) } }
    expect(() => tool('a', '1.0.0', { input: mute })).toThrow("a schema of 'mute' without JSON schema")
  })
})

describe('the order of versions', () => {
  const rising = [
    '1.0.0-alpha',
    '1.0.0-alpha.1',
    '1.0.0-alpha.beta',
    '1.0.0-beta',
    '1.0.0-beta.2',
    '1.0.0-beta.11',
    '1.0.0-rc.1',
    '1.0.0',
    '1.2.0',
    '1.10.0',
    '2.0.0',
  ]

  it('is that of semantic versioning', () => {
    const shuffled = fc.shuffledSubarray(rising, { minLength: rising.length })
    fc.assert(
      fc.property(shuffled, (versions) => {
        const sorted = versions.toSorted((a, b) =>
          compareVersions(toolVersion(a) as ToolVersion, toolVersion(b) as ToolVersion),
        )
        expect(sorted).toEqual(rising)
      }),
    )
  })

  it('takes nothing that is none', () => {
    for (const text of ['1', '1.0', 'v1.0.0', '01.0.0', '1.0.0-', '', null]) expect(toolVersion(text)).toBeNull()
  })
})

describe('a tool that is defined', () => {
  it.each([
    ['an option that is misspelt', { timeuot: 5 }, "a@1.0.0 has no field 'timeuot'"],
    ['work that is misspelt', { executee: () => 1 }, "a@1.0.0 has no field 'executee'"],
    ['no time', { timeout: 0 }, 'a@1.0.0.timeout is 0'],
    ['a time that is none', { timeout: 'soon' }, "a@1.0.0.timeout is 'soon'"],
    ['a flag that is a text', { idempotent: 'yes' }, "a@1.0.0.idempotent is 'yes'"],
    ['a retry that is misspelt', { retry: { attempt: 1 } }, "a@1.0.0.retry has no field 'attempt'"],
    ['a retry that is a number', { retry: 3 }, 'a@1.0.0.retry is 3'],
    ['options that are a list', { options: [] }, 'a@1.0.0.options is a list'],
    ['an estimate in another money', { estimate: { usd: 1 } }, "a@1.0.0.estimate has no field 'usd'"],
    ['an estimate below nothing', { estimate: { costUsd: -1 } }, 'a@1.0.0.estimate.costUsd is -1'],
  ])('is refused for %s', (_, more, message) => {
    const refused = { code: 'INVALID_MESSAGE', message: expect.stringContaining(message) as string }
    expect(() => tool('a', '1.0.0', more)).toThrow(expect.objectContaining(refused) as Error)
  })

  it('is refused without options, or a name', () => {
    expect(() => defineTool(undefined as never)).toThrow('defineTool.options is missing')
    expect(() => tool(undefined as never, '1.0.0')).toThrow("'undefined' cannot name a tool")
  })
})
