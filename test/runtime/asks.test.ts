import { raise, setup } from 'xstate'
import { z } from 'zod'
import { describe, expect, it } from 'vitest'
import { chunk, defineActor, defineContract, reply } from '../../runtime/index.ts'
import { createReplyStream } from '../../runtime/kernel/reply-stream.ts'
import { counterActor } from '../support/runtime/counter-actor.ts'
import { openRuntime } from '../support/runtime/open-runtime.ts'
import { code } from '../support/runtime/outcome.ts'

const counter = counterActor()

describe('an ask', () => {
  it('that gave up while it waited in the mailbox is not processed', async () => {
    const { runtime } = await openRuntime()
    let asked = 0
    const eager = defineActor({
      type: 'eager',
      contract: defineContract({ messages: { go: { reply: z.void() } } }),
      logic: setup({}).createMachine({ on: { go: { actions: [() => asked++, reply()] } } }),
    })
    const ref = await runtime.spawn(eager, { key: 'e' })
    const controller = new AbortController()
    const waiting = code(ref.ask({ type: 'go' }, { signal: controller.signal }))
    controller.abort()
    expect(await waiting).toBe('CANCELLED')
    expect(await code(ref.ask({ type: 'go' }, { signal: AbortSignal.abort() }))).toBe('CANCELLED')
    await runtime.idle()
    expect(asked).toBe(0)
    await ref.ask({ type: 'go' })
    expect(asked).toBe(1)
  })

  it('that nobody answers ends at its deadline, ten seconds if nothing else was said, and leaves nothing pending', async () => {
    const { runtime, clock } = await openRuntime()
    const silent = defineActor({
      type: 'silent',
      contract: defineContract({ messages: { go: { reply: z.void() } } }),
      logic: setup({}).createMachine({ on: { go: {} } }),
    })
    const ref = await runtime.spawn(silent, { key: 's' })
    const outcome = code(ref.ask({ type: 'go' }))
    let settled = false
    void outcome.then(() => {
      settled = true
    })
    await clock.advance(9_999)
    expect(settled).toBe(false)
    await clock.advance(1)
    expect(await outcome).toBe('TIMEOUT')
    expect(clock.pending).toBe(0)
  })

  it('is answered by the first reply, and what comes after is ignored', async () => {
    const { runtime } = await openRuntime()
    const twice = defineActor({
      type: 'twice',
      contract: defineContract({ messages: { go: { reply: z.string() } } }),
      logic: setup({}).createMachine({ on: { go: { actions: [reply(() => 'one'), reply(() => 'two')] } } }),
    })
    const ref = await runtime.spawn(twice, { key: 't' })
    expect(await ref.ask({ type: 'go' })).toBe('one')
    expect(runtime.deadLetters.list()).toEqual([])
  })

  it('is answered where the message leads, by way of raised events too', async () => {
    const { runtime } = await openRuntime()
    const winding = defineActor({
      type: 'winding',
      contract: defineContract({ messages: { go: { reply: z.string() } } }),
      logic: setup({}).createMachine({
        initial: 'a',
        states: {
          a: { on: { go: { actions: raise({ type: 'step' }) }, step: 'b' } },
          b: { entry: reply(() => 'in b') },
        },
      }),
    })
    const ref = await runtime.spawn(winding, { key: 'w' })
    expect(await ref.ask({ type: 'go' })).toBe('in b')
  })

  it('whose actor ends without an answer is told how it ended', async () => {
    const { runtime } = await openRuntime()
    const leaver = defineActor({
      type: 'leaver',
      contract: defineContract({ messages: { go: { reply: z.void() }, wait: { reply: z.void() } } }),
      logic: setup({}).createMachine({
        initial: 'on',
        states: { on: { on: { go: 'off', wait: {} } }, off: { type: 'final' } },
      }),
    })
    const done = await runtime.spawn(leaver, { key: 'a' })
    expect(await code(done.ask({ type: 'go' }))).toBe('REJECTED')
    const stopped = await runtime.spawn(leaver, { key: 'b' })
    const waiting = code(stopped.ask({ type: 'wait' }))
    await runtime.idle()
    await stopped.stop()
    expect(await waiting).toBe('CANCELLED')
  })

  it('of a message without a reply is refused before it is sent', async () => {
    const { runtime } = await openRuntime()
    const ref = await runtime.spawn(counter, { key: 'c' })
    expect(await code(ref.ask({ type: 'counter.add', by: 1 } as never))).toBe('INVALID_MESSAGE')
    expect(await code(ref.ask(null as never))).toBe('INVALID_MESSAGE')
  })
})

describe('a stream', () => {
  const talker = defineActor({
    type: 'talker',
    contract: defineContract({
      messages: { talk: { reply: z.string(), chunk: z.number() }, lie: { reply: z.string(), chunk: z.number() } },
    }),
    logic: setup({}).createMachine({
      on: {
        talk: { actions: [...Array.from({ length: 4_000 }, (_, n) => chunk(() => n))] },
        lie: { actions: [chunk(() => 1), chunk(() => 'two'), reply(() => 'end')] },
      },
    }),
  })

  it('brings what was said before its deadline, then the error', async () => {
    const { runtime, clock } = await openRuntime()
    const ref = await runtime.spawn(talker, { key: 't' })
    const stream = ref.stream({ type: 'talk' })
    await runtime.idle()
    await clock.advance('10s')
    let read = 0
    const reading = (async () => {
      for await (const _ of stream) read++
    })()
    expect(await code(reading)).toBe('TIMEOUT')
    expect(read).toBe(4_000)
  })

  it('keeps back a chunk that its contract does not promise, and brings the rest', async () => {
    const { runtime } = await openRuntime()
    const ref = await runtime.spawn(talker, { key: 't' })
    const stream = ref.stream({ type: 'lie' })
    const chunks: number[] = []
    for await (const one of stream) chunks.push(one)
    expect(chunks).toEqual([1])
    expect(await stream.reply).toBe('end')
    expect(runtime.deadLetters.list()).toMatchObject([{ error: { code: 'INVALID_MESSAGE' } }])
  })

  it('ends with OVERLOADED, and cancels its ask, for a reader that is ten thousand chunks behind', async () => {
    let cancelled = false
    const stream = createReplyStream<number, void>(undefined, async (signal, chunked) => {
      signal.addEventListener('abort', () => {
        cancelled = true
      })
      for (let n = 0; n <= 10_000; n++) chunked(n)
      await new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('cancelled'))))
    })
    let read = 0
    const reading = (async () => {
      for await (const _ of stream) read++
    })()
    expect(await code(reading)).toBe('OVERLOADED')
    expect([read, cancelled]).toEqual([10_000, true])
  })

  it('that fails fails its reader, and an unread one fails nobody', async () => {
    const { runtime } = await openRuntime()
    const nobody = runtime.ref(talker, 'nobody')
    nobody.stream({ type: 'talk' })
    const stream = nobody.stream({ type: 'talk' })
    const reading = (async () => {
      for await (const _ of stream) expect.unreachable()
    })()
    expect(await code(reading)).toBe('NOT_FOUND')
  })
})
