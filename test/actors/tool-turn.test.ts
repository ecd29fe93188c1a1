import { describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { defineTool, type ToolScope } from '../../actors/define-tool.ts'
import { defineTools } from '../../actors/define-tools.ts'
import { callTools } from '../../actors/tool-turn.ts'
import { createTools } from '../../actors/tools-client.ts'
import { openRuntime } from '../support/runtime/open-runtime.ts'
import { code } from '../support/runtime/outcome.ts'
import { gate } from './gate.ts'

type Execute = (input: { n: number }, scope: ToolScope) => unknown

async function clientOf(execute: Execute) {
  const { runtime } = await openRuntime()
  const twice = defineTool({
    id: 'twice',
    version: '1.0.0',
    description: 'Doubles.',
    input: z.object({ n: z.number() }),
    output: z.unknown(),
    execute,
  })
  return createTools(runtime, defineTools([twice]))
}

const want = (id: string, n: number, tool = 'twice') => ({ id, tool, input: JSON.stringify({ n }) })

describe('the tools that a model wants in one turn', () => {
  it('are called, and answered in their order, failures as results that a model can read', async () => {
    const keys: string[] = []
    const client = await clientOf(({ n }, { idempotencyKey }) => {
      keys.push(idempotencyKey)
      return n * 2
    })
    const wanted = [
      want('1', 4),
      want('2', 4, 'thrice'),
      { ...want('3', 0), input: '{"n":' },
      { ...want('4', 0), input: '' },
    ]
    const { results } = await callTools(client, wanted, { run: 'r' })
    expect(results).toMatchObject([
      { type: 'tool-result', id: '1', tool: 'twice', output: 8, failed: false },
      { id: '2', failed: true, output: "there is no tool 'thrice'; tools: twice (did you mean 'twice'?)" },
      { id: '3', failed: true, output: expect.stringContaining('the input is no JSON') as string },
      { id: '4', failed: true, output: expect.stringContaining('does not meet its schema: n:') as string },
    ])
    expect(keys).toEqual(['r.1.0:twice'])
  })

  it('are under way some at a time', async () => {
    const work = gate<number>()
    const client = await clientOf(({ n }) => work.enter(n))
    const turn = callTools(
      client,
      [1, 2, 3, 4, 5].map((n) => want(`${n}`, n)),
      { run: 'r', bounds: { inFlight: 2 } },
    )
    await work.waiting(2)
    work.open()
    expect((await turn).results.map(({ output }) => output)).toEqual([1, 2, 3, 4, 5])
    expect(work.most()).toBe(2)
  })

  it('are not called again and again with the same input, whatever the order of its keys', async () => {
    const execute = vi.fn(({ n }: { n: number }) => n)
    const client = await clientOf(execute)
    const options = { run: 'r', bounds: { repeats: 2 } }
    const first = await callTools(client, [want('1', 1), { id: '2', tool: 'twice', input: '{ "n" : 1 }' }], options)
    const second = await callTools(client, [want('3', 1), want('4', 2)], { ...options, state: first.state })
    expect(second.results.map(({ failed }) => failed)).toEqual([true, false])
    expect(second.results[0]?.output).toContain('with the same input 2 times')
    expect(execute).toHaveBeenCalledTimes(3)
  })

  it('come to an end after so many turns', async () => {
    const client = await clientOf(({ n }) => n)
    const options = { run: 'r', bounds: { steps: 1 } }
    const { state } = await callTools(client, [want('1', 1)], options)
    await expect(callTools(client, [want('2', 2)], { ...options, state })).rejects.toMatchObject({
      code: 'LIMIT_EXCEEDED',
      message: 'tools were called in 1 turns, which is all there may be',
    })
  })

  it('are cancelled together', async () => {
    const client = await clientOf(() => new Promise(() => {}))
    const gone = new AbortController()
    const turn = code(callTools(client, [want('1', 1), want('2', 2)], { run: 'r', signal: gone.signal }))
    gone.abort()
    expect(await turn).toBe('CANCELLED')
    expect(await code(callTools(client, [], { run: 'r', bounds: { step: 3 } as never }))).toBe('INVALID_MESSAGE')
  })
})
