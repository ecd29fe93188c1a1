import { expect, it } from 'vitest'
import { hearStream } from '../../../actors/models/heard-stream.ts'
import { scripted } from '../../../actors/models/scripted.ts'
import type { ModelChunk } from '../../../machines/model-chunk.ts'
import { openRuntime } from '../../support/runtime/open-runtime.ts'

const DEADLINES = { firstChunk: 10_000, gap: 2_000, total: 60_000 }
const REQUEST = { messages: [{ role: 'user', content: 'Good morning' }] } as const
const FINISH = { type: 'finish', reason: 'stop', model: 'm', requestId: null } as const

async function hearing(open: (signal: AbortSignal) => AsyncIterable<ModelChunk>) {
  const { runtime, clock } = await openRuntime()
  const chunks: ModelChunk[] = []
  let given: AbortSignal | undefined
  const stream = hearStream<ModelChunk>(
    (signal) => {
      given = signal
      return open(signal)
    },
    { clock: runtime.clock, deadlines: DEADLINES, where: 'scripted/model' },
    (chunk) => chunks.push(chunk),
  )
  const end = stream.end.then(
    () => 'ended',
    (error: unknown) => error,
  )
  const text = () => chunks.map((chunk) => (chunk.type === 'text' ? chunk.text : '')).join('')
  return { stream, end, clock, text, chunks, aborted: () => given?.aborted }
}

function heard(answer: Parameters<typeof scripted>[0]['answers']) {
  const provider = scripted({ answers: answer, clock: { after: () => () => {} } })
  return hearing((signal) => provider.stream('model', REQUEST, { signal, idempotencyKey: 'k' }))
}

it('hears every chunk to the end, and aborts nothing', async () => {
  const { end, text, chunks, aborted } = await heard([{ text: ['a', 'b', 'c'] }])
  expect(await end).toBe('ended')
  expect(text()).toBe('abc')
  expect(chunks.at(-1)?.type).toBe('finish')
  expect(aborted()).toBe(false)
})

it.each([
  ['deadline.first_chunk', { text: 'late', stallAfter: 0 }, ''],
  ['deadline.gap', { text: ['a', 'b'], stallAfter: 1 }, 'a'],
] as const)('is cut off by its %s, and aborts what it hears', async (code, answer, said) => {
  const { end, clock, text, aborted } = await heard([answer])
  await clock.advance('2m')
  expect(await end).toMatchObject({ code: 'TIMEOUT', data: { category: 'timeout', code } })
  expect(text()).toBe(said)
  expect(aborted()).toBe(true)
})

it('is cut off by its total, however often something comes', async () => {
  let tick = (): void => {}
  async function* dripping(): AsyncGenerator<ModelChunk> {
    for (;;) {
      yield { type: 'text', text: 'x' }
      await new Promise<void>((resolve) => (tick = resolve))
    }
  }
  const { end, clock } = await hearing(dripping)
  for (let second = 0; second < 61; second++) {
    await clock.advance('1s')
    tick()
  }
  expect(await end).toMatchObject({ data: { code: 'deadline.total' } })
})

it('ends at once when it is cancelled, and hears nothing after that', async () => {
  const { stream, end, clock, text, aborted } = await heard([{ text: ['a', 'b'], stallAfter: 1 }])
  await clock.advance('1s')
  stream.cancel()
  expect(await end).toMatchObject({ code: 'CANCELLED', data: { category: 'cancelled' } })
  expect(text()).toBe('a')
  expect(aborted()).toBe(true)
  stream.cancel()
})

it('rejects with what the model failed with, with what cannot be opened, and with what the listener threw', async () => {
  const { end } = await heard([{ text: ['a'], fail: 'server_error', failAfter: 1 }])
  expect(await end).toMatchObject({ data: { category: 'server_error' } })
  const unopened = await hearing(() => {
    throw new Error('no such model')
  })
  expect(await unopened.end).toMatchObject({ message: 'no such model' })
  const { runtime } = await openRuntime()
  const provider = scripted({ answers: ['a'] })
  const deaf = hearStream<ModelChunk>(
    (signal) => provider.stream('model', REQUEST, { signal, idempotencyKey: 'k' }),
    { clock: runtime.clock, deadlines: DEADLINES, where: 'scripted/model' },
    () => {
      throw new Error('not heard')
    },
  )
  await expect(deaf.end).rejects.toThrow('not heard')
})

it('takes an answer that is whole for one, however its stream ends', async () => {
  async function* lingering(): AsyncGenerator<ModelChunk> {
    yield FINISH
    await new Promise(() => {})
  }
  async function* breaking(): AsyncGenerator<ModelChunk> {
    yield FINISH
    throw new Error('the socket was reset')
  }
  for (const open of [lingering, breaking]) {
    const { end, clock } = await hearing(open)
    await clock.advance('1s')
    expect(await end).toBe('ended')
  }
})
