import { afterEach, describe, expect, it, vi } from 'vitest'
import { createBreaker } from '../../actors/breaker-client.ts'
import { createGuard, type GuardOptions } from '../../actors/guard.ts'
import type { TroupeError } from '../../runtime/index.ts'
import { openRuntime } from '../support/runtime/open-runtime.ts'
import { thrownBy } from './thrown-by.ts'

const down = () => Object.assign(new Error('down'), { status: 503 })
const never = () => new Promise<never>(() => {})
const grant = { release: () => {} }

afterEach(() => vi.unstubAllGlobals())

describe('a guard', () => {
  it('hands out what the work gives, and throws what it throws', async () => {
    const { runtime } = await openRuntime()
    const breaker = await createBreaker(runtime, { key: 'b' })
    const all: GuardOptions = { breaker, retry: {}, timeout: '1s', bulkhead: { concurrency: 1 } }
    for (const options of [{}, { timeout: '1s' }, { breaker }, { retry: {} }, all] as const) {
      const guard = createGuard(runtime, options)
      expect(await guard.run(async ({ attempt }) => attempt)).toBe(1)
      expect(await guard.run(() => 'at once')).toBe('at once')
      const mine = new Error('mine')
      expect(await thrownBy(() => guard.run(() => Promise.reject(mine)))).toBe(mine)
      expect(
        await thrownBy(() =>
          guard.run(() => {
            throw mine
          }),
        ),
      ).toBe(mine)
    }
  })

  it('gives up an attempt that takes too long, tells the work, and tries again', async () => {
    const { runtime, clock } = await openRuntime()
    const guard = createGuard(runtime, { timeout: '2s', retry: { attempts: 2, jitter: 'none' } })
    const signals: AbortSignal[] = []
    const run = thrownBy(() =>
      guard.run(({ signal }) => {
        signals.push(signal)
        return never()
      }),
    )
    await clock.advance('2s')
    expect(signals.map(({ aborted }) => aborted)).toEqual([true])
    await clock.advance('1s')
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false])
    await clock.advance('2s')
    expect(await run).toMatchObject({ code: 'TIMEOUT', data: { category: 'timeout', attempts: [{}, {}] } })
    expect(signals[1]?.reason).toMatchObject({ code: 'TIMEOUT' })
  })

  it('makes no abort signal for work that does not look at it', async () => {
    const { runtime } = await openRuntime()
    const guard = createGuard(runtime, { timeout: '2s', retry: {}, bulkhead: { concurrency: 1 } })
    const Real = AbortController
    let made = 0
    vi.stubGlobal('AbortController', function counted() {
      made++
      return new Real()
    })
    await guard.run(async ({ attempt }) => attempt)
    expect(made).toBe(0)
    await guard.run(async ({ signal }) => signal.aborted)
    expect(made).toBe(1)
  })

  it('is refused for parts that are none, and for work that is no function', async () => {
    const { runtime } = await openRuntime()
    const breaker = createBreaker(runtime, { key: 'p' })
    const make = (options: unknown) => () => createGuard(runtime, options as GuardOptions)
    expect(make({ breaker })).toThrow('guard.breaker is no breaker')
    expect(make({ breaker: { key: 'p' } })).toThrow('guard.breaker is no breaker')
    expect(make({ limiter: Promise.resolve() })).toThrow('guard.limiter is no limiter')
    expect(make({ classify: 'all' })).toThrow("guard.classify is 'all'")
    expect(make(undefined)).toThrow('createGuard.options is missing')
    expect(() => createGuard({ timeout: 5 } as never, {})).toThrow('createGuard was given no host of actors')
    const guard = createGuard(runtime, {})
    expect(await thrownBy(() => guard.run(5 as never))).toMatchObject({ code: 'INVALID_MESSAGE', where: 'run.work' })
    expect(await thrownBy(() => guard.run(never, { sginal: 1 } as never))).toMatchObject({ where: 'run.sginal' })
    await breaker
  })

  it('leaves no timer behind', async () => {
    const { runtime, clock } = await openRuntime()
    const guard = createGuard(runtime, { timeout: '2s' })
    await guard.run(async () => 1)
    await thrownBy(() => guard.run(() => Promise.reject(new Error('x'))))
    await clock.advance(0)
    expect(clock.pending).toBe(0)
  })

  it('tells work that looks late that nobody waits for it', async () => {
    const { runtime, clock } = await openRuntime()
    const guard = createGuard(runtime, { timeout: '2s' })
    let scope: { readonly signal: AbortSignal } | undefined
    const run = thrownBy(() =>
      guard.run((given) => {
        scope = given
        return never()
      }),
    )
    await clock.advance('2s')
    await run
    expect(scope?.signal.aborted).toBe(true)
    expect(scope?.signal).toBe(scope?.signal)
  })

  it('ends at once for a caller that turns away, wherever the call stands', async () => {
    const { runtime, clock } = await openRuntime()
    const guard = createGuard(runtime, { timeout: '9s', retry: {}, bulkhead: { concurrency: 1, queue: 1 } })
    const [working, waiting, early] = [new AbortController(), new AbortController(), new AbortController()]
    let seen: AbortSignal | undefined
    const inside = thrownBy(() =>
      guard.run(
        ({ signal }) => {
          seen = signal
          return never()
        },
        { signal: working.signal },
      ),
    )
    const outside = thrownBy(() => guard.run(never, { signal: waiting.signal }))
    early.abort()
    expect(await thrownBy(() => guard.run(never, { signal: early.signal }))).toMatchObject({ code: 'CANCELLED' })
    waiting.abort()
    expect(await outside).toMatchObject({ code: 'CANCELLED' })
    working.abort(new Error('enough'))
    expect(await inside).toMatchObject({ code: 'CANCELLED', cause: { message: 'enough' } })
    expect(seen?.aborted).toBe(true)
    await clock.advance('1m')
    expect(await guard.run(async () => 'free again')).toBe('free again')
  })

  it('knocks at the breaker for each attempt, and does not retry a call that it refuses', async () => {
    const { runtime, clock } = await openRuntime()
    const breaker = await createBreaker(runtime, { key: 'b', failures: 2 })
    const guard = createGuard(runtime, { breaker, retry: { attempts: 5, jitter: 'none' } })
    let calls = 0
    const work = () => {
      calls++
      return Promise.reject(down())
    }
    const run = thrownBy(() => guard.run(work))
    await clock.advance('1m')
    expect(await run).toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringMatching(
        /^2 attempts failed .*, and the next was refused: the breaker 'b' is open$/,
      ) as string,
      data: { category: 'breaker_open', attempts: [{ category: 'server_error' }, { category: 'server_error' }] },
    })
    expect(calls).toBe(2)
  })

  it('says of a call that the breaker cut short what the breaker says of one that it refused at once', async () => {
    const { runtime, clock } = await openRuntime()
    const breaker = await createBreaker(runtime, { key: 'b', failures: 1, openFor: '1m' })
    const guard = createGuard(runtime, { breaker, retry: { attempts: 5, first: '1s', jitter: 'none' } })
    const run = thrownBy(() => guard.run(() => Promise.reject(down())))
    await clock.advance('1s')
    const cutShort = await run
    const refused = await thrownBy(() => guard.run(never))
    const { code, retryable, hint, data } = refused as TroupeError
    expect(retryable).toBe(true)
    expect(cutShort).toMatchObject({ code, retryable, hint, data: data as object })
    expect(cutShort).toMatchObject({ data: { attempts: [{ category: 'server_error', attempt: 1 }] } })
  })

  it('counts attempts that take too long at the breaker, and not those that were cancelled', async () => {
    const { runtime, clock } = await openRuntime()
    const breaker = await createBreaker(runtime, { key: 'b', failures: 1 })
    const guard = createGuard(runtime, { breaker, timeout: '1s' })
    const caller = new AbortController()
    const cancelled = thrownBy(() => guard.run(never, { signal: caller.signal }))
    caller.abort()
    await cancelled
    expect(breaker.state).toBe('closed')
    const late = thrownBy(() => guard.run(never))
    await clock.advance('1s')
    await late
    expect(breaker.state).toBe('open')
  })

  it('keeps to its bulkhead: so many at once, so many in line, the rest refused', async () => {
    const { runtime } = await openRuntime()
    const guard = createGuard(runtime, { bulkhead: { concurrency: 2, queue: 1 } })
    const begun: string[] = []
    const ends: (() => void)[] = []
    const call = (name: string) =>
      guard.run(() => {
        begun.push(name)
        return new Promise<string>((resolve) => ends.push(() => resolve(name)))
      })
    const calls = [call('a'), call('b'), call('c')]
    expect(await thrownBy(() => call('d'))).toMatchObject({ code: 'OVERLOADED', data: { active: 2, waiting: 1 } })
    expect(begun).toEqual(['a', 'b'])
    ends[0]?.()
    await calls[0]
    await Promise.resolve()
    expect(begun).toEqual(['a', 'b', 'c'])
    for (const end of ends) end()
    expect(await Promise.all(calls)).toEqual(['a', 'b', 'c'])
  })

  it('asks the limiter after the breaker, gives back what it took, and holds no permit while it waits', async () => {
    const { runtime, clock } = await openRuntime()
    const breaker = await createBreaker(runtime, { key: 'b', failures: 1, openFor: '1s', successes: 1 })
    let asked = 0
    let released = 0
    let letThrough = () => {}
    const limiter = {
      acquire: () => {
        asked++
        return new Promise<typeof grant>((resolve) => {
          letThrough = () => resolve({ release: () => released++ })
        })
      },
    }
    const guard = createGuard(runtime, { breaker, limiter })
    await thrownBy(() => breaker.run(() => Promise.reject(down())))
    expect(await thrownBy(() => guard.run(async () => 1))).toMatchObject({ code: 'UNAVAILABLE' })
    expect(asked).toBe(0)
    await clock.advance('1s')
    const waiting = guard.run(async () => 'done')
    await clock.advance(0)
    expect([asked, (await breaker.ref.ask({ type: 'breaker.status' })).free]).toEqual([1, 1])
    await thrownBy(() => breaker.run(() => Promise.reject(down())))
    letThrough()
    expect(await thrownBy(() => waiting)).toMatchObject({ code: 'UNAVAILABLE' })
    expect(released).toBe(1)
  })

  it('lets work say what kind its failures are, and survives a classification that throws', async () => {
    const { runtime, clock } = await openRuntime()
    const odd = new Error('odd')
    const failure = { category: 'network' as const, message: 'odd', status: null }
    const classify = () => ({ ...failure, code: null, retryAfter: null, requestId: null })
    const run = createGuard(runtime, { retry: { jitter: 'none' }, classify }).run(({ attempt }) => {
      if (attempt === 1) throw odd
      return attempt
    })
    await clock.advance('1s')
    expect(await run).toBe(2)
    const broken = createGuard(runtime, {
      retry: {},
      classify: () => {
        throw new Error('cannot')
      },
    })
    expect(await thrownBy(() => broken.run(() => Promise.reject(odd)))).toBe(odd)
  })

  it('waits until the date that the other side names, by its own clock', async () => {
    const { runtime, clock } = await openRuntime()
    const due = new Date(clock.now() + 20_000).toUTCString()
    const guard = createGuard(runtime, { retry: { jitter: 'none' } })
    let attempts = 0
    const run = guard.run(async () => {
      if (++attempts === 1)
        throw Object.assign(new Error('slow down'), { status: 429, headers: { 'retry-after': due } })
      return attempts
    })
    await clock.advance(19_999)
    expect(attempts).toBe(1)
    await clock.advance(1)
    expect(await run).toBe(2)
  })

  it('refuses options that cannot be, and names them', async () => {
    const { runtime } = await openRuntime()
    for (const [options, where] of [
      [{ timeout: 0 }, 'guard.timeout'],
      [{ retries: 3 }, 'guard.retries'],
      [{ bulkhead: {} }, 'bulkhead.concurrency'],
      [{ bulkhead: { concurrency: 1, queue: -1 } }, 'bulkhead.queue'],
      [{ retry: { attempts: 0.5 } }, 'retry.attempts'],
    ] as const) {
      const refused = await thrownBy(() => createGuard(runtime, options as never))
      expect(refused).toMatchObject({ code: 'INVALID_MESSAGE', where })
    }
  })
})
