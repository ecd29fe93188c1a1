import { assign, fromCallback, setup } from 'xstate'
import { z } from 'zod'
import { describe, expect, it } from 'vitest'
import { defineActor, defineContract, reply } from '../../runtime/index.ts'
import { counterActor } from '../support/runtime/counter-actor.ts'
import { openRuntime } from '../support/runtime/open-runtime.ts'

describe('a transition that throws', () => {
  it('commits nothing, is tried as often as the policy says, and is a dead letter; the actor lives on', async () => {
    const { runtime } = await openRuntime()
    let tries = 0
    const effects: string[] = []
    const fragile = defineActor({
      type: 'fragile',
      attempts: 4,
      contract: defineContract({ messages: { break: {}, look: { reply: z.number() } } }),
      logic: setup({
        types: {} as { context: { n: number }; events: { type: 'break' } | { type: 'look' } },
      }).createMachine({
        context: { n: 0 },
        on: {
          break: {
            actions: [
              () => effects.push('before'),
              assign({ n: 1 }),
              assign(() => {
                tries++
                throw new Error('broken')
              }),
            ],
          },
          look: { actions: reply(({ context }) => context.n) },
        },
      }),
    })
    const ref = await runtime.spawn(fragile, { key: 'a' })
    await ref.send({ type: 'break' })
    expect(await ref.ask({ type: 'look' })).toBe(0)
    expect(tries).toBe(4)
    expect(effects).toEqual([])
    const [letter] = runtime.deadLetters.list()
    expect(letter).toMatchObject({ to: 'local/fragile/a', event: { type: 'break' }, error: { code: 'CRASHED' } })
    expect(letter?.error.message).toContain('4 times')
    expect(letter?.error.message).toContain('broken')
  })

  it('succeeds when a later try does', async () => {
    const { runtime } = await openRuntime()
    let tries = 0
    const moody = defineActor({
      type: 'moody',
      contract: defineContract({ messages: { go: { reply: z.string() } } }),
      logic: setup({ types: {} as { events: { type: 'go' } } }).createMachine({
        on: {
          go: {
            guard: () => {
              if (++tries < 3) throw new Error('not yet')
              return true
            },
            actions: reply(() => 'now'),
          },
        },
      }),
    })
    const ref = await runtime.spawn(moody, { key: 'a' })
    expect(await ref.ask({ type: 'go' })).toBe('now')
  })

  it('tells the asker CRASHED', async () => {
    const { runtime } = await openRuntime()
    const contract = defineContract({ messages: { go: { reply: z.void() } } })
    const thrower = defineActor({
      type: 'thrower',
      contract,
      logic: setup({}).createMachine({
        on: {
          go: {
            actions: assign(() => {
              throw new Error('no')
            }),
          },
        },
      }),
    })
    const ref = await runtime.spawn(thrower, { key: 'a' })
    await expect(ref.ask({ type: 'go' })).rejects.toMatchObject({ code: 'CRASHED' })
  })

  it('may throw anything at all', async () => {
    const { runtime } = await openRuntime()
    const circular: Record<string, unknown> = {}
    circular['self'] = circular
    const thrown: unknown[] = [10n, Symbol('s'), circular, undefined, null, 'text', { code: 'x', message: 1, name: 2 }]
    const odd = defineActor({
      type: 'odd',
      attempts: 1,
      contract: defineContract({ messages: { go: {} } }),
      logic: setup({}).createMachine({
        on: {
          go: {
            actions: assign(() => {
              // eslint-disable-next-line no-throw-literal
              throw thrown.shift()
            }),
          },
        },
      }),
    })
    const ref = await runtime.spawn(odd, { key: 'a' })
    const count = thrown.length
    for (let n = 0; n < count; n++) await ref.send({ type: 'go' })
    await runtime.idle()
    expect(runtime.deadLetters.list()).toHaveLength(count)
    for (const { error } of runtime.deadLetters.list()) expect(error).toMatchObject({ code: 'CRASHED' })
    expect((await ref.state()).status).toBe('active')
  })
})

describe('an effect that throws', () => {
  it('keeps neither the others nor the state back, and is a dead letter', async () => {
    const { runtime } = await openRuntime()
    const done: string[] = []
    const clumsy = defineActor({
      type: 'clumsy',
      contract: defineContract({ messages: { go: {} } }),
      logic: setup({}).createMachine({
        initial: 'a',
        states: {
          a: {
            on: {
              go: {
                target: 'b',
                actions: [
                  () => done.push('one'),
                  () => {
                    throw new Error('dropped it')
                  },
                  () => done.push('two'),
                  async () => {
                    throw new Error('dropped it later')
                  },
                ],
              },
            },
          },
          b: {},
        },
      }),
    })
    const ref = await runtime.spawn(clumsy, { key: 'a' })
    await ref.send({ type: 'go' })
    await runtime.idle()
    await Promise.resolve()
    expect((await ref.state()).value).toBe('b')
    expect(done).toEqual(['one', 'two'])
    expect(runtime.deadLetters.list().map(({ error }) => error.message)).toEqual([
      expect.stringContaining('dropped it'),
      expect.stringContaining('dropped it later'),
    ])
  })
})

describe('a callback whose cleanup throws', () => {
  const careless = defineActor({
    type: 'careless',
    contract: defineContract({ messages: { leave: {}, end: {} } }),
    logic: setup({
      actors: {
        mess: fromCallback(() => () => {
          throw new Error('cannot clean up')
        }),
      },
    }).createMachine({
      initial: 'on',
      states: {
        on: { invoke: { id: 'mess', src: 'mess' }, on: { leave: 'off', end: 'end' } },
        off: {},
        end: { type: 'final' },
      },
    }),
  })

  it('is a dead letter: its actor ends whole, and the node goes on', async () => {
    const { runtime } = await openRuntime()
    const ref = await runtime.spawn(careless, { key: 'a' })
    const other = await runtime.spawn(counterActor(), { key: 'b' })
    await ref.send({ type: 'leave' })
    const stopped = await runtime.spawn(careless, { key: 'c' })
    await stopped.stop()
    const ended = await runtime.spawn(careless, { key: 'd' })
    await ended.send({ type: 'end' })
    expect((await other.ask({ type: 'counter.get' })).count).toBe(0)
    expect((await ref.state()).value).toBe('off')
    expect((await stopped.state()).status).toBe('stopped')
    expect((await ended.state()).status).toBe('done')
    expect(runtime.actors()).toHaveLength(2)
    expect(runtime.deadLetters.list()).toHaveLength(3)
    expect(runtime.deadLetters.list()[0]?.error.message).toContain('cannot clean up')
  })
})

describe('a sender that does not await', () => {
  it('finds what was refused in the dead letters, and the process lives on', async () => {
    const { runtime } = await openRuntime()
    const ref = await runtime.spawn(counterActor(), { key: 'a' })
    const gone = runtime.ref(counterActor(), 'nobody')
    void gone.send({ type: 'counter.fail' })
    void ref.send({ type: 'counter.unheard' } as never)
    void ref.send(null as never)
    void ref.send(7 as never)
    void ref.send({ type: 'counter.add', by: 'much' } as never)
    void ref.send({ type: 'xstate.done.actor.x' } as never)
    await new Promise((resolve) => setImmediate(resolve))
    expect(runtime.deadLetters.list().map(({ error }) => error.code)).toEqual([
      'NOT_FOUND',
      'UNKNOWN_MESSAGE',
      'INVALID_MESSAGE',
      'INVALID_MESSAGE',
      'INVALID_MESSAGE',
      'UNKNOWN_MESSAGE',
    ])
    await runtime.stop()
    void ref.send({ type: 'counter.fail' })
    await new Promise((resolve) => setImmediate(resolve))
    expect(runtime.deadLetters.list().at(-1)?.error.code).toBe('UNAVAILABLE')
  })

  it('keeps only the newest thousand dead letters and counts the others', async () => {
    const { runtime } = await openRuntime()
    const gone = runtime.ref(counterActor(), 'nobody')
    for (let by = 0; by < 2_500; by++) void gone.send({ type: 'counter.add', by })
    expect(runtime.deadLetters.list()).toHaveLength(1_000)
    expect(runtime.deadLetters.dropped).toBe(1_500)
    expect(runtime.deadLetters.list().at(-1)?.event).toEqual({ type: 'counter.add', by: 2_499 })
  })
})
