import type { ChatCompletionChunk } from 'openai/resources/chat/completions'
import { expect, it } from 'vitest'
import { chatStream } from '../../../actors/models/chat-stream.ts'
import { outcomeOf } from '../../support/models/call-outcome.ts'

const END = { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }
const delta = (fields: object) => ({ choices: [{ index: 0, delta: fields, finish_reason: null }] })

/** What a server that is compatible only nearly sends, as it comes off the wire. */
function read(...chunks: readonly object[]) {
  async function* wire() {
    for (const chunk of chunks) yield chunk as ChatCompletionChunk
  }
  return outcomeOf(chatStream(wire(), 'asked', 'r1', 'lab/asked'))
}

const call = (id: string | null | undefined, name: string | undefined, args: string, index?: number) =>
  delta({ tool_calls: [{ id, index, function: { name, arguments: args } }] })

it.each([
  [
    'a number each',
    [
      call('a', 'x', '{"n"', 0),
      call('b', 'y', '{', 1),
      call(undefined, undefined, ':1}', 0),
      call(undefined, undefined, '}', 1),
    ],
  ],
  ['the number 0 each', [call('a', 'x', '{"n":1}', 0), call('b', 'y', '{}', 0)]],
  ['no number', [call('a', 'x', '{"n":1}'), call('b', 'y', '{}')]],
  [
    'no number and pieces',
    [call('a', 'x', '{"n"'), call(null, undefined, ':1}'), call('b', 'y', '{'), call('', undefined, '}')],
  ],
  ['their id in every piece', [call('a', 'x', '{"n"', 0), call('a', 'x', ':1}', 0), call('b', 'y', '{}', 1)]],
  ['numbers from 1', [call('a', 'x', '{"n":1}', 1), call('b', 'y', '{}', 2)]],
])('keeps calls apart that have %s', async (_how, chunks) => {
  const { tools, finish } = await read(...chunks, END)
  expect(tools).toEqual([
    { id: 'a', tool: 'x', input: '{"n":1}' },
    { id: 'b', tool: 'y', input: '{}' },
  ])
  expect(finish?.reason).toBe('tool-calls')
})

it('gives calls without an id one that is theirs', async () => {
  const { tools } = await read({ ...call(undefined, 'x', '', 0), id: 'c7' }, call(undefined, 'y', '', 1), END)
  expect(tools).toEqual([
    { id: 'c7-0', tool: 'x', input: '{}' },
    { id: 'c7-1', tool: 'y', input: '{}' },
  ])
})

it('reads thoughts by either name, and usage that comes with every chunk', async () => {
  const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 }
  const outcome = await read(
    delta({ reasoning: 'h' }),
    delta({ reasoning_content: 'm' }),
    { ...delta({ content: 'ok' }), usage },
    { ...END, usage: { ...usage, completion_tokens: 4 } },
  )
  expect(outcome).toMatchObject({ reasoning: 'hm', text: 'ok', usage: { outputTokens: { total: 4 } } })
})

it('bears chunks without choices, names and numbers that make sense', async () => {
  const strange = { prompt_tokens: -1, completion_tokens: Number.NaN, prompt_tokens_details: { cached_tokens: 9 } }
  const outcome = await read({}, { choices: [] }, { choices: [{}] }, { ...END, usage: strange })
  expect(outcome.usage).toEqual({
    inputTokens: { total: 0, cacheRead: 0, cacheWrite: 0 },
    outputTokens: { total: 0, reasoning: 0 },
  })
  expect(outcome.finish).toEqual({ reason: 'stop', model: 'asked', requestId: 'r1' })
})

it('does not take a stream for whole that gives no reason to end', async () => {
  expect((await read(delta({ content: 'and then' }))).finish).toBeNull()
})
