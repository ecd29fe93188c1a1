import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type BreakerOptions, BREAKER_PRESETS } from '../../actors/breaker-options.ts'
import { type BreakerPass, createBreaker } from '../../actors/breaker-client.ts'
import { defineActor, defineContract, fromTask, type InspectionRecord } from '../../runtime/index.ts'
import { openRuntime } from '../support/runtime/open-runtime.ts'
import { thrownBy } from './thrown-by.ts'

const KEY = 'openai'
const fails = (error: unknown) => async () => {
  throw error
}
const down = fails(Object.assign(new Error('down'), { status: 503 }))
const limited = fails(Object.assign(new Error('slow down'), { status: 429 }))
const works = async () => 'yes'

async function open(options: Partial<BreakerOptions> = {}) {
  const records: InspectionRecord[] = []
  const world = await openRuntime({ inspect: (record) => records.push(record) })
  const breaker = await createBreaker(world.runtime, { key: KEY, failures: 2, ...options })
  const messages = () => records.filter(({ kind }) => kind === 'transition').length
  const trip = async () => {
    for (let time = 0; time < 2; time++) await breaker.run(down).catch(() => {})
  }
  return { ...world, breaker, messages, trip }
}

describe('a breaker', () => {
  it('costs no message for calls that go well', async () => {
    const { breaker, messages } = await open()
    const before = messages()
    expect(before).toBeGreaterThan(0)
    for (let call = 0; call < 10; call++) expect(await breaker.run(works)).toBe('yes')
    expect(messages()).toBe(before)
  })

  it('opens after so many failures, and then lets nobody through until it is time', async () => {
    const { breaker, clock, trip, runtime } = await open()
    await trip()
    expect(breaker.state).toBe('open')
    const until = clock.now() + 60_000
    let calls = 0
    const refused = await thrownBy(() => breaker.run(async () => calls++))
    expect(refused).toMatchObject({ code: 'UNAVAILABLE', data: { breaker: KEY, until } })
    expect(calls).toBe(0)
    await clock.advance('60s')
    expect(breaker.state).toBe('half-open')
    await breaker.run(works)
    await breaker.run(works)
    expect(breaker.state).toBe('closed')
    expect(await (await createBreaker(runtime, { key: KEY })).ref.ask({ type: 'breaker.status' })).toMatchObject({
      failures: 0,
      until: null,
      settings: { failures: 2 },
    })
  })

  it('counts only failures that lie close together', async () => {
    const { breaker, clock } = await open({ window: '10s' })
    await thrownBy(() => breaker.run(down))
    await clock.advance('10s')
    await thrownBy(() => breaker.run(down))
    expect(breaker.state).toBe('closed')
    await clock.advance('9s')
    await thrownBy(() => breaker.run(down))
    expect(breaker.state).toBe('open')
  })

  it('is not tripped by what says nothing of the health of the other side', async () => {
    const { breaker } = await open()
    const refusals = [
      limited,
      ...[400, 401, 403, 404, 422].map((status) => fails({ status })),
      fails(new Error('mine')),
    ]
    for (const refusal of refusals) await thrownBy(() => breaker.run(refusal))
    expect((await breaker.ref.ask({ type: 'breaker.status' })).failures).toBe(0)
  })

  it('lets exactly its permits through when it tries again', async () => {
    const { breaker, clock, trip } = await open({ permits: 2 })
    await trip()
    await clock.advance('60s')
    const passes = (await Promise.all([breaker.admit(), breaker.admit()])) as BreakerPass[]
    expect(await thrownBy(() => breaker.admit())).toMatchObject({
      code: 'UNAVAILABLE',
      data: { breaker: KEY, until: null },
    })
    passes[0]?.abandon()
    const third = await breaker.admit()
    await third.succeeded()
    await third.succeeded()
    expect(breaker.state).toBe('half-open')
    await passes[1]?.succeeded()
    expect(breaker.state).toBe('closed')
  })

  it('asks no more often than it has permits, however many call while it is half-open', async () => {
    const { breaker, clock, trip, messages } = await open({ permits: 2 })
    await trip()
    await clock.advance('60s')
    const before = messages()
    const crowd = await Promise.allSettled(Array.from({ length: 5_000 }, async () => breaker.admit()))
    expect(crowd.filter(({ status }) => status === 'fulfilled').length).toBe(2)
    expect(messages() - before).toBe(2)
  })

  it('opens again at the first failure of a trial', async () => {
    const { breaker, clock, trip } = await open()
    await trip()
    await clock.advance('60s')
    await breaker.run(works)
    await thrownBy(() => breaker.run(down))
    expect(breaker.state).toBe('open')
  })

  it('does not count failures of calls that began before it opened, whenever they come', async () => {
    const { breaker, clock, trip } = await open()
    const early = [breaker.admit(), breaker.admit(), breaker.admit()] as BreakerPass[]
    await trip()
    await early[0]?.failed('timeout')
    await clock.advance('60s')
    await early[1]?.failed('timeout')
    expect(breaker.state).toBe('half-open')
    await breaker.run(works)
    await breaker.run(works)
    await early[2]?.failed('timeout')
    expect(await breaker.ref.ask({ type: 'breaker.status' })).toMatchObject({ state: 'closed', failures: 0 })
  })

  it('takes a permit back from a caller that says nothing, and does not believe what it says later', async () => {
    const { breaker, clock, trip } = await open({ permitFor: '5s', successes: 1 })
    await trip()
    await clock.advance('60s')
    const silent = await breaker.admit()
    await clock.advance('5s')
    const next = await breaker.admit()
    await silent.failed('timeout')
    expect(breaker.state).toBe('half-open')
    await next.succeeded()
    expect(breaker.state).toBe('closed')
  })

  it('gives a permit that came back to a client that came when none was free', async () => {
    const { breaker, clock, trip, runtime } = await open({ permitFor: '5s' })
    await trip()
    await clock.advance('60s')
    await breaker.admit()
    const late = await createBreaker(runtime, { key: KEY })
    expect(await thrownBy(() => late.admit())).toMatchObject({ code: 'UNAVAILABLE' })
    await clock.advance('5s')
    expect(await late.run(works)).toBe('yes')
  })

  it('takes a permit back from an actor that ends', async () => {
    const { breaker, clock, trip, runtime } = await open()
    let holds = () => {}
    const holding = new Promise<void>((resolve) => {
      holds = resolve
    })
    const worker = defineActor({
      type: 'worker',
      contract: defineContract({ messages: {}, input: z.undefined() }),
      logic: fromTask(async (scope) => {
        const mine = await createBreaker(scope, { key: KEY })
        await mine.admit()
        holds()
        await new Promise(() => {})
      }),
    })
    await trip()
    await clock.advance('60s')
    const ref = await runtime.spawn(worker, { key: 'w' })
    await holding
    expect(await thrownBy(() => breaker.run(works))).toMatchObject({ code: 'UNAVAILABLE' })
    await ref.stop()
    await runtime.idle()
    expect(await breaker.run(works)).toBe('yes')
  })

  it('tells all who share it when it changes', async () => {
    const { breaker, trip, runtime } = await open()
    const sibling = await createBreaker(runtime, { key: KEY })
    await trip()
    expect(sibling.state).toBe('open')
    await breaker.reset()
    expect(sibling.state).toBe('closed')
    expect(await sibling.run(works)).toBe('yes')
  })

  it('has the settings that were given last, and keeps those that were not given', async () => {
    const { runtime, breaker } = await open({ openFor: '7s' })
    await createBreaker(runtime, { key: KEY, ...BREAKER_PRESETS.anthropic })
    await createBreaker(runtime, { key: KEY })
    const { settings } = await breaker.ref.ask({ type: 'breaker.status' })
    expect(settings).toMatchObject({ failures: 3, openFor: 120_000, successes: 1, window: 60_000 })
  })

  it('is started again when whoever started it is gone', async () => {
    const { breaker, trip } = await open()
    await breaker.ref.stop()
    await trip()
    expect(breaker.state).toBe('open')
  })

  it('that another has replaced is heard again by all who used the one before', async () => {
    const { runtime, breaker, trip } = await open()
    const other = await createBreaker(runtime, { key: KEY })
    for (let time = 0; time < 3; time++) {
      await trip()
      await breaker.reset()
    }
    await runtime.idle()
    // A client that was there before, and one that starts it anew.
    await breaker.ref.stop()
    await createBreaker(runtime, { key: KEY })
    await thrownBy(() => other.run(down))
    await trip()
    await runtime.idle()
    expect([breaker.state, other.state]).toEqual(['open', 'open'])
    await breaker.reset()
    await runtime.idle()
    expect(other.state).toBe('closed')
  })

  it('that is no longer listened to still refuses, and still hears of failures', async () => {
    const { breaker, runtime } = await open()
    const other = await createBreaker(runtime, { key: KEY })
    other.close()
    await thrownBy(() => other.run(down))
    await thrownBy(() => other.run(down))
    expect(breaker.state).toBe('open')
    expect(await thrownBy(() => other.run(works))).toMatchObject({ code: 'UNAVAILABLE' })
  })

  it('refuses options that cannot be, and names them', async () => {
    const { runtime } = await openRuntime()
    for (const [options, where] of [
      [{ failures: 0 }, 'breaker.failures'],
      [{ openFor: 'long' }, 'breaker.openFor'],
      [{ permits: 1.5 }, 'breaker.permits'],
      [{ threshold: 3 }, 'breaker.threshold'],
    ] as const) {
      const refused = await thrownBy(() => createBreaker(runtime, { key: KEY, ...(options as object) }))
      expect(refused).toMatchObject({ code: 'INVALID_MESSAGE', where })
    }
  })
})
