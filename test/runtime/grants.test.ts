import { assign, setup } from 'xstate'
import { z } from 'zod'
import { describe, expect, it } from 'vitest'
import { type Address, defineActor, defineContract, narrow, reply, tell } from '../../runtime/index.ts'
import { openRuntime } from '../support/runtime/open-runtime.ts'
import { code } from '../support/runtime/outcome.ts'

const vault = defineActor({
  type: 'vault',
  contract: defineContract({
    messages: { 'vault.open': { requires: 'vault.open' }, 'vault.opened': { reply: z.number() } },
  }),
  logic: setup({ types: {} as { context: { opened: number } } }).createMachine({
    context: { opened: 0 },
    on: {
      'vault.open': { actions: assign({ opened: ({ context }) => context.opened + 1 }) },
      'vault.opened': { actions: reply(({ context }) => context.opened) },
    },
  }),
})

const courier = (type: string, grants?: readonly string[]) =>
  defineActor({
    type,
    ...(grants ? { grants } : {}),
    contract: defineContract({ messages: { go: {} } }),
    logic: setup({}).createMachine({
      on: { go: { actions: tell('local/vault/v' as Address, { type: 'vault.open' }) } },
    }),
  })

const holder = { id: 'holder', grants: ['vault.open', 'troupe.spawn'] }
const guest = { id: 'guest', grants: ['troupe.spawn'] }

describe('grants', () => {
  it('are asked for at the door, and the refused message is a dead letter', async () => {
    const { runtime } = await openRuntime()
    await runtime.spawn(vault, { key: 'v' })
    expect(await code(runtime.as(holder).ref(vault, 'v').send({ type: 'vault.open' }))).toBe('none')
    expect(await code(runtime.as(guest).ref(vault, 'v').send({ type: 'vault.open' }))).toBe('FORBIDDEN')
    expect(await runtime.ref(vault, 'v').ask({ type: 'vault.opened' })).toBe(1)
    expect(runtime.deadLetters.list()).toMatchObject([{ error: { code: 'FORBIDDEN' } }])
    expect(runtime.deadLetters.list()[0]?.error.message).toBe("'guest' does not hold the grant 'vault.open'")
  })

  it('flow through tell: an actor asks on behalf of whoever asked it, and for no more than it may itself', async () => {
    const { runtime } = await openRuntime()
    const target = await runtime.spawn(vault, { key: 'v' })
    const free = courier('free')
    const tied = courier('tied', ['other'])
    await runtime.spawn(free, { key: 'c' })
    await runtime.spawn(tied, { key: 'c' })
    const opened = async (): Promise<number> => {
      await runtime.idle()
      return target.ask({ type: 'vault.opened' })
    }
    await runtime.as(guest).ref(free, 'c').send({ type: 'go' })
    expect(await opened()).toBe(0)
    await runtime.as(holder).ref(free, 'c').send({ type: 'go' })
    expect(await opened()).toBe(1)
    await runtime.as(holder).ref(tied, 'c').send({ type: 'go' })
    expect(await opened()).toBe(1)
    await runtime.ref(tied, 'c').send({ type: 'go' })
    expect(await opened()).toBe(1)
  })

  it('are needed to start, to look, to listen and to stop', async () => {
    const { runtime } = await openRuntime()
    const owner = await runtime.spawn(vault, { key: 'v' })
    const nobody = runtime.as({ id: 'nobody', grants: [] })
    const ref = nobody.ref(vault, 'v')
    expect(await code(nobody.spawn(vault, { key: 'w' }))).toBe('FORBIDDEN')
    expect(await code(ref.state())).toBe('FORBIDDEN')
    expect(await code(ref.result())).toBe('FORBIDDEN')
    expect(await code(ref.waitFor({ status: 'done' }))).toBe('FORBIDDEN')
    expect(await code(ref.stop())).toBe('FORBIDDEN')
    expect(() => ref.on('*', () => {})).toThrow("'nobody' does not hold the grant 'troupe.observe'")
    expect((await owner.state()).status).toBe('active')
  })

  it('can only be narrowed', () => {
    const some = { id: 'p', grants: ['a', 'b'] }
    expect(narrow(some, ['b', 'c']).grants).toEqual(['b'])
    expect(narrow(some, ['*']).grants).toEqual(['a', 'b'])
    expect(narrow({ id: 'p', grants: ['*'] }, ['a']).grants).toEqual(['a'])
    expect(narrow(some, []).grants).toEqual([])
  })
})
