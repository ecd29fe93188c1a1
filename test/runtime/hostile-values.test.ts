import { describe, expect, it, vi } from 'vitest'
import { createMachine, emit, fromPromise } from 'xstate'
import { z } from 'zod'
import { announce, createRuntime, defineActor, defineContract, reply } from '../../runtime/index.ts'
import { errorValue } from '../../runtime/protocol/errors.ts'
import { memory } from '../../transports/memory/index.ts'

/** An error whose message cannot be read. */
function unreadable(): Error {
  const error = new Error('x')
  Object.defineProperty(error, 'message', {
    get() {
      throw error
    },
  })
  return error
}

const contract = defineContract({
  messages: {
    'odd.ring': {},
    'odd.shout': { reply: z.number().transform((count) => `${count}!`) },
    'odd.ping': { reply: z.string() },
    'odd.nest': { fields: z.object({ deep: z.unknown() }), reply: z.string() },
    'odd.tell': {},
  },
  emits: { 'odd.rang': z.object({}), 'odd.told': z.object({ count: z.number() }) },
})

const odd = defineActor({
  type: 'odd',
  contract,
  logic: createMachine({
    on: {
      'odd.ring': { actions: emit({ type: 'odd.rang' }) },
      'odd.shout': { actions: reply(() => 3) },
      'odd.ping': {
        actions: [
          () => {
            throw unreadable()
          },
          reply(() => 'pong'),
        ],
      },
      'odd.nest': { actions: reply(() => 'kept') },
      'odd.tell': {
        actions: announce(() => [
          { type: 'odd.told', count: 'none' },
          { type: 'odd.told', count: 2 },
        ]),
      },
    },
  }),
})

describe('hostile values', () => {
  it('an error that cannot be read is an error all the same', () => {
    expect(errorValue(unreadable(), 'CRASHED')).toMatchObject({
      code: 'CRASHED',
      message: 'an error that cannot be read',
    })
    const trap = new Proxy(
      {},
      {
        has: () => {
          throw new Error('no')
        },
        get: () => {
          throw new Error('no')
        },
      },
    )
    expect(errorValue(trap).message).toBe('an error that cannot be read')
    expect(errorValue(Object.assign(new Error(), { message: 5 })).message).toBe('5')
  })

  it('an actor that dies of one is gone, and its result says so', async () => {
    const dying = defineActor({
      type: 'dying',
      contract: defineContract({ messages: {} }),
      logic: fromPromise(() => Promise.reject(unreadable())),
    })
    const runtime = await createRuntime({ actors: [dying] })
    const ref = await runtime.spawn(dying, { key: 'd' })
    await expect(ref.result()).rejects.toMatchObject({ code: 'CRASHED' })
    expect(runtime.actors()).toEqual([])
    await runtime.stop()
  })

  it('an action that throws one holds nothing back', async () => {
    const runtime = await createRuntime({ actors: [odd] })
    const ref = await runtime.spawn(odd)
    expect(await ref.ask({ type: 'odd.ping' })).toBe('pong')
    expect(await ref.ask({ type: 'odd.ping' })).toBe('pong')
    await runtime.stop()
  })

  it('a listener that subscribes anew when told hears each event once', async () => {
    const runtime = await createRuntime({ actors: [odd] })
    const ref = await runtime.spawn(odd)
    let heard = 0
    const hear = (): void => {
      heard++
      off()
      off = ref.on('odd.rang', hear)
    }
    let off = ref.on('odd.rang', hear)
    await ref.send({ type: 'odd.ring' })
    await ref.send({ type: 'odd.ring' })
    await runtime.idle()
    expect(heard).toBe(2)
    await runtime.stop()
  })

  it('a listener or observer that rejects harms nobody', async () => {
    const rejected = vi.fn()
    process.on('unhandledRejection', rejected)
    const runtime = await createRuntime({ actors: [odd], inspect: () => Promise.reject(new Error('viewer')) as never })
    const ref = await runtime.spawn(odd)
    ref.on('odd.rang', () => Promise.reject(new Error('listener')) as never)
    await ref.send({ type: 'odd.ring' })
    await new Promise((resolve) => setTimeout(resolve, 5))
    expect(runtime.deadLetters.list().map(({ error }) => error.message)).toEqual(['listener'])
    expect(rejected).not.toHaveBeenCalled()
    process.off('unhandledRejection', rejected)
    await runtime.stop()
  })

  it('a reply is transformed once, near or far', async () => {
    const wire = memory()
    const host = await createRuntime({ actors: [odd], transport: wire })
    const far = await createRuntime({ transport: wire })
    const near = await host.spawn(odd, { key: 'o' })
    expect(await near.ask({ type: 'odd.shout' })).toBe('3!')
    expect(await far.ref(odd, 'o').ask({ type: 'odd.shout' })).toBe('3!')
    await far.stop()
    await host.stop()
  })

  it('a message may be nested as deep as memory goes', async () => {
    const runtime = await createRuntime({ actors: [odd], freezeMessages: true })
    const ref = await runtime.spawn(odd)
    let deep: unknown = null
    for (let level = 0; level < 100_000; level++) deep = { deep }
    expect(await ref.ask({ type: 'odd.nest', deep })).toBe('kept')
    await runtime.stop()
  })

  it('one announced event that breaks the contract does not silence the others', async () => {
    const runtime = await createRuntime({ actors: [odd] })
    const ref = await runtime.spawn(odd)
    const told: number[] = []
    ref.on('odd.told', ({ count }) => told.push(count))
    await ref.send({ type: 'odd.tell' })
    await runtime.idle()
    expect(told).toEqual([2])
    expect(runtime.deadLetters.list()).toHaveLength(1)
    await runtime.stop()
  })

  it('what is no principal, and no length of time, is refused as such', async () => {
    const runtime = await createRuntime({ actors: [odd] })
    expect(() => runtime.as({ id: 'x', grants: null as never })).toThrow(/a principal has an id/)
    const ref = await runtime.spawn(odd)
    await expect(ref.result({ timeout: -1 })).rejects.toMatchObject({ code: 'INVALID_MESSAGE' })
    await expect(runtime.stop({ drain: 'soon' as never })).rejects.toMatchObject({ code: 'INVALID_MESSAGE' })
    await runtime.stop()
  })
})
