import { describe, expect, it } from 'vitest'
import { createMachine, emit, fromPromise, setup } from 'xstate'
import { z } from 'zod'
import { createRuntime, type ContractTypes, defineActor, defineContract, reply } from '../../runtime/index.ts'
import { createVirtualClock } from '../../runtime/testing.ts'

const echo = defineActor({
  type: 'echo',
  contract: defineContract({
    messages: {
      'echo.say': { fields: z.object({ text: z.string() }), reply: z.string() },
      'echo.slow': { fields: z.object({ text: z.string().refine(async () => true) }) },
      'echo.odd': {
        fields: z.object({
          text: z.string().transform((): string => {
            throw new RangeError('no such text')
          }),
        }),
      },
    },
  }),
  logic: createMachine({ on: { 'echo.say': { actions: reply(({ event }) => event.text) } } }),
})

describe('a newcomer', () => {
  it('who aborts before asking is told so, and nothing is sent', async () => {
    const runtime = await createRuntime({ actors: [echo] })
    const ref = await runtime.spawn(echo)
    const asked = ref.ask({ type: 'echo.say', text: 'hi' }, { signal: AbortSignal.abort() })
    await expect(asked).rejects.toMatchObject({ code: 'CANCELLED' })
    expect((await ref.state()).waiting).toBe(0)
    await runtime.stop()
  })

  it('whose schema is asynchronous or throws learns that contracts are checked at once', async () => {
    const runtime = await createRuntime({ actors: [echo] })
    const ref = await runtime.spawn(echo)
    const slow = ref.send({ type: 'echo.slow', text: 'hi' })
    await expect(slow).rejects.toMatchObject({
      code: 'INVALID_MESSAGE',
      hint: expect.stringContaining('must be synchronous') as string,
    })
    await expect(ref.send({ type: 'echo.odd', text: 'hi' })).rejects.toMatchObject({
      code: 'INVALID_MESSAGE',
      message: expect.stringContaining('no such text') as string,
    })
    await runtime.stop()
  })

  it('whose actor crashes while nobody waits finds it among the dead letters', async () => {
    const dying = defineActor({
      type: 'dying',
      contract: defineContract({ messages: {} }),
      logic: fromPromise(() => Promise.reject(new Error('no paper'))),
    })
    const runtime = await createRuntime({ actors: [dying] })
    await runtime.spawn(dying, { key: 'd' })
    await new Promise((resolve) => setTimeout(resolve, 5))
    expect(runtime.deadLetters.list().map(({ error }) => error.message)).toEqual(['local/dying/d crashed: no paper'])
    await runtime.stop()
  })

  it('who waits for a result holds no timer afterwards', async () => {
    const clock = createVirtualClock()
    const quick = defineActor({
      type: 'quick',
      contract: defineContract({ output: z.number(), messages: {} }),
      logic: fromPromise(() => Promise.resolve(1)),
    })
    const runtime = await createRuntime({ actors: [quick], clock })
    expect(await (await runtime.spawn(quick)).result()).toBe(1)
    await new Promise((resolve) => setImmediate(resolve))
    expect(clock.pending).toBe(0)
    await runtime.stop()
  })

  it('whose message or event has no fields can say so with an empty schema', async () => {
    const contract = defineContract({
      messages: { 'bell.ring': { fields: z.object({}) } },
      emits: { 'bell.rang': z.object({}) },
    })
    const bell = defineActor({
      type: 'bell',
      contract,
      logic: setup({ types: {} as ContractTypes<typeof contract> }).createMachine({
        on: { 'bell.ring': { actions: emit({ type: 'bell.rang' }) } },
      }),
    })
    const runtime = await createRuntime({ actors: [bell] })
    const ref = await runtime.spawn(bell)
    const heard: string[] = []
    ref.on('bell.rang', ({ type }) => heard.push(type))
    await ref.send({ type: 'bell.ring' })
    await runtime.idle()
    expect(heard).toEqual(['bell.rang'])
    expect(() => defineContract({ messages: { 'bell.ring': { fields: { x: z.string() } as never } } })).toThrow(
      /z.object|no object schema/,
    )
    await runtime.stop()
  })

  it('who spawns a machine, or waits for nothing, is told what to give', async () => {
    const runtime = await createRuntime({ actors: [echo] })
    const machine = createMachine({}) as never
    await expect(createRuntime({ actors: [machine] })).rejects.toMatchObject({ code: 'INVALID_MESSAGE' })
    await expect(runtime.spawn(machine)).rejects.toMatchObject({ code: 'INVALID_MESSAGE' })
    const ref = await runtime.spawn(echo)
    await expect(ref.waitFor({} as never)).rejects.toMatchObject({ code: 'INVALID_MESSAGE' })
    await runtime.stop()
  })
})
