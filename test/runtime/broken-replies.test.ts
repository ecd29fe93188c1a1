import { createMachine } from 'xstate'
import { z } from 'zod'
import { describe, expect, it } from 'vitest'
import { chunk, createRuntime, defineActor, defineContract, reply } from '../../runtime/index.ts'
import { memory } from '../../transports/memory/index.ts'
import { openRuntime } from '../support/runtime/open-runtime.ts'

const clerk = defineActor({
  type: 'clerk',
  contract: defineContract({
    messages: {
      'clerk.count': { reply: z.object({ total: z.number() }) },
      'clerk.list': { reply: z.void(), chunk: z.string() },
      'clerk.wait': { reply: z.string().refine(async () => true) },
    },
  }),
  logic: createMachine({
    on: {
      'clerk.count': { actions: reply(() => ({ total: 'many' })) },
      'clerk.list': { actions: [chunk(() => 1), reply()] },
      'clerk.wait': { actions: reply(() => 'well') },
    },
  }),
})

const blamed = {
  code: 'INVALID_MESSAGE',
  where: 'local/clerk/c',
  message: expect.stringMatching(/^the reply that local\/clerk\/c gave to 'clerk.count' .*: total: /) as string,
  hint: expect.stringMatching(/^the fault is the actor's, not the asker's: ./) as string,
}

describe('a reply that breaks the contract', () => {
  it('is an error to the asker that names the actor and the field, and a dead letter', async () => {
    const { runtime } = await openRuntime()
    const ref = await runtime.spawn(clerk, { key: 'c' })
    await expect(ref.ask({ type: 'clerk.count' })).rejects.toMatchObject({
      ...blamed,
      data: [{ path: ['total'] }],
    })
    expect(runtime.deadLetters.list().map(({ error }) => error.message)).toEqual([
      expect.stringContaining("the reply that local/clerk/c gave to 'clerk.count'"),
    ])
  })

  it('blames the actor from another node as well', async () => {
    const wire = memory()
    const host = await createRuntime({ transport: wire, actors: [clerk] })
    const client = await createRuntime({ transport: wire })
    const ref = await client.spawn(clerk, { key: 'c' })
    await expect(ref.ask({ type: 'clerk.count' })).rejects.toMatchObject(blamed)
    await client.stop()
    await host.stop()
  })

  it('keeps the reason when it is the schema that cannot be', async () => {
    const { runtime } = await openRuntime()
    const ref = await runtime.spawn(clerk, { key: 'c' })
    await expect(ref.ask({ type: 'clerk.wait' })).rejects.toMatchObject({
      message: expect.stringContaining('the reply that local/clerk/c gave') as string,
      hint: expect.stringMatching(/^the fault is the actor's.*must be synchronous/) as string,
    })
  })
})

it('a chunk that breaks the contract is a dead letter that names the actor', async () => {
  const { runtime } = await openRuntime()
  const ref = await runtime.spawn(clerk, { key: 'c' })
  const stream = ref.stream({ type: 'clerk.list' })
  for await (const one of stream) expect(one).toBe('never')
  expect(runtime.deadLetters.list().map(({ error }) => error.message)).toEqual([
    expect.stringContaining("the chunk that local/clerk/c gave to 'clerk.list'"),
  ])
})
