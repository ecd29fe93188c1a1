import { describe, expect, it } from 'vitest'
import { createLimiter } from '../../actors/limiter-client.ts'
import { limiter } from '../../actors/limiter.ts'
import { defineActor, defineContract, fromTask, type TaskScope } from '../../runtime/index.ts'
import { openRuntime } from '../support/runtime/open-runtime.ts'

const contract = defineContract({ messages: {} })

/** Calls that note when they were let through. */
function notes() {
  const through: string[] = []
  const note = (name: string) => (): void => {
    through.push(name)
  }
  return { through, note }
}

/** What a promise came to, whichever way. */
function outcomeOf(work: unknown): Promise<unknown> {
  return Promise.resolve(work).catch((error: unknown) => error)
}

describe('a limiter', () => {
  it('lets everybody through at once while nothing limits, and tells nobody', async () => {
    const { runtime } = await openRuntime()
    const free = await createLimiter(runtime, { key: 'free' })
    expect(free.acquire({ tokens: 5 })).not.toBeInstanceOf(Promise)
  })

  it('lets a minute have its requests, and the next as they come back', async () => {
    const { runtime, clock } = await openRuntime()
    const slow = await createLimiter(runtime, { key: 'slow', requestsPerMinute: 2, patience: '5m' })
    const { through, note } = notes()
    const calls = ['a', 'b', 'c', 'd'].map((name) => Promise.resolve(slow.acquire({})).then(note(name)))
    await clock.advance(0)
    expect(through).toEqual(['a', 'b'])
    await clock.advance('30s')
    expect(through).toEqual(['a', 'b', 'c'])
    await clock.advance('30s')
    await Promise.all(calls)
  })

  it('lets nobody pass a caller that waits for many tokens', async () => {
    const { runtime, clock } = await openRuntime()
    const fair = await createLimiter(runtime, { key: 'fair', tokensPerMinute: 600, patience: '5m' })
    const { through, note } = notes()
    for (const [name, tokens] of [
      ['first', 300],
      ['large', 600],
      ['small', 1],
    ] as const)
      void Promise.resolve(fair.acquire({ tokens })).then(note(name))
    await clock.advance('29s')
    expect(through).toEqual(['first'])
    await clock.advance('1s')
    expect(through).toEqual(['first', 'large'])
    await clock.advance('1s')
    expect(through).toEqual(['first', 'large', 'small'])
  })

  it('refuses at once what a minute can never have, and says how much that is', async () => {
    const { runtime } = await openRuntime()
    const small = await createLimiter(runtime, { key: 'small', tokensPerMinute: 1_000 })
    await expect(small.acquire({ tokens: 1_001 })).rejects.toMatchObject({
      code: 'LIMIT_EXCEEDED',
      message: 'the call takes 1001 tokens, and at most 1000 are let through in a minute',
    })
  })

  it('puts right what was taken when it is known what was used', async () => {
    const { runtime } = await openRuntime()
    const tight = await createLimiter(runtime, { key: 'tight', tokensPerMinute: 1_000 })
    const grant = await tight.acquire({ tokens: 900 })
    grant.release(100)
    grant.release(100)
    expect(await tight.view()).toMatchObject({ tokens: 900 })
    const more = await tight.acquire({ tokens: 100 })
    more.release(1_000)
    expect(await tight.view()).toMatchObject({ tokens: -100 })
  })

  it('keeps to the number of those at work, and is fair to those who wait', async () => {
    const { runtime } = await openRuntime()
    const narrow = await createLimiter(runtime, { key: 'narrow', concurrency: 1 })
    const first = await narrow.acquire({})
    const second = narrow.acquire({})
    expect(await narrow.view()).toMatchObject({ active: 1, waiting: 1 })
    first.release()
    ;(await second).release()
    first.release()
    expect(await narrow.view()).toMatchObject({ active: 0, waiting: 0 })
  })

  it('refuses who finds the queue full, and who has waited too long', async () => {
    const { runtime, clock } = await openRuntime()
    const full = await createLimiter(runtime, { key: 'full', concurrency: 1, queue: 1, patience: '10s' })
    await full.acquire({})
    const late = outcomeOf(full.acquire({}))
    await expect(full.acquire({})).rejects.toMatchObject({ code: 'OVERLOADED' })
    expect((await runtime.ref(limiter, 'full').state()).value).toBe('full')
    await clock.advance('10s')
    expect(await late).toMatchObject({ code: 'TIMEOUT', message: 'it was not let through within 10000 ms' })
    expect(await full.view()).toMatchObject({ active: 1, waiting: 0 })
  })

  it('forgets who was cancelled while waiting', async () => {
    const { runtime } = await openRuntime()
    const narrow = await createLimiter(runtime, { key: 'cancel', concurrency: 1 })
    const first = await narrow.acquire({})
    const gone = new AbortController()
    const cancelled = outcomeOf(narrow.acquire({ signal: gone.signal }))
    const third = narrow.acquire({})
    gone.abort()
    expect(await cancelled).toMatchObject({ code: 'CANCELLED' })
    first.release()
    ;(await third).release()
    expect(await narrow.view()).toMatchObject({ active: 0, waiting: 0 })
    expect(() => narrow.acquire({ signal: gone.signal })).toThrow('cancelled before')
  })

  it('frees the places of an actor that dies, and those that nobody gives back', async () => {
    const { runtime, clock } = await openRuntime()
    const narrow = await createLimiter(runtime, { key: 'dead', concurrency: 1, ttl: '2m', patience: '10m' })
    const holder = defineActor({
      type: 'holder',
      contract,
      logic: fromTask(async (scope: TaskScope<undefined>) => {
        const mine = await createLimiter(scope, { key: 'dead', concurrency: 1, ttl: '2m' })
        await mine.acquire({})
        return new Promise(() => {})
      }),
    })
    const ref = await runtime.spawn(holder, { key: 'h' })
    await clock.advance(0)
    const next = narrow.acquire({})
    await ref.stop()
    await next
    const last = narrow.acquire({})
    await clock.advance('2m')
    ;(await last).release()
    expect(await narrow.view()).toMatchObject({ active: 0 })
  })

  it('lets nobody through while the other side asked for a pause, and is open again after it', async () => {
    const { runtime, clock } = await openRuntime()
    const polite = await createLimiter(runtime, { key: 'polite' })
    polite.pause(20_000)
    const { through, note } = notes()
    void Promise.resolve(polite.acquire({})).then(note('a'))
    await clock.advance('19s')
    expect(through).toEqual([])
    expect((await runtime.ref(limiter, 'polite').state()).value).toBe('paused')
    await clock.advance('1s')
    expect(through).toEqual(['a'])
    expect(polite.acquire({})).not.toBeInstanceOf(Promise)
  })

  it('takes up what the other side says that it still takes', async () => {
    const { runtime, clock } = await openRuntime()
    const fed = await createLimiter(runtime, { key: 'fed', requestsPerMinute: 600 })
    fed.feed({ requests: { limit: 60, remaining: 1, resetIn: 59_000 }, tokens: { limit: 1_000, remaining: 400 } })
    expect(await fed.view()).toMatchObject({ requests: 1, tokens: 400 })
    await clock.advance('1s')
    expect((await fed.view()).requests).toBeCloseTo(2)
    const open = await createLimiter(runtime, { key: 'fed-open' })
    open.feed({ requests: { remaining: 0, resetIn: 5_000 } })
    expect(await open.view()).toMatchObject({ pausedFor: 5_000, requests: null, open: false })
  })

  it('is shared by who has the key, and the newest settings hold', async () => {
    const { runtime } = await openRuntime()
    const one = await createLimiter(runtime, { key: 'shared', requestsPerMinute: 10 })
    await one.acquire({})
    const other = await createLimiter(runtime, { key: 'shared', requestsPerMinute: 5 })
    expect(await other.view()).toMatchObject({ requests: 5 })
    await other.acquire({})
    expect((await one.view()).requests).toBe(4)
  })

  it('is started again when who started it has ended and taken it along', async () => {
    const { runtime } = await openRuntime()
    const one = await createLimiter(runtime, { key: 'again', concurrency: 1 })
    await runtime.ref(limiter, 'again').stop()
    ;(await one.acquire({})).release()
    expect(await one.view()).toMatchObject({ active: 0 })
  })

  it('gets a place back whatever its call is said to have used', async () => {
    const { runtime } = await openRuntime()
    const one = await createLimiter(runtime, { key: 'said', concurrency: 1, tokensPerMinute: 100 })
    for (const used of [Number.NaN, Number.POSITIVE_INFINITY, -1, '7' as unknown as number]) {
      const grant = await one.acquire({ tokens: 1 })
      grant.release(used)
      await runtime.idle()
      expect(await one.view()).toMatchObject({ active: 0 })
    }
  })

  it('gets a place back also when more callers come at once than it can hear', async () => {
    const { runtime, clock } = await openRuntime()
    const one = await createLimiter(runtime, { key: 'crowd', concurrency: 2 })
    const grants = [await one.acquire(), await one.acquire()]
    const crowd = Array.from({ length: 10_000 }, () => outcomeOf(one.acquire({ timeout: 10 })))
    for (const grant of grants) grant.release()
    await clock.advance('1s')
    for (const grant of await Promise.all(crowd))
      if (!(grant instanceof Error)) (grant as { release(): void }).release()
    await clock.advance('1s')
    expect(await one.view()).toMatchObject({ active: 0, waiting: 0 })
  })

  it('takes those who wait along when it is stopped under them', async () => {
    const { runtime } = await openRuntime()
    const one = await createLimiter(runtime, { key: 'moved', concurrency: 1 })
    const other = await createLimiter(runtime, { key: 'moved', concurrency: 1 })
    await one.acquire({})
    const waits = [one, other, other].map(async (client) => (await client.acquire({})).release())
    await runtime.idle()
    await runtime.ref(limiter, 'moved').stop()
    await Promise.all(waits)
    expect(await one.view()).toMatchObject({ active: 0, waiting: 0 })
  })

  it('refuses options that cannot be, and names them', async () => {
    const { runtime } = await openRuntime()
    const make = (options: object) => createLimiter(runtime, { key: 'x', ...options })
    await expect(make({ requestsPerMinut: 3 })).rejects.toThrow("no field 'requestsPerMinut'")
    await expect(make({ requestsPerMinute: 0 })).rejects.toThrow('limiter.requestsPerMinute is 0')
    await expect(make({ concurrency: 1.5 })).rejects.toThrow('limiter.concurrency is 1.5')
    await expect(make({ patience: 'soon' })).rejects.toThrow("limiter.patience is 'soon'")
    const fine = await make({ tokensPerMinute: 10 })
    expect(() => fine.acquire({ tokens: -1 })).toThrow('acquire.tokens is -1')
  })
})
