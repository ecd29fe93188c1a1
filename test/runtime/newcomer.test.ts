import { describe, expect, it } from 'vitest'
import { createMachine } from 'xstate'
import { z } from 'zod'
import { createRuntime, defineActor, defineContract, reply } from '../../runtime/index.ts'

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

  it('who spawns a machine, or waits for nothing, is told what to give', async () => {
    const runtime = await createRuntime({ actors: [echo] })
    const machine = createMachine({}) as never
    await expect(runtime.spawn(machine)).rejects.toMatchObject({ code: 'INVALID_MESSAGE' })
    const ref = await runtime.spawn(echo)
    await expect(ref.waitFor({} as never)).rejects.toMatchObject({ code: 'INVALID_MESSAGE' })
    await runtime.stop()
  })
})
