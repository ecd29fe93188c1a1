import { assign, fromPromise, setup } from 'xstate'
import { z } from 'zod'
import { describe, expect, it } from 'vitest'
import {
  askOf,
  chunk,
  createRuntime,
  defineActor,
  defineContract,
  type Transport,
  TroupeError,
} from '../../runtime/index.ts'
import { createVirtualClock } from '../../runtime/testing.ts'
import { memory } from '../../transports/memory/index.ts'
import { counterActor } from '../support/runtime/counter-actor.ts'
import { desk } from '../support/runtime/desk-actor.ts'
import { code, pause } from '../support/runtime/outcome.ts'

const counter = counterActor()

/** The wire, but a post passes only when it is let through. */
function wireThat(wire: Transport, passes: () => boolean): Transport {
  return {
    name: 'selective',
    join: async (node) => {
      const link = await wire.join(node)
      return { ...link, post: async (to, frame) => (passes() ? link.post(to, frame) : undefined) }
    },
  }
}

describe('between two nodes', () => {
  it('a stream that its reader left ends at its source', async () => {
    const wire = memory()
    let posted = 0
    const counting = wireThat(wire, () => ++posted > 0)
    const ticker = defineActor({
      type: 'ticker',
      contract: defineContract({ messages: { watch: { reply: z.void(), chunk: z.number() }, tick: {} } }),
      logic: setup({ types: {} as { context: { ask: string | undefined } } }).createMachine({
        context: { ask: undefined },
        on: {
          watch: { actions: [assign({ ask: ({ event }) => askOf(event) }), chunk(() => 1)] },
          tick: {
            actions: chunk(
              () => 2,
              ({ context }: { context: { ask: string | undefined } }) => context.ask,
            ),
          },
        },
      }),
    })
    const host = await createRuntime({ realm: 'r', transport: counting, actors: [ticker] })
    const client = await createRuntime({ realm: 'r', transport: wire })
    const ref = await client.spawn(ticker, { key: 't' })
    const stream = ref.stream({ type: 'watch' }, { timeout: '1h' })
    for await (const one of stream) {
      if (one === 2) break
      await ref.send({ type: 'tick' })
    }
    expect(await code(stream.reply)).toBe('CANCELLED')
    await pause(10)
    await ref.send({ type: 'tick' })
    await host.idle()
    expect(posted).toBe(2)
    await client.stop()
    await host.stop()
  })

  it('a stream that lost a chunk on its way ends with UNAVAILABLE, and not with a hole', async () => {
    const wire = memory()
    let posted = 0
    const losing = wireThat(wire, () => ++posted !== 3)
    const host = await createRuntime({ realm: 'r', transport: losing, actors: [desk] })
    const client = await createRuntime({ realm: 'r', transport: wire })
    const stream = (await client.spawn(desk, { key: 'd', input: { owner: 'ann' } })).stream({ type: 'desk.count' })
    const chunks: number[] = []
    const reading = (async () => {
      for await (const one of stream) chunks.push(one)
    })()
    expect(await code(reading)).toBe('UNAVAILABLE')
    expect(chunks).toEqual([0, 1])
    await client.stop()
    await host.stop()
  })

  it('an aborted ask that still waits in the mailbox is not processed', async () => {
    const wire = memory()
    const host = await createRuntime({ realm: 'r', transport: wire, actors: [counter] })
    const client = await createRuntime({ realm: 'r', transport: wire })
    const ref = await client.spawn(counter, { key: 'c' })
    const taken: string[] = []
    host.inspect((record) => {
      if (record.kind === 'transition') taken.push(record.event)
    })
    const local = host.ref(counter, 'c')
    const crowd = await Promise.all(['x', 'y', 'z'].map((key) => host.spawn(counter, { key })))
    const controller = new AbortController()
    // Enough before it that IO has its turn, and the abort its way, before the ask is reached.
    for (let n = 0; n < 800; n++) for (const other of crowd) void other.send({ type: 'counter.add', by: 0 })
    void local.send({ type: 'counter.add', by: 1 })
    const asked = code(ref.ask({ type: 'counter.get' }, { signal: controller.signal }))
    await Promise.resolve()
    controller.abort()
    expect(await asked).toBe('CANCELLED')
    await host.idle()
    expect(taken.includes('counter.get')).toBe(false)
    await client.stop()
    await host.stop()
  })

  it('different contracts under one name: what the receiver does not take is an error to the sender', async () => {
    const wire = memory()
    const old = defineActor({
      type: 'counter',
      contract: defineContract({ messages: { 'counter.add': { fields: z.object({ by: z.string() }) } } }),
      logic: setup({}).createMachine({}),
    })
    const host = await createRuntime({ realm: 'r', transport: wire, actors: [old] })
    const client = await createRuntime({ realm: 'r', transport: wire })
    await host.spawn(old, { key: 'c' })
    const ref = client.ref(counter, 'c')
    expect(await code(ref.send({ type: 'counter.add', by: 1 }))).toBe('INVALID_MESSAGE')
    expect(await code(ref.ask({ type: 'counter.get' }))).toBe('UNKNOWN_MESSAGE')
    await client.stop()
    await host.stop()
  })

  it('a start that fails does not take the claim from one that succeeds', async () => {
    const wire = memory()
    const moody = defineActor({
      type: 'moody',
      contract: defineContract({ input: z.object({ ok: z.boolean() }), messages: { go: {} } }),
      logic: setup({ types: {} as { input: { ok: boolean } } }).createMachine({
        context: ({ input }) => {
          if (!input.ok) throw new Error('not in the mood')
          return {}
        },
      }),
    })
    const [one, two] = [
      await createRuntime({ realm: 'r', transport: wire, actors: [moody] }),
      await createRuntime({ realm: 'r', transport: wire, actors: [moody] }),
    ]
    const outcomes = [false, true].map((ok) => code(one.spawn(moody, { key: 'm', input: { ok } })))
    expect(await Promise.all(outcomes)).toEqual(['CRASHED', 'none'])
    await two.spawn(moody, { key: 'm', input: { ok: true } })
    expect([one.actors(), two.actors()]).toEqual([['r/moody/m'], []])
    await one.stop()
    await two.stop()
  })

  it('an error arrives even when what hangs on it cannot travel', async () => {
    const wire = memory()
    const laden = defineActor({
      type: 'laden',
      contract: defineContract({ messages: { go: {} } }),
      logic: setup({
        actors: {
          fail: fromPromise(async () => {
            throw new TroupeError('TOOL_FAILED', 'it broke', { data: { parts: new Map() } })
          }),
        },
      }).createMachine({ initial: 'a', states: { a: { on: { go: 'b' } }, b: { invoke: { src: 'fail' } } } }),
    })
    const host = await createRuntime({ realm: 'r', transport: wire, actors: [laden] })
    const client = await createRuntime({ realm: 'r', transport: wire })
    const ref = await client.spawn(laden, { key: 'l' })
    const result = ref.result().catch((error: unknown) => error)
    await ref.send({ type: 'go' })
    expect(await result).toMatchObject({ code: 'CRASHED', message: expect.stringContaining('it broke') })
    await client.stop()
    await host.stop()
  })

  it('an input or state that cannot travel is INVALID_MESSAGE, and says where', async () => {
    const wire = memory()
    const odd = defineActor({
      type: 'odd',
      contract: defineContract({ messages: { go: {} } }),
      logic: setup({ types: {} as { context: { table: Map<string, number> } } }).createMachine({
        context: () => ({ table: new Map() }),
      }),
    })
    const host = await createRuntime({ realm: 'r', transport: wire, actors: [odd] })
    const client = await createRuntime({ realm: 'r', transport: wire })
    const ref = await client.spawn(odd, { key: 'o' })
    await expect(ref.state()).rejects.toMatchObject({
      code: 'INVALID_MESSAGE',
      message: 'a reply cannot be encoded: context.table is a Map',
    })
    expect((await host.ref(odd, 'o').state()).status).toBe('active')
    await client.stop()
    await host.stop()
  })

  it('garbage on the wire harms nobody', async () => {
    const wire = memory()
    const clock = createVirtualClock()
    const host = await createRuntime({ realm: 'r', transport: wire, actors: [counter], clock })
    const link = await wire.join({
      id: 'stranger',
      realm: 'r',
      types: [],
      handle: async (frame) => frame,
      take: () => {},
    })
    for (const bytes of [[], [1, 2, 3], [0x93, 2, 3, 4]].map((numbers) => Uint8Array.from(numbers))) {
      await link.post(host.node, bytes)
      const answer = await link.request('r/counter/x' as never, bytes, { deadline: Date.now() + 1_000 })
      expect(answer.length).toBeGreaterThan(0)
    }
    await pause(5)
    expect(host.deadLetters.list().map(({ event }) => event)).toEqual([1, 2, 3].map(() => ({ type: 'troupe.frame' })))
    expect((await host.spawn(counter, { key: 'c' })).address).toBe('r/counter/c')
    await link.close()
    await host.stop()
  })
})
