import { expect, it } from 'vitest'
import { watchStream } from '../../../actors/models/watched-stream.ts'
import type { ModelChunk } from '../../../machines/model-chunk.ts'
import { createRuntime } from '../../../runtime/index.ts'
import { outcomeOf } from '../../support/models/call-outcome.ts'
import { openFaultServer } from '../../support/models/open-fault-server.ts'
import { PLAIN, PROVIDERS } from '../../support/models/provider-matrix.ts'

for (const [name, make] of PROVIDERS) {
  it.each([
    ['first_chunk', { headerDelay: 60_000 }, { firstChunk: 100 }, ''],
    [
      'first_chunk',
      { text: 'a', stallAfter: 0, headers: { 'x-ratelimit-limit-requests': '60' } },
      { firstChunk: 100 },
      '',
    ],
    ['gap', { text: ['a', 'b'], stallAfter: 1 }, { firstChunk: '30s', gap: 100 }, 'a'],
    ['total', { text: ['a', 'b'], stallAfter: 1 }, { total: 300 }, 'a'],
  ] as const)(
    `${name}: a stream that stalls is cut at its deadline (%s), and its socket closed`,
    async (limit, answer, deadlines, text) => {
      const runtime = await createRuntime()
      const server = await openFaultServer({ answers: [answer] })
      const chunks = watchStream<ModelChunk>(
        (signal) => make(server).stream('test-model', PLAIN, { signal, idempotencyKey: 'k' }),
        { clock: runtime.clock, deadlines, where: name },
      )
      const outcome = await outcomeOf(chunks)
      expect(outcome).toMatchObject({ text, code: 'TIMEOUT', failure: { code: `deadline.${limit}` } })
      expect(await server.requests[0]?.ended).toBe(true)
      await runtime.stop()
    },
  )
}
