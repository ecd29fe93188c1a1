import { describe, expect, it, vi } from 'vitest'
import { createIdempotency } from '../../actors/idempotency-client.ts'
import { durableIdempotencyKeeper } from '../../actors/idempotency-keeper.ts'
import { defineActor, defineContract, fromTask, type TaskScope } from '../../runtime/index.ts'
import { sqlite } from '../../transports/sqlite/index.ts'
import { openRuntime } from '../support/runtime/open-runtime.ts'
import { code } from '../support/runtime/outcome.ts'
import { scratchFolder } from '../support/transports/scratch-folder.ts'

const scratch = scratchFolder()

/** Work whose end the test decides. */
function workshop() {
  const ends: { resolve: (value: string) => void; reject: (error: Error) => void }[] = []
  const work = () => new Promise<string>((resolve, reject) => ends.push({ resolve, reject }))
  return { ends, work, begun: () => vi.waitFor(() => expect(ends.length).toBeGreaterThan(0)) }
}

describe('an idempotency keeper', () => {
  it('does a thing once, and gives what came of it to who asks again', async () => {
    const { runtime } = await openRuntime()
    const once = await createIdempotency(runtime, { key: 'k' })
    const pay = vi.fn(() => ({ receipt: 7 }))
    expect(await once.run('order-1', { sum: 5, to: 'ann' }, pay)).toEqual({ receipt: 7 })
    expect(await once.run('order-1', { to: 'ann', sum: 5 }, pay)).toEqual({ receipt: 7 })
    expect(pay).toHaveBeenCalledTimes(1)
    expect(await once.status()).toEqual({ kept: 1, running: 0 })
  })

  it('refuses a key that was used with another payload, and names it', async () => {
    const { runtime } = await openRuntime()
    const once = await createIdempotency(runtime, { key: 'k' })
    const other = await createIdempotency(runtime, { key: 'k' })
    const { work, ends, begun } = workshop()
    const first = once.run('order-1', { sum: 5 }, work)
    await begun()
    for (const client of [once, other]) {
      await expect(client.run('order-1', { sum: 6 }, work)).rejects.toMatchObject({
        code: 'CONFLICT',
        message: "'order-1' was used before with another payload",
      })
    }
    ends[0]?.resolve('paid')
    expect(await first).toBe('paid')
    expect(await code(other.run('order-1', { sum: 6 }, work))).toBe('CONFLICT')
  })

  it('lets concurrent callers share one execution, also those of another client', async () => {
    const { runtime } = await openRuntime()
    const clients = [await createIdempotency(runtime, { key: 'k' }), await createIdempotency(runtime, { key: 'k' })]
    const { work, ends, begun } = workshop()
    const calls = [...clients, ...clients].map((client) => client.run('x', 1, work))
    await begun()
    ends[0]?.resolve('once')
    expect(await Promise.all(calls)).toEqual(['once', 'once', 'once', 'once'])
    expect(ends.length).toBe(1)
  })

  it('shares a failure with who waits, and keeps none', async () => {
    const { runtime } = await openRuntime()
    const [one, other] = [
      await createIdempotency(runtime, { key: 'k' }),
      await createIdempotency(runtime, { key: 'k' }),
    ]
    const { work, ends, begun } = workshop()
    const calls = [one, other].map((client) => client.run('x', 1, work).catch((error: Error) => error.message))
    await begun()
    await vi.waitFor(async () => expect(await one.status()).toEqual({ kept: 0, running: 1 }))
    ends[0]?.reject(new Error('no funds'))
    expect(await Promise.all(calls)).toEqual(['no funds', 'no funds'])
    expect(await other.run('x', 1, () => 'now')).toBe('now')
  })

  it('keeps no timer for what is kept: a process that has nothing else to do may end', async () => {
    const { runtime, clock } = await openRuntime()
    const before = clock.pending
    const once = await createIdempotency(runtime, { key: 'k', ttl: '900s' })
    expect(await once.run('a', 1, () => 7)).toBe(7)
    await clock.advance(0)
    expect(clock.pending).toBe(before)
  })

  it('forgets after its time, and the oldest first when there is too much', async () => {
    const { runtime, clock } = await openRuntime()
    const once = await createIdempotency(runtime, { key: 'k', ttl: '900s', capacity: 2 })
    const did = vi.fn((name: string) => name)
    const run = (name: string) => once.run(name, null, () => did(name))
    for (const name of ['a', 'b', 'c', 'b', 'c']) await run(name)
    expect(did).toHaveBeenCalledTimes(3)
    await run('a')
    expect(did).toHaveBeenCalledTimes(4)
    await clock.advance('899s')
    await run('a')
    expect(did).toHaveBeenCalledTimes(4)
    await clock.advance('1s')
    expect(await once.status()).toEqual({ kept: 0, running: 0 })
    await run('a')
    expect(did).toHaveBeenCalledTimes(5)
  })

  it('keeps work alive that takes long, and gives up what is not heard of', async () => {
    const { runtime, clock } = await openRuntime()
    const once = await createIdempotency(runtime, { key: 'k', lease: '30s' })
    const other = await createIdempotency(runtime, { key: 'k', lease: '30s' })
    const { work, ends, begun } = workshop()
    const slow = once.run('slow', 1, work)
    await begun()
    const waits = other.run('slow', 1, work)
    await clock.advance('5m')
    expect(ends.length).toBe(1)
    ends[0]?.resolve('at last')
    expect([await slow, await waits]).toEqual(['at last', 'at last'])
  })

  it('frees the key of an actor that dies: the next who waits does it', async () => {
    const { runtime } = await openRuntime()
    const once = await createIdempotency(runtime, { key: 'k' })
    const began = vi.fn()
    const doer = defineActor({
      type: 'doer',
      contract: defineContract({ messages: {} }),
      logic: fromTask(async (scope: TaskScope<undefined>) => {
        const mine = await createIdempotency(scope, { key: 'k' })
        await mine.run('x', 1, () => new Promise(began))
      }),
    })
    const ref = await runtime.spawn(doer, { key: 'd' })
    await vi.waitFor(() => expect(began).toHaveBeenCalled())
    const next = once.run('x', 1, () => 'mine')
    await vi.waitFor(async () => expect(await once.status()).toEqual({ kept: 0, running: 1 }))
    await ref.stop()
    expect(await next).toBe('mine')
  })

  it('lets a caller go that no longer waits, and the work goes on', async () => {
    const { runtime } = await openRuntime()
    const once = await createIdempotency(runtime, { key: 'k' })
    const { work, ends, begun } = workshop()
    const gone = new AbortController()
    const first = code(once.run('x', 1, work, { signal: gone.signal }))
    await begun()
    gone.abort()
    expect(await first).toBe('CANCELLED')
    const second = once.run('x', 1, work)
    ends[0]?.resolve('done')
    expect(await second).toBe('done')
  })

  it('that is durable remembers after a restart, on a real disk', async () => {
    const path = scratch('once.sqlite')
    const pay = vi.fn(() => ({ receipt: 7, at: new Date(5) }))
    const options = { key: 'payments', durability: 'durable' } as const
    const before = await openRuntime({ journal: sqlite(path), actors: [durableIdempotencyKeeper] })
    const once = await createIdempotency(before.runtime, options)
    await once.run('order-1', { sum: 5 }, pay)
    const { work, begun } = workshop()
    once.run('cut-off', 1, work).catch(() => {})
    await begun()
    await before.runtime.stop({ drain: 0 })
    const { runtime, clock } = await openRuntime({ journal: sqlite(path), actors: [durableIdempotencyKeeper] })
    const again = await createIdempotency(runtime, options)
    expect(await again.run('order-1', { sum: 5 }, pay)).toEqual({ receipt: 7, at: new Date(5) })
    expect(pay).toHaveBeenCalledTimes(1)
    expect(await code(again.run('order-1', { sum: 6 }, pay))).toBe('CONFLICT')
    const taken = again.run('cut-off', 1, () => 'by the next')
    await clock.advance('31s')
    expect(await taken).toBe('by the next')
  })

  it('that is durable refuses what cannot be written down, and does not call it done', async () => {
    const { runtime } = await openRuntime({ journal: sqlite(scratch('plain.sqlite')) })
    const once = await createIdempotency(runtime, { key: 'k', durability: 'durable' })
    await expect(once.run('x', 1, () => () => 1)).rejects.toMatchObject({ code: 'INVALID_MESSAGE' })
    expect(await once.run('x', 1, () => 'plain')).toBe('plain')
  })

  it('refuses options that cannot be, and names them', async () => {
    const { runtime } = await openRuntime()
    const make = (options: object) => createIdempotency(runtime, { key: 'x', ...options })
    await expect(make({ tll: '5s' })).rejects.toThrow("no field 'tll'")
    await expect(make({ capacity: 0 })).rejects.toThrow('idempotency.capacity is 0')
    await expect(make({ durability: 'forever' })).rejects.toThrow('idempotency.durability')
    const fine = await make({})
    await expect(fine.run('', 1, () => 1)).rejects.toThrow('run.key is empty')
  })
})
