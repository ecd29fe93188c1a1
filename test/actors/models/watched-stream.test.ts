import { expect, it } from 'vitest'
import { scripted } from '../../../actors/models/scripted.ts'
import { type StreamDeadlines, watchStream } from '../../../actors/models/watched-stream.ts'
import type { ModelChunk } from '../../../machines/model-chunk.ts'
import type { LentClock } from '../../../runtime/kernel/lent-clock.ts'
import { outcomeOf } from '../../support/models/call-outcome.ts'
import { openRuntime } from '../../support/runtime/open-runtime.ts'

const DEADLINES = { firstChunk: '10s', gap: '2s', total: '1m' } as const
const REQUEST = { messages: [{ role: 'user', content: 'Good morning' }] } as const

async function watched(answer: Parameters<typeof scripted>[0]['answers'], deadlines: StreamDeadlines = DEADLINES) {
  const { runtime, clock } = await openRuntime()
  const provider = scripted({ answers: answer, clock: runtime.clock })
  const caller = new AbortController()
  let inner: AbortSignal | undefined
  const alarms = new Set<() => void>()
  const counted: LentClock = {
    now: runtime.clock.now,
    after(delay, callback) {
      alarms.add(callback)
      const cancel = runtime.clock.after(delay, () => {
        alarms.delete(callback)
        callback()
      })
      return () => {
        alarms.delete(callback)
        cancel()
      }
    },
  }
  const chunks = watchStream<ModelChunk>(
    (signal) => {
      inner = signal
      return provider.stream('model', REQUEST, { signal, idempotencyKey: 'k' })
    },
    { clock: counted, deadlines, signal: caller.signal, where: 'scripted/model' },
  )
  return { clock, chunks, caller, aborted: () => inner?.aborted ?? false, alarms }
}

it('passes a stream within its deadlines on as it is, and leaves no alarm behind', async () => {
  const { chunks, clock, aborted, alarms } = await watched([{ text: ['a', 'b'], delay: '9s', gap: '1s' }])
  const outcome = outcomeOf(chunks)
  await clock.advance('20s')
  expect((await outcome).text).toBe('ab')
  expect((await outcome).failure).toBeNull()
  expect(aborted()).toBe(false)
  expect(alarms.size).toBe(0)
})

it.each([
  ['deadline.first_chunk', { text: 'late', delay: '11s' }, ''],
  ['deadline.gap', { text: ['a', 'b'], stallAfter: 1 }, 'a'],
  ['deadline.total', { text: Array.from({ length: 100 }, () => 'x'), gap: '1s' }, 'x'.repeat(60)],
] as const)('cuts a stream off that passes its %s, and aborts what it came from', async (code, answer, text) => {
  const { chunks, clock, aborted } = await watched([answer])
  const outcome = outcomeOf(chunks)
  await clock.advance('2m')
  expect(await outcome).toMatchObject({ text, code: 'TIMEOUT', failure: { category: 'timeout', code } })
  expect(aborted()).toBe(true)
})

it('does not take a slow reader for a slow model', async () => {
  const { chunks, clock } = await watched([{ text: ['a', 'b', 'c'] }], { firstChunk: '1s', gap: '1s' })
  const seen: string[] = []
  for await (const chunk of chunks) {
    if (chunk.type === 'text') seen.push(chunk.text)
    await clock.advance('5s')
  }
  expect(seen.join('')).toBe('abc')
})

it('tells a reader who was away of the total with the next chunk that he asks for', async () => {
  const { chunks, clock, aborted } = await watched([{ text: ['a', 'b'] }])
  await chunks.next()
  await clock.advance('2m')
  expect(aborted()).toBe(true)
  await expect(chunks.next()).rejects.toMatchObject({ code: 'TIMEOUT' })
  expect((await chunks.next()).done).toBe(true)
})

it('ends at once with the caller, though the model says nothing', async () => {
  const { chunks, clock, caller, aborted, alarms } = await watched([{ text: 'a', stallAfter: 0 }])
  const outcome = outcomeOf(chunks)
  await clock.advance('1s')
  caller.abort()
  expect(await outcome).toMatchObject({ code: 'CANCELLED', failure: { category: 'cancelled' } })
  expect(aborted()).toBe(true)
  expect(alarms.size).toBe(0)
})

it('aborts what it came from when the reader stops early', async () => {
  const { chunks, aborted, alarms } = await watched([{ text: ['a', 'b', 'c'] }])
  for await (const chunk of chunks) if (chunk.type === 'text') break
  expect(aborted()).toBe(true)
  expect(alarms.size).toBe(0)
})

it('lets what it reads clean up when the reader stops early', async () => {
  const { runtime } = await openRuntime()
  let isClean = false
  async function* reading(): AsyncGenerator<ModelChunk> {
    try {
      yield { type: 'text', text: 'a' }
      yield { type: 'text', text: 'b' }
    } finally {
      isClean = true
    }
  }
  for await (const chunk of watchStream(reading, { clock: runtime.clock, deadlines: DEADLINES })) if (chunk) break
  expect(isClean).toBe(true)
})

it('hands on what the model failed with', async () => {
  const { chunks } = await watched([{ text: ['a', 'b'], fail: 'server_error', failAfter: 1 }])
  expect(await outcomeOf(chunks)).toMatchObject({ text: 'a', failure: { category: 'server_error' } })
})

it('an answer that is whole stays so, however its stream ends', async () => {
  const { runtime, clock } = await openRuntime()
  const finish = { type: 'finish', reason: 'stop', model: 'm', requestId: null } as const
  async function* lingering(): AsyncGenerator<ModelChunk> {
    yield { type: 'text', text: 'whole' }
    yield finish
    await new Promise(() => {})
  }
  async function* breaking(): AsyncGenerator<ModelChunk> {
    yield finish
    throw new Error('the socket was reset')
  }
  for (const open of [lingering, breaking]) {
    const outcome = outcomeOf(watchStream<ModelChunk>(open, { clock: runtime.clock, deadlines: DEADLINES }))
    await clock.advance('1s')
    expect((await outcome).finish).toMatchObject({ reason: 'stop' })
    expect((await outcome).error).toBeNull()
  }
})
