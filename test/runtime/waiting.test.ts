import { fromPromise, setup } from 'xstate'
import { z } from 'zod'
import { describe, expect, it } from 'vitest'
import { defineActor, defineContract } from '../../runtime/index.ts'
import { counterActor } from '../support/runtime/counter-actor.ts'
import { openRuntime } from '../support/runtime/open-runtime.ts'

const counter = counterActor({ keepResult: '1m' })
const lamp = defineActor({
  type: 'lamp',
  contract: defineContract({ messages: { on: {}, off: {}, smash: {} } }),
  logic: setup({}).createMachine({
    initial: 'dark',
    states: {
      dark: { on: { on: 'lit' } },
      lit: { tags: 'bright', initial: 'white', states: { white: {} }, on: { off: 'dark', smash: 'broken' } },
      broken: { type: 'final', tags: 'over' },
    },
  }),
})

describe('waitFor', () => {
  it('resolves for a state, a nested state, a tag and a status: before, at once and after the end', async () => {
    const { runtime } = await openRuntime()
    const ref = await runtime.spawn(lamp, { key: 'l' })
    const conditions = [
      { state: 'lit' },
      { state: { lit: 'white' } },
      { state: 'lit.white' },
      { tag: 'bright' },
    ] as const
    const waits = conditions.map((condition) => ref.waitFor(condition))
    const over = [ref.waitFor({ tag: 'over' }), ref.waitFor({ status: 'done' }), ref.waitFor({ state: 'broken' })]
    await ref.send({ type: 'on' })
    expect((await Promise.all(waits)).map(({ value }) => value)).toEqual(conditions.map(() => ({ lit: 'white' })))
    for (const condition of conditions) expect((await ref.waitFor(condition)).status).toBe('active')
    await ref.send({ type: 'smash' })
    expect((await Promise.all(over)).map(({ status }) => status)).toEqual(['done', 'done', 'done'])
    for (const condition of [{ tag: 'over' }, { status: 'done' }, { state: 'broken' }] as const) {
      expect((await ref.waitFor(condition)).status).toBe('done')
    }
  })

  it('rejects when it cannot hold any more, at its deadline, and when it is aborted', async () => {
    const { runtime, clock } = await openRuntime()
    const ref = await runtime.spawn(lamp, { key: 'l' })
    const controller = new AbortController()
    const waits = [
      ref.waitFor({ state: 'lit' }, { timeout: '1s' }),
      ref.waitFor({ state: 'lit' }, { timeout: '1h', signal: controller.signal }),
      ref.waitFor({ state: 'lit' }, { timeout: '1h', signal: AbortSignal.abort() }),
      ref.waitFor({ state: 'lit' }, { timeout: '1h' }),
    ].map((wait) => wait.catch((error: unknown) => error))
    await clock.advance('1s')
    controller.abort()
    await ref.stop()
    expect(await Promise.all(waits)).toMatchObject(
      ['TIMEOUT', 'CANCELLED', 'CANCELLED', 'REJECTED'].map((code) => ({ code })),
    )
    await clock.advance('2h')
    expect(clock.pending).toBe(0)
  })
})

describe('result', () => {
  it('is the output of a done actor, during its life and for a while after, then gone', async () => {
    const { runtime, clock } = await openRuntime()
    const ref = await runtime.spawn(counter, { key: 'a', input: { start: 4 } })
    const early = ref.result()
    await ref.send({ type: 'counter.end' })
    expect(await early).toBe(4)
    expect(await ref.result()).toBe(4)
    await clock.advance('59s')
    expect(await ref.result()).toBe(4)
    await clock.advance('1s')
    await expect(ref.result()).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  it('is CANCELLED for a stopped actor, CRASHED for one that failed, TIMEOUT at its deadline', async () => {
    const { runtime, clock } = await openRuntime()
    const crashing = defineActor({
      type: 'crashing',
      contract: defineContract({ messages: { go: {} } }),
      logic: setup({
        actors: {
          bad: fromPromise(async () => {
            throw new Error('the disk is on fire')
          }),
        },
      }).createMachine({
        initial: 'idle',
        states: { idle: { on: { go: 'on' } }, on: { invoke: { src: 'bad' } } },
      }),
    })
    const stopped = await runtime.spawn(counter, { key: 's' })
    const crashed = await runtime.spawn(crashing, { key: 'c' })
    const late = await runtime.spawn(counter, { key: 't' })
    const results = [stopped.result(), crashed.result(), late.result({ timeout: '1s' })].map((result) =>
      (result as Promise<unknown>).catch((error: unknown) => error),
    )
    await stopped.stop()
    await crashed.send({ type: 'go' })
    await clock.advance('1s')
    expect(await Promise.all(results)).toMatchObject([
      { code: 'CANCELLED' },
      { code: 'CRASHED', message: expect.stringContaining('the disk is on fire') },
      { code: 'TIMEOUT' },
    ])
    expect((await crashed.state()).error?.message).toBe('the disk is on fire')
  })

  it('keeps no result that nobody may fetch, and finds a life anew under an old key', async () => {
    const { runtime } = await openRuntime()
    const fleeting = defineActor({
      type: 'fleeting',
      keepResult: 0,
      contract: defineContract({ messages: { go: {} }, output: z.string() }),
      logic: setup({ types: {} as { output: string } }).createMachine({
        initial: 'on',
        states: { on: { on: { go: 'off' } }, off: { type: 'final' } },
        output: 'gone',
      }),
    })
    const ref = await runtime.spawn(fleeting, { key: 'f' })
    const result = ref.result()
    await ref.send({ type: 'go' })
    expect(await result).toBe('gone')
    await expect(ref.result()).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await runtime.spawn(fleeting, { key: 'f' })
    expect((await ref.state()).value).toBe('on')
  })
})
