import { afterEach, describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { defineTool } from '../../actors/define-tool.ts'
import { defineTools } from '../../actors/define-tools.ts'
import { createIdempotency } from '../../actors/idempotency-client.ts'
import { idempotencyKeeper } from '../../actors/idempotency-keeper.ts'
import { createLimiter } from '../../actors/limiter-client.ts'
import { limiter } from '../../actors/limiter.ts'
import { createTools } from '../../actors/tools-client.ts'
import { type ActorDefinition, createRuntime, type Runtime } from '../../runtime/index.ts'
import { createVirtualClock } from '../../runtime/testing.ts'
import { memory } from '../../transports/memory/index.ts'

const open: Runtime[] = []

afterEach(async () => {
  for (const runtime of open.splice(0)) await runtime.stop({ drain: 0 })
})

/** A node that hosts the actors, and two that only use them. */
async function nodes(...actors: ActorDefinition[]) {
  const clock = createVirtualClock()
  const transport = memory({ clock })
  const join = async (hosted: readonly ActorDefinition[]) => {
    const runtime = await createRuntime({ realm: 'r', transport, clock, actors: hosted })
    open.push(runtime)
    return runtime
  }
  await join(actors)
  return { clock, one: await join([]), other: await join([]) }
}

describe('between nodes', () => {
  it('a limiter counts all who have its key', async () => {
    const { one, other, clock } = await nodes(limiter)
    const options = { key: 'l', concurrency: 1, requestsPerMinute: 60 }
    const [mine, yours] = [await createLimiter(one, options), await createLimiter(other, options)]
    const grant = await mine.acquire({ tokens: 1 })
    const next = yours.acquire({ tokens: 1 })
    await clock.advance(0)
    expect(await yours.view()).toMatchObject({ active: 1, waiting: 1 })
    grant.release()
    ;(await next).release()
    await expect.poll(async () => (await mine.view()).active).toBe(0)
  })

  it('a limiter that begins to limit does so for all who have its key', async () => {
    const { one, other, clock } = await nodes(limiter)
    const [mine, yours] = [await createLimiter(one, { key: 'l' }), await createLimiter(other, { key: 'l' })]
    mine.pause(5_000)
    await clock.advance('1s')
    const waits = yours.acquire({})
    expect(waits).toBeInstanceOf(Promise)
    await clock.advance('5s')
    await waits
  })

  it('concurrent callers of an idempotency keeper share one execution, its result or its failure', async () => {
    const { one, other } = await nodes(idempotencyKeeper)
    const clients = [await createIdempotency(one, { key: 'i' }), await createIdempotency(other, { key: 'i' })]
    const work = vi.fn(async () => ({ paid: new Date(5) }))
    const results = await Promise.all(clients.map((client) => client.run('x', { a: 1 }, work)))
    expect(results).toEqual([{ paid: new Date(5) }, { paid: new Date(5) }])
    expect(work).toHaveBeenCalledTimes(1)
    await expect(clients[1]?.run('x', { a: 2 }, work)).rejects.toMatchObject({ code: 'CONFLICT' })
  })

  it('a tool is called where it is hosted, with the grants of who calls', async () => {
    const where = vi.fn((_, scope: { principal: { id: string } }) => scope.principal.id)
    const whoami = defineTool({
      id: 'whoami',
      version: '1.0.0',
      description: 'Says who calls.',
      input: z.object({}),
      output: z.string(),
      requires: ['self.read'],
      execute: where,
    })
    const tools = defineTools([whoami])
    const { one } = await nodes(tools.actor)
    const grants = ['troupe.spawn', 'troupe.observe', 'self.read']
    expect(await createTools(one.as({ id: 'ann', grants }), tools).call('whoami', {})).toBe('ann')
    const stranger = createTools(one.as({ id: 'bob', grants: grants.slice(0, 2) }), tools)
    await expect(stranger.call('whoami', {})).rejects.toMatchObject({ code: 'FORBIDDEN' })
    expect(where).toHaveBeenCalledTimes(1)
  })
})
