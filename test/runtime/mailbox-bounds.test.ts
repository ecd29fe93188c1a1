import { setup } from 'xstate'
import { z } from 'zod'
import { describe, expect, it } from 'vitest'
import { defineActor, defineContract, isTroupeError, type OverflowPolicy } from '../../runtime/index.ts'
import { counterActor } from '../support/runtime/counter-actor.ts'
import { openRuntime } from '../support/runtime/open-runtime.ts'

const three = (overflow: OverflowPolicy) => counterActor({ mailbox: { capacity: 3, overflow } })

describe('a full mailbox', () => {
  it('rejects with OVERLOADED, says its capacity, and takes messages again once there is room', async () => {
    const { runtime } = await openRuntime()
    const ref = await runtime.spawn(three('reject'), { key: 'a' })
    const sent = [1, 2, 3, 4, 5].map((by) => ref.send({ type: 'counter.add', by }).then(() => 'sent', codeOf))
    const asked = ref.ask({ type: 'counter.get' }).catch(codeOf)
    expect(await Promise.all(sent)).toEqual(['sent', 'sent', 'sent', 'OVERLOADED', 'OVERLOADED'])
    expect(await asked).toBe('OVERLOADED')
    expect(await ref.ask({ type: 'counter.get' })).toEqual({ count: 6, seen: [1, 2, 3] })
    expect(runtime.deadLetters.list().map(({ event }) => event)).toEqual([
      { type: 'counter.add', by: 4 },
      { type: 'counter.add', by: 5 },
    ])
    expect(runtime.deadLetters.list()[0]?.error.message).toContain('3 messages wait')
  })

  it('drops the newest, which is a dead letter, and tells an asker', async () => {
    const { runtime } = await openRuntime()
    const ref = await runtime.spawn(three('drop-newest'), { key: 'a' })
    const sent = [1, 2, 3, 4].map((by) => ref.send({ type: 'counter.add', by }))
    const asked = ref.ask({ type: 'counter.get' }).catch(codeOf)
    await Promise.all(sent)
    expect(await asked).toBe('OVERLOADED')
    expect((await ref.ask({ type: 'counter.get' })).seen).toEqual([1, 2, 3])
    expect(runtime.deadLetters.list()).toHaveLength(2)
  })

  it('drops the oldest, which is a dead letter, and tells an asker', async () => {
    const { runtime } = await openRuntime()
    const ref = await runtime.spawn(three('drop-oldest'), { key: 'a' })
    const asked = ref.ask({ type: 'counter.get' }).catch(codeOf)
    for (let by = 1; by <= 5; by++) void ref.send({ type: 'counter.add', by })
    expect(await asked).toBe('OVERLOADED')
    expect((await ref.ask({ type: 'counter.get' })).seen).toEqual([3, 4, 5])
    expect(runtime.deadLetters.list().map(({ event }) => event)).toEqual([
      { type: 'counter.get' },
      { type: 'counter.add', by: 1 },
      { type: 'counter.add', by: 2 },
    ])
  })

  it('never drops what the kernel owes: timers and the ends of children get through, and take no room', async () => {
    const { runtime, clock } = await openRuntime()
    const told: string[] = []
    const busy = defineActor({
      type: 'busy',
      contract: defineContract({ messages: { noise: { fields: z.object({ n: z.number() }) } } }),
      mailbox: { capacity: 2, overflow: 'drop-oldest' },
      logic: setup({
        types: {} as { events: { type: 'noise'; n: number } },
        actors: { brief: setup({}).createMachine({ initial: 'end', states: { end: { type: 'final' } } }) },
      }).createMachine({
        invoke: { id: 'brief', src: 'brief', onDone: { actions: () => told.push('child done') } },
        after: { 10: { actions: () => told.push('timer') } },
        on: { noise: { actions: ({ event }) => told.push(`noise ${event.n}`) } },
      }),
    })
    const ref = await runtime.spawn(busy, { key: 'b' })
    for (let n = 1; n <= 4; n++) void ref.send({ type: 'noise', n })
    await runtime.idle()
    expect(told).toEqual(['child done', 'noise 3', 'noise 4'])
    void clock.setTo(clock.now() + 10)
    for (let n = 5; n <= 8; n++) void ref.send({ type: 'noise', n })
    await clock.advance(10)
    expect(told).toContain('timer')
  })

  it('counts each actor for itself', async () => {
    const { runtime } = await openRuntime()
    const definition = three('reject')
    const [a, b] = await Promise.all(['a', 'b'].map((key) => runtime.spawn(definition, { key })))
    for (let n = 0; n < 5; n++) void a?.send({ type: 'counter.add', by: 1 })
    await b?.send({ type: 'counter.add', by: 7 })
    expect((await b?.ask({ type: 'counter.get' }))?.count).toBe(7)
  })
})

function codeOf(error: unknown): string {
  return isTroupeError(error) ? error.code : String(error)
}
