import { describe, expect, it } from 'vitest'
import { fromCallback, setup } from 'xstate'
import { z } from 'zod'
import { createRuntime, defineActor, defineContract, reply } from '../../runtime/index.ts'

const contract = defineContract({ messages: { 'flood.count': { reply: z.number() } } })

describe('messages of an actor to itself', () => {
  it('have room of their own, and an end', async () => {
    const chatter = fromCallback(({ sendBack }) => {
      for (let index = 0; index < 150_000; index++) sendBack({ type: 'said' })
    })
    let heard = 0
    const flood = defineActor({
      type: 'flood',
      contract,
      mailbox: { capacity: 10 },
      logic: setup({ actors: { chatter }, actions: { hear: () => void heard++ } }).createMachine({
        invoke: { src: 'chatter' },
        on: { said: { actions: 'hear' }, 'flood.count': { actions: reply(() => heard) } },
      }),
    })
    const runtime = await createRuntime({ actors: [flood] })
    const ref = await runtime.spawn(flood)
    await runtime.idle()
    expect(heard).toBe(100_000)
    expect(runtime.deadLetters.list().at(-1)?.error).toMatchObject({ code: 'OVERLOADED' })
    expect(await ref.ask({ type: 'flood.count' })).toBe(100_000)
    await runtime.stop()
  })
})

describe('speaking for another principal', () => {
  it('can only narrow what one may do', async () => {
    const locked = defineActor({
      type: 'locked',
      contract: defineContract({ messages: { 'locked.open': { reply: z.string(), requires: 'key' } } }),
      logic: setup({}).createMachine({ on: { 'locked.open': { actions: reply(() => 'open') } } }),
    })
    const runtime = await createRuntime({ actors: [locked] })
    await runtime.spawn(locked, { key: 'door' })
    const holder = runtime.as({ id: 'holder', grants: ['key'] })
    expect(await holder.ref(locked, 'door').ask({ type: 'locked.open' })).toBe('open')
    const guest = runtime.as({ id: 'guest', grants: ['chair'] })
    const climber = guest.as({ id: 'climber', grants: ['key', '*'] })
    await expect(climber.ref(locked, 'door').ask({ type: 'locked.open' })).rejects.toMatchObject({ code: 'FORBIDDEN' })
    await runtime.stop()
  })
})
