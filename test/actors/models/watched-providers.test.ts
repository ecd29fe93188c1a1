import { expect, it, vi } from 'vitest'
import { watchStream } from '../../../actors/models/watched-stream.ts'
import type { ModelChunk } from '../../../machines/model-chunk.ts'
import { outcomeOf } from '../../support/models/call-outcome.ts'
import { openFaultServer } from '../../support/models/open-fault-server.ts'
import { PLAIN, PROVIDERS } from '../../support/models/provider-matrix.ts'
import { openRuntime } from '../../support/runtime/open-runtime.ts'

const AHEAD = { 'x-ratelimit-limit-requests': '60' }

/** What stalls, which deadline that passes, and the text that came before. */
const STALLS = [
  ['first_chunk, before the headers', { headerDelay: 3_600_000 }, { firstChunk: '1m', gap: '1s' }, ''],
  ['first_chunk, after them', { text: 'a', stallAfter: 0, headers: AHEAD }, { firstChunk: '1m', gap: '1s' }, ''],
  ['gap', { text: ['a', 'b'], stallAfter: 1 }, { firstChunk: '1h', gap: '1m' }, 'a'],
  ['total', { text: ['a', 'b'], stallAfter: 1 }, { total: '1m' }, 'a'],
] as const

for (const [name, make] of PROVIDERS) {
  it.each(STALLS)(
    `${name}: a stream that stalls is cut at its deadline (%s), and its socket closed`,
    async (limit, answer, deadlines, text) => {
      const { runtime, clock } = await openRuntime()
      const server = await openFaultServer({ answers: [answer] })
      let told = ''
      async function* heard(signal: AbortSignal): AsyncGenerator<ModelChunk> {
        for await (const chunk of make(server).stream('test-model', PLAIN, { signal, idempotencyKey: 'k' })) {
          if (chunk.type === 'text') told += chunk.text
          yield chunk
        }
      }
      const outcome = outcomeOf(watchStream(heard, { clock: runtime.clock, deadlines, where: name }))
      await vi.waitFor(() => expect([server.requests.length, told]).toEqual([1, text]), { timeout: 30_000 })
      await clock.advance('1m')
      const code = `deadline.${limit.split(',')[0]}`
      expect(await outcome).toMatchObject({ text, code: 'TIMEOUT', failure: { category: 'timeout', code } })
      expect(await server.requests[0]?.ended).toBe(true)
    },
  )
}
