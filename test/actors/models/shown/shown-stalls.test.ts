import { expect, it, vi } from 'vitest'
import type { FaultAnswer } from '../../../../actors/models/fault-answer.ts'
import { endOf } from '../../../support/models/call-end.ts'
import { openHttpBench } from '../../../support/models/http-bench.ts'
import { PROVIDERS } from '../../../support/models/provider-matrix.ts'

const prompt = 'Good morning'
const LONG = { firstChunk: '1h', gap: '1h', total: '2h' } as const

/** What stalls, which deadline cuts it, and the text that was heard before. */
const STALLS: readonly (readonly [string, FaultAnswer, object, string])[] = [
  ['before the headers', { headerDelay: 3_600_000 }, { ...LONG, firstChunk: '1m' }, ''],
  ['before the first chunk', { text: 'a', stallAfter: 0 }, { ...LONG, firstChunk: '1m' }, ''],
  ['between two chunks', { text: ['12345', 'b'], stallAfter: 1 }, { ...LONG, gap: '1m' }, '12345'],
  ['beyond the whole', { text: ['12345', '67890', 'c'], stallAfter: 2 }, { ...LONG, total: '1m' }, '1234567890'],
]

for (const [name, make] of PROVIDERS) {
  it.each(STALLS)(
    `${name}: a stream that stalls %s is cut at its deadline, its socket closed, and the next model asked`,
    async (_name, answer, deadlines, heard) => {
      const bench = await openHttpBench(make, {
        answers: [answer],
        backup: [{ text: 'rescued', usage: { input: 20, output: 4 } }],
        models: { retry: { attempts: 1 } },
      })
      const { drive, client, model, provider, server, backup, clock, budget, breakerOf } = bench
      const stream = client.stream({ model: [model, 'backup/test-model'], prompt, deadlines })
      let told = ''
      const pieces: string[] = []
      const reading = (async () => {
        for await (const piece of stream) {
          pieces.push(piece.type)
          told = piece.type === 'restarted' ? '' : told + piece.text
        }
      })()
      await vi.waitFor(() => expect([server.requests.length, told]).toEqual([1, heard]), { timeout: 20_000 })
      expect((await budget.view()).held.tokens).toBe(prompt.length + 100)
      await clock.advance(59_999)
      expect(server.requests[0]?.closedByClient).toBe(false)
      await clock.advance(1)
      expect(await server.requests[0]?.ended).toBe(true)

      const end = await drive(endOf(stream.result))
      await reading
      expect(end).toMatchObject({ text: 'rescued', model: 'backup/test-model' })
      expect(told).toBe('rescued')
      expect(pieces.includes('restarted')).toBe(heard !== '')
      const [stalled, rescue] = end.attempts
      expect(stalled).toMatchObject({ model, category: 'timeout', estimated: true })
      // Anthropic tells of a first token before it says a word.
      const output = stalled?.usage.outputTokens.total ?? Number.NaN
      expect([heard.length, Math.max(1, heard.length)]).toContain(output)
      expect(rescue).toMatchObject({ category: null, delay: 0, estimated: false })
      expect((stalled?.endedAt ?? 0) - (stalled?.startedAt ?? 0)).toBe(60_000)
      expect([server.requests.length, backup.requests.length]).toEqual([1, 1])
      expect((await breakerOf(provider)).failures).toBe(1)
      const { settled, held } = await budget.view()
      expect([settled.nanoUsd, held.tokens]).toEqual([end.costNanoUsd, 0])
      // The provider of one's own costs nothing; its tokens count all the same.
      const input = stalled?.usage.inputTokens.total ?? 0
      expect(input).toBeGreaterThanOrEqual(10)
      expect(settled.tokens).toBe(input + output + 24)
      expect(end.costNanoUsd).toBe((provider === 'lab' ? 0 : input + 2 * output) * 1_000_000 + 28_000_000)
    },
  )

  it(`${name}: a stream that stalls is tried again, and counted each time`, async () => {
    const { client, model, server, clock } = await openHttpBench(make, {
      answers: () => ({ text: ['a', 'b'], stallAfter: 1 }),
      models: { breakers: false },
    })
    const ending = endOf(client.call({ model, prompt, deadlines: { ...LONG, gap: '10s' } }))
    for (let attempt = 1; attempt <= 3; attempt++) {
      await vi.waitFor(() => expect(server.requests).toHaveLength(attempt), { timeout: 20_000 })
      // The first chunk may still be on its way: the deadline counts from when it came.
      while (server.requests[attempt - 1]?.closedByClient === false) {
        await new Promise((resolve) => setTimeout(resolve, 2))
        await clock.advance('1s')
      }
      if (attempt < 3) await clock.advance('2s')
    }
    const end = await ending
    expect(end).toMatchObject({ code: 'TIMEOUT', text: null })
    expect(end.attempts.map(({ category, delay }) => [category, delay])).toEqual([
      ['timeout', 0],
      ['timeout', 500],
      ['timeout', 1_000],
    ])
  })
}
