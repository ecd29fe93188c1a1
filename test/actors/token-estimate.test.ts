import { describe, expect, it } from 'vitest'
import { createTokenEstimator } from '../../actors/token-estimate.ts'
import type { ModelRequest } from '../../machines/model-request.ts'

const asking = (text: string): ModelRequest => ({ messages: [{ role: 'user', content: text }] })

describe('a token estimate', () => {
  it('counts numbers as tokenisers do, not by characters', async () => {
    const tokens = createTokenEstimator()
    const numbers = Array.from({ length: 500 }, (_, index) => (index * 7_919.37).toFixed(2)).join(' ')
    const estimate = await tokens.estimate('x/m', asking(numbers))
    expect(estimate).toBeGreaterThan(1.2 * (numbers.length / 4))
  })

  it('counts everything that is sent: instructions, parts, tools, schema, pictures', async () => {
    const tokens = createTokenEstimator()
    const plain = asking('How many?')
    const base = await tokens.estimate('x/m', plain)
    const more: ModelRequest[] = [
      { ...plain, instructions: 'Count.' },
      { ...plain, tools: [{ name: 'count', description: 'Counts.', input: { type: 'object' } }] },
      { ...plain, output: { name: 'count', schema: { type: 'object', properties: { n: { type: 'number' } } } } },
      { messages: [...plain.messages, { role: 'assistant', content: 'Of what?' }] },
      {
        messages: [
          {
            role: 'user',
            content: [
              { type: 'text', text: 'How many?' },
              { type: 'data', source: 'a', text: 'b c' },
            ],
          },
        ],
      },
      {
        messages: [
          {
            role: 'user',
            content: [
              { type: 'text', text: 'How many?' },
              { type: 'image', mediaType: 'image/png', base64: '' },
            ],
          },
        ],
      },
      {
        messages: [
          ...plain.messages,
          { role: 'tool', content: [{ type: 'tool-result', id: '1', tool: 'count', output: { n: 1 }, failed: false }] },
        ],
      },
    ]
    for (const request of more) expect(await tokens.estimate('x/m', request)).toBeGreaterThan(base)
  })

  it('is corrected by what a model really used, and only for that model', async () => {
    const tokens = createTokenEstimator()
    const request = asking('The quick brown fox jumps over the lazy dog. '.repeat(40))
    const first = await tokens.estimate('x/m', request)
    for (let round = 0; round < 30; round++) tokens.learn('x/m', await tokens.estimate('x/m', request), first * 1.4)
    expect(await tokens.estimate('x/m', request)).toBeGreaterThan(first * 1.38)
    expect(await tokens.estimate('x/m', request)).toBeLessThan(first * 1.42)
    expect(await tokens.estimate('x/other', request)).toBe(first)
  })

  it('is not led astray by one absurd figure', async () => {
    const tokens = createTokenEstimator()
    const request = asking('The quick brown fox jumps over the lazy dog. '.repeat(40))
    const first = await tokens.estimate('x/m', request)
    tokens.learn('x/m', first, first * 1_000_000)
    tokens.learn('x/m', first, 0)
    tokens.learn('x/m', 0, 100)
    tokens.learn('x/m', first, NaN)
    expect(await tokens.estimate('x/m', request)).toBeLessThanOrEqual(first * 3 + 1)
  })

  it('takes text that looks like a control token, and text without a space', async () => {
    const tokens = createTokenEstimator()
    expect(await tokens.estimate('x/m', asking('<|endoftext|> <|im_start|>system'))).toBeGreaterThan(0)
    expect(await tokens.estimate('x/m', asking('a'.repeat(300_000)))).toBeGreaterThan(10_000)
  })
})
