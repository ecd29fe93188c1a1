import { describe, expect, it, vi } from 'vitest'
import { createAgent } from '../../actors/agent-client.ts'
import { defineAgent } from '../../actors/define-agent.ts'
import { code } from '../support/runtime/outcome.ts'
import { agentBench, doubling, wants } from './agent-bench.ts'

const second = { text: 'late', delay: '1s' } as const

async function queueing(answers: Parameters<typeof agentBench>[0], more: object = {}) {
  const bench = await agentBench(answers)
  const session = await createAgent(bench.runtime, defineAgent({ ...bench.base, ...more }))
  return { ...bench, session }
}

describe('an agent that is asked while it is at work', () => {
  it('runs one prompt after another, in their order', async () => {
    const { session, provider, clock } = await queueing(() => second)
    const answers = ['one', 'two', 'three'].map((prompt) => session.generate(prompt))
    for (let at = 1; at <= 3; at++) {
      await vi.waitFor(() => expect(provider.calls).toHaveLength(at))
      expect(await session.ref.ask({ type: 'agent.status' })).toMatchObject({ waiting: 3 - at })
      await clock.advance('1s')
    }
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual(['succeeded', 'succeeded', 'succeeded'])
    const said = provider.calls[2]?.request.messages.map(({ content }) => content)
    expect(said).toEqual(['one', 'late', 'two', 'late', 'three'])
  })

  it('has sixteen wait, and refuses the next with OVERLOADED', async () => {
    const { session } = await queueing([{ text: 'late', delay: '1h' }])
    for (let at = 0; at < 17; at++) void session.generate(`${at}`).catch(() => {})
    await expect(session.generate('18')).rejects.toMatchObject({
      code: 'OVERLOADED',
      message: expect.stringContaining('16 runs wait') as string,
    })
    expect(await session.ref.ask({ type: 'agent.status' })).toMatchObject({ waiting: 16 })
  })

  it('takes back one that waits without a call of the model, and runs the others', async () => {
    const { session, provider, clock } = await queueing(() => second)
    const first = session.generate('one')
    const controller = new AbortController()
    const unwanted = session.generate('two', { signal: controller.signal })
    const third = session.generate('three')
    controller.abort()
    expect(await unwanted).toMatchObject({ status: 'cancelled', steps: 0, text: '', costUsd: 0 })
    await vi.waitFor(() => expect(provider.calls).toHaveLength(1))
    await clock.advance('1s')
    await vi.waitFor(() => expect(provider.calls).toHaveLength(2))
    await clock.advance('1s')
    expect((await Promise.all([first, third])).map(({ status }) => status)).toEqual(['succeeded', 'succeeded'])
    expect(JSON.stringify(provider.calls)).not.toContain('"two"')
  })

  it('counts the time of a run from its beginning, not while it waits', async () => {
    const { session, provider, clock } = await queueing(() => second)
    const first = session.generate('one')
    const brief = session.generate('two', { timeout: '1500ms' })
    await vi.waitFor(() => expect(provider.calls).toHaveLength(1))
    await clock.advance('1s')
    await vi.waitFor(() => expect(provider.calls).toHaveLength(2))
    await clock.advance('1s')
    expect([await first, await brief]).toMatchObject([{ status: 'succeeded' }, { status: 'succeeded' }])
  })
})

describe('the key of a run', () => {
  it('is one run, whether it is at work, waits or is over', async () => {
    const { session, provider, clock } = await queueing(() => second)
    const asked = ['r-1', 'r-1', 'r-2', 'r-2'].map((key) => session.generate(`do ${key}`, { key }))
    for (let at = 1; at <= 2; at++) {
      await vi.waitFor(() => expect(provider.calls).toHaveLength(at))
      await clock.advance('1s')
    }
    const [one, alsoOne, two, alsoTwo] = await Promise.all(asked)
    expect([alsoOne, alsoTwo]).toEqual([one, two])
    expect(await session.generate('do r-2', { key: 'r-2' })).toEqual(two)
    expect(provider.calls).toHaveLength(2)
  })

  it('with another prompt is refused with CONFLICT, naming it: at work, waiting, over and long over', async () => {
    const { session, provider, clock } = await queueing(() => second)
    const refused = { code: 'CONFLICT', message: expect.stringContaining("the run 'r-1' has another prompt") as string }
    const first = session.generate('one', { key: 'r-1' })
    await expect(session.generate('two', { key: 'r-1' })).rejects.toMatchObject(refused)
    const waiting = session.generate('later', { key: 'r-2' })
    expect(await code(session.generate('other', { key: 'r-2' }))).toBe('CONFLICT')
    await vi.waitFor(() => expect(provider.calls).toHaveLength(1))
    await clock.advance('1s')
    await first
    await vi.waitFor(() => expect(provider.calls).toHaveLength(2))
    await clock.advance('1s')
    await waiting
    await expect(session.generate('two', { key: 'r-1' })).rejects.toMatchObject(refused)
    expect(await code(session.generate('other', { key: 'r-2' }))).toBe('CONFLICT')
    // It ran, so it does not run again, though what it came to was let go.
    await expect(session.generate('one', { key: 'r-1' })).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('no longer kept') as string,
    })
    expect(provider.calls).toHaveLength(2)
  })

  it('with another prompt cancels nothing of the run that has it, streamed as well', async () => {
    const { session, provider, clock } = await queueing([second])
    const first = session.generate('one', { key: 'r-1' })
    await vi.waitFor(() => expect(provider.calls).toHaveLength(1))
    const other = session.stream('two', { key: 'r-1' })
    const reading = (async () => {
      for await (const _ of other) expect.unreachable('there is no piece')
    })()
    expect(await code(reading)).toBe('CONFLICT')
    await clock.advance('1s')
    expect(await first).toMatchObject({ status: 'succeeded' })
  })
})

describe('a stream of an agent that is left', () => {
  it('has the cancelled answer, with text, calls and cost so far, as cancelling has', async () => {
    const { session, clock } = await queueing(
      () => ({ text: ['a', 'b'], gap: '1s', usage: { input: 10, output: 5 } }),
      { tools: [doubling()] },
    )
    const stream = session.stream('go')
    for await (const chunk of stream) if (chunk.type === 'text') break
    await clock.advance('10ms')
    expect(await stream.answer).toMatchObject({ status: 'cancelled', text: 'a', reason: 'the run was cancelled' })
  })

  it('keeps the calls that were made and what they cost', async () => {
    const { session, clock } = await queueing([wants(['double', { n: 1 }]), { text: ['a', 'b'], gap: '1s' }], {
      tools: [doubling()],
    })
    const stream = session.stream('go')
    for await (const chunk of stream) if (chunk.type === 'text' && chunk.text === 'a') break
    await clock.advance('10ms')
    expect(await stream.answer).toMatchObject({
      status: 'cancelled',
      text: 'a',
      toolCalls: [{ tool: 'double', status: 'succeeded' }],
      usage: { outputTokens: { total: expect.any(Number) as number } },
    })
    expect((await stream.answer).costUsd).toBeGreaterThanOrEqual(0.02)
  })

  it('gives way to what is asked next: that begins when the run is over', async () => {
    const { session, clock, provider } = await queueing(({ index }) =>
      index === 2 ? 'third' : { text: ['a', 'b'], gap: '1s' },
    )
    for (let at = 0; at < 2; at++) {
      const stream = session.stream('go')
      for await (const chunk of stream) if (chunk.type === 'text') break
    }
    const next = session.generate('next')
    await clock.advance('10ms')
    expect(await next).toMatchObject({ status: 'succeeded', text: 'third' })
    expect(provider.calls).toHaveLength(3)
  })
})
