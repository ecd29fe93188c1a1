import { describe, expect, it } from 'vitest'
import { createRetrier, type RetryOptions } from '../../actors/retrier-client.ts'
import { retrier } from '../../actors/retrier.ts'
import { parseAddress, type Runtime, TroupeError } from '../../runtime/index.ts'
import { openRuntime } from '../support/runtime/open-runtime.ts'
import { thrownBy } from './thrown-by.ts'

const PLAIN: RetryOptions = { jitter: 'none' }
const down = (message = 'down', status = 503) => Object.assign(new Error(message), { status })

/** Work that fails so often before it goes well. */
function fallible(failures: number, error: () => unknown = down) {
  const attempts: number[] = []
  const work = async (attempt: number) => {
    attempts.push(attempt)
    if (attempts.length <= failures) throw error()
    return 'yes'
  }
  return { attempts, work }
}

const retriers = (runtime: Runtime) => runtime.actors().filter((address) => parseAddress(address).type === 'retrier')
const refOf = (runtime: Runtime) => runtime.ref(retrier, parseAddress(retriers(runtime)[0] ?? '').key)

describe('a retrier', () => {
  it('is no actor for a call that goes well', async () => {
    const { runtime } = await openRuntime()
    const { work, attempts } = fallible(0)
    expect(await createRetrier(runtime).run(work)).toBe('yes')
    expect(attempts).toEqual([1])
    expect(runtime.actors()).toEqual([])
  })

  it('is an actor that waits, from the first failure to the end of the call', async () => {
    const { runtime, clock } = await openRuntime()
    const { work, attempts } = fallible(2)
    const run = createRetrier(runtime, { ...PLAIN, key: 'page' }).run(work)
    await clock.advance(0)
    expect(retriers(runtime)).toEqual([expect.stringMatching(/^local\/retrier\/page\./)])
    expect((await refOf(runtime).state()).value).toBe('waiting')
    await clock.advance(999)
    expect(attempts).toEqual([1])
    await clock.advance(1)
    expect(await refOf(runtime).ask({ type: 'retrier.status' })).toMatchObject({ state: 'waiting', waited: 3_000 })
    await clock.advance('2s')
    expect(await run).toBe('yes')
    await runtime.idle()
    expect(attempts).toEqual([1, 2, 3])
    expect(retriers(runtime)).toEqual([])
  })

  it('says in the end what came of each attempt, and how long it waited', async () => {
    const { runtime, clock } = await openRuntime()
    const errors = [down('first'), new TroupeError('TIMEOUT', 'second'), down('third', 500)]
    const run = thrownBy(() => createRetrier(runtime, PLAIN).run(fallible(9, () => errors.shift()).work))
    await clock.advance('10s')
    expect(await run).toMatchObject({
      code: 'UNAVAILABLE',
      message: '3 attempts failed (server_error, waited 1000 ms; timeout, waited 2000 ms; server_error): third',
      retryable: false,
      cause: { message: 'third' },
      data: {
        category: 'server_error',
        status: 500,
        attempts: [
          { attempt: 1, category: 'server_error', message: 'first', status: 503, delay: 1_000 },
          { attempt: 2, category: 'timeout', message: 'second', status: null, delay: 2_000 },
          { attempt: 3, category: 'server_error', message: 'third', status: 500, delay: null },
        ],
      },
    })
  })

  it('throws what it does not retry as it is, and starts nothing for it', async () => {
    const { runtime } = await openRuntime()
    for (const error of [down('no', 400), new Error('mine'), new TroupeError('UNAVAILABLE', 'x', { lasting: true })]) {
      const { work, attempts } = fallible(1, () => error)
      expect(await thrownBy(() => createRetrier(runtime).run(work))).toBe(error)
      expect(attempts).toEqual([1])
    }
    expect(runtime.actors()).toEqual([])
  })

  it('stops at a failure that does not pass, after one that did', async () => {
    const { runtime, clock } = await openRuntime()
    const errors = [down(), down('gone', 404)]
    const run = thrownBy(() => createRetrier(runtime, PLAIN).run(fallible(9, () => errors.shift()).work))
    await clock.advance('10s')
    expect(await run).toMatchObject({ code: 'NOT_FOUND', data: { attempts: [{ attempt: 1 }, { attempt: 2 }] } })
    await runtime.idle()
    expect(retriers(runtime)).toEqual([])
  })

  it('waits as long as the other side asked', async () => {
    const { runtime, clock } = await openRuntime()
    const { work, attempts } = fallible(1, () => ({ status: 429, headers: { 'retry-after': '20' } }))
    const run = createRetrier(runtime, PLAIN).run(work)
    await clock.advance(19_999)
    expect(attempts).toEqual([1])
    await clock.advance(1)
    expect(await run).toBe('yes')
  })

  it('stops waiting at once when its caller turns away', async () => {
    const { runtime, clock } = await openRuntime()
    const caller = new AbortController()
    const { work, attempts } = fallible(9)
    const run = thrownBy(() => createRetrier(runtime, PLAIN).run(work, { signal: caller.signal }))
    await clock.advance(10)
    caller.abort(new Error('enough'))
    expect(await run).toMatchObject({ code: 'CANCELLED', cause: { message: 'enough' } })
    await clock.advance('1m')
    expect(attempts).toEqual([1])
    expect(retriers(runtime)).toEqual([])
    expect(runtime.deadLetters.list()).toEqual([])
  })

  it('does not retry for a caller whose own time is up', async () => {
    const { runtime, clock } = await openRuntime()
    const caller = new AbortController()
    const timeout = new DOMException('late', 'TimeoutError')
    const run = thrownBy(() =>
      createRetrier(runtime, PLAIN).run(
        async () => {
          caller.abort(timeout)
          throw timeout
        },
        { signal: caller.signal },
      ),
    )
    await clock.advance('1m')
    expect(await run).toBe(timeout)
  })

  it('can be cancelled by an operator, while it waits and while it works', async () => {
    const { runtime, clock } = await openRuntime()
    const waiting = thrownBy(() => createRetrier(runtime, PLAIN).run(fallible(9).work))
    await clock.advance(10)
    await refOf(runtime).ask({ type: 'retrier.cancel' })
    expect(await waiting).toMatchObject({ code: 'CANCELLED', data: { attempts: [{ attempt: 1 }] } })
    let end: (error: Error) => void = () => {}
    const working = thrownBy(() =>
      createRetrier(runtime, PLAIN).run((attempt) => {
        if (attempt === 1) throw down()
        return new Promise((_, reject) => {
          end = reject
        })
      }),
    )
    await clock.advance(1_000)
    const view = await refOf(runtime).ask({ type: 'retrier.cancel' })
    expect(view.state).toBe('stopping')
    end(down())
    expect(await working).toMatchObject({
      code: 'CANCELLED',
      message: 'cancelled after 2 attempts (server_error, waited 1000 ms; server_error): down',
      data: { category: 'cancelled', attempts: [{ attempt: 1 }, { attempt: 2, delay: null }] },
    })
  })

  it('gives up with the failure there was when its actor is stopped', async () => {
    const { runtime, clock } = await openRuntime()
    const error = down()
    const run = thrownBy(() => createRetrier(runtime, PLAIN).run(fallible(9, () => error).work))
    await clock.advance(10)
    await refOf(runtime).stop()
    expect(await run).toMatchObject({ code: 'UNAVAILABLE', retryable: false, cause: error })
  })

  it('goes by the classification it is given', async () => {
    const { runtime, clock } = await openRuntime()
    const { work, attempts } = fallible(1, () => new Error('odd'))
    const classify = () => ({
      category: 'network' as const,
      message: 'odd',
      status: null,
      code: null,
      retryAfter: null,
      requestId: null,
    })
    const run = createRetrier(runtime, PLAIN).run(work, { classify })
    await clock.advance('1s')
    expect(await run).toBe('yes')
    expect(attempts).toEqual([1, 2])
  })

  it('throws what was thrown, also where a classification throws or names no kind there is', async () => {
    const { runtime } = await openRuntime()
    const error = new Error('odd')
    const broken = () => {
      throw new Error('cannot')
    }
    for (const classify of [broken, () => ({ category: 'odd' }) as never, () => undefined as never]) {
      const run = createRetrier(runtime, PLAIN).run(() => Promise.reject(error), { classify })
      expect(await thrownBy(() => run)).toBe(error)
    }
  })

  it('refuses options that cannot be, and names them', async () => {
    const { runtime } = await openRuntime()
    for (const [options, where] of [
      [{ attempts: 0 }, 'retry.attempts'],
      [{ first: '1 second' }, 'retry.first'],
      [{ jitter: 'some' }, 'retry.jitter'],
      [{ retries: 3 }, 'retry.retries'],
    ] as const) {
      const refused = await thrownBy(() => createRetrier(runtime, options as never))
      expect(refused).toMatchObject({ code: 'INVALID_MESSAGE', where })
    }
  })
})
