import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  addMessages,
  boundedText,
  boundedValue,
  type Conversation,
  withinWindow,
} from '../../machines/agent-conversation.ts'
import { callInput } from '../../machines/agent-input.ts'
import type { ModelMessage } from '../../machines/model-request.ts'

const EMPTY: Conversation = { messages: [], dropped: 0 }
const says = (role: 'user' | 'assistant', length: number): ModelMessage => ({ role, content: 'x'.repeat(length) })
const wanted = (id: string): ModelMessage => ({
  role: 'assistant',
  content: [{ type: 'tool-call', id, tool: 't', input: {} }],
})
const given = (id: string, length: number): ModelMessage => ({
  role: 'tool',
  content: [{ type: 'tool-result', id, tool: 't', output: 'x'.repeat(length), failed: false }],
})

// An exchange: what a user said, some tool calls with their results, an answer unless it is under way.
const exchange = fc
  .tuple(
    fc.integer({ min: 1, max: 200 }),
    fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 4 }),
    fc.integer({ min: 1, max: 200 }),
  )
  .map(([asked, tools, said]) => ({
    asked: says('user', asked),
    tools: tools.flatMap((length, at) => [wanted(`c${at}`), given(`c${at}`, length)]),
    said: says('assistant', said),
  }))
const conversation = fc.array(exchange, { minLength: 1, maxLength: 6 }).map((all) =>
  addMessages(
    EMPTY,
    all.flatMap(({ asked, tools, said }, at) => [asked, ...tools, ...(at === all.length - 1 ? [] : [said])]),
  ),
)
const weight = ({ messages }: Conversation) => messages.reduce((sum, { tokens }) => sum + tokens, 0)

describe('the window of a conversation', () => {
  it('begins with what a user said, keeps the exchange under way, and every call with its result', () => {
    fc.assert(
      fc.property(conversation, fc.integer({ min: 1, max: 1_000 }), (before, window) => {
        const after = withinWindow(before, window)
        const roles = after.messages.map(({ message }) => message.role)
        expect(roles[0]).toBe('user')
        expect(after.messages.length + after.dropped).toBe(before.messages.length)
        const lastUser = before.messages.findLastIndex(({ message }) => message.role === 'user')
        expect(after.messages.length).toBeGreaterThanOrEqual(before.messages.length - lastUser)
        const wants = roles.filter((_, at) => roles[at + 1] === 'tool').length
        expect(wants).toBe(roles.filter((role) => role === 'tool').length)
      }),
    )
  })

  it('lets nothing go that fits, and what goes is enough where anything may go', () => {
    fc.assert(
      fc.property(conversation, fc.integer({ min: 1, max: 1_000 }), (before, window) => {
        const after = withinWindow(before, window)
        const users = after.messages.filter(({ message }) => message.role === 'user').length
        expect(weight(before) > window || after === before).toBe(true)
        // Only the exchange under way may be too long, and only by what stays of it.
        expect(weight(after) <= window || users === 1).toBe(true)
        expect(withinWindow(after, window)).toEqual(after)
      }),
    )
  })

  it('keeps the results of the last turn, and the calls of all', () => {
    const long = addMessages(EMPTY, [says('user', 3), wanted('a'), given('a', 900), wanted('b'), given('b', 900)])
    const texts = withinWindow(long, 400).messages.map(({ message }) => JSON.stringify(message.content))
    expect(texts[2]).toContain('was let go')
    expect(texts[4]).toContain('xxxx')
    expect([texts[1], texts[3]].every((text) => text?.includes('tool-call'))).toBe(true)
  })
})

describe('what a model gets of a tool', () => {
  it('is the value as it is, or the beginning of it, never half a character', () => {
    expect(boundedValue({ a: 1 }, 10)).toEqual({ a: 1 })
    expect(boundedValue(undefined, 10)).toBe(null)
    expect(boundedValue({ a: 'bcdefgh' }, 5)).toBe('{"a":... (the first 5 of 15 characters)')
    expect(boundedText('ab\u{1F600}', 3)).toBe('ab... (the first 2 of 4 characters)')
  })
})

describe('the input that a model writes', () => {
  it('is the same whatever the order of its keys, and other inputs are others', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const turned = JSON.stringify(value, (_, inner: unknown) => {
          if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner
          return Object.fromEntries(Object.entries(inner).reverse())
        })
        const { input, canonical, isJson } = callInput(turned)
        expect([isJson, canonical]).toEqual([true, callInput(JSON.stringify(value)).canonical])
        expect(JSON.parse(canonical)).toEqual(input)
      }),
    )
    expect(callInput('{"a":[1,2]}').canonical).not.toBe(callInput('{"a":[2,1]}').canonical)
  })

  it('may be anything: nothing is no fields, and what is no JSON says so', () => {
    expect(callInput(' ')).toEqual({ input: {}, canonical: '{}', isJson: true })
    expect(callInput('{n:1}')).toMatchObject({ input: '{n:1}', isJson: false })
    expect(callInput('{"__proto__":{"a":1}}').canonical).toBe('{"__proto__":{"a":1}}')
    expect(callInput('['.repeat(200_000)).isJson).toBe(false)
  })
})
