import { setup } from 'xstate'
import { z } from 'zod'
import { describe, expect, it } from 'vitest'
import { defineActor, defineContract, reply, type UnhandledPolicy } from '../../runtime/index.ts'
import { openRuntime } from '../support/runtime/open-runtime.ts'

const contract = defineContract({
  messages: {
    a: {},
    b: {},
    c: {},
    open: {},
    ask: { reply: z.string() },
  },
})

function door(unhandled: UnhandledPolicy, seen: string[] = [], capacity = 10) {
  return defineActor({
    type: 'door',
    contract,
    unhandled,
    mailbox: { capacity },
    logic: setup({
      actions: {
        see: ({ event }) => {
          seen.push(event.type)
        },
      },
    }).createMachine({
      initial: 'shut',
      states: {
        shut: { on: { open: 'one' } },
        one: { on: { b: { target: 'two', actions: 'see' } } },
        two: { on: { a: { target: 'three', actions: 'see' }, ask: { actions: reply(() => 'in two') } } },
        three: { on: { c: { actions: 'see' } } },
      },
    }),
  })
}

describe('a message that the state does not take', () => {
  it('is dropped without a trace under drop, but an ask is REJECTED', async () => {
    const { runtime } = await openRuntime()
    const ref = await runtime.spawn(door('drop'), { key: 'd' })
    await ref.send({ type: 'a' })
    await expect(ref.ask({ type: 'ask' })).rejects.toMatchObject({ code: 'REJECTED', hint: 'it is in "shut"' })
    expect(runtime.deadLetters.list()).toEqual([])
  })

  it('is a dead letter under dead-letter', async () => {
    const { runtime } = await openRuntime()
    const ref = await runtime.spawn(door('dead-letter'), { key: 'd' })
    await ref.send({ type: 'a' })
    await expect(ref.ask({ type: 'ask' })).rejects.toMatchObject({ code: 'REJECTED' })
    expect(runtime.deadLetters.list().map(({ event }) => event)).toEqual([{ type: 'a' }, { type: 'ask' }])
  })

  it('rejects the send under reject, and a taken one resolves once it was processed', async () => {
    const { runtime } = await openRuntime()
    const ref = await runtime.spawn(door('reject'), { key: 'd' })
    await expect(ref.send({ type: 'a' })).rejects.toMatchObject({ code: 'REJECTED' })
    await ref.send({ type: 'open' })
    expect((await ref.state()).value).toBe('one')
  })

  it('waits under stash for a state that takes it, in the old order, however many changes it takes', async () => {
    const { runtime } = await openRuntime()
    const seen: string[] = []
    const ref = await runtime.spawn(door('stash', seen), { key: 'd' })
    for (const type of ['c', 'a', 'b', 'c'] as const) await ref.send({ type })
    const asked = ref.ask({ type: 'ask' })
    await ref.send({ type: 'open' })
    await runtime.idle()
    // b leads to two, where a, put away before b, is next; a leads to three, where both c are.
    expect(seen).toEqual(['b', 'a', 'c', 'c'])
    expect((await ref.state()).value).toBe('three')
    await ref.stop()
    await expect(asked).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  it('overloads a stash that is full, and an ask that gave up makes room again', async () => {
    const { runtime, clock } = await openRuntime()
    const ref = await runtime.spawn(door('stash', [], 2), { key: 'd' })
    const asked = [1, 2].map(() => ref.ask({ type: 'ask' }, { timeout: '1s' }).catch((error: unknown) => error))
    await runtime.idle()
    await ref.send({ type: 'a' })
    await runtime.idle()
    expect(runtime.deadLetters.list()).toMatchObject([{ event: { type: 'a' }, error: { code: 'OVERLOADED' } }])
    await clock.advance('1s')
    expect(await Promise.all(asked)).toMatchObject([{ code: 'TIMEOUT' }, { code: 'TIMEOUT' }])
    await ref.send({ type: 'a' })
    await runtime.idle()
    expect(runtime.deadLetters.list()).toHaveLength(1)
  })
})
