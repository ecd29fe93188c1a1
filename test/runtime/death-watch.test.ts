import { assign, setup } from 'xstate'
import { z } from 'zod'
import { describe, expect, it } from 'vitest'
import {
  type Address,
  defineActor,
  defineContract,
  type DownEvent,
  reply,
  unwatch,
  watch,
} from '../../runtime/index.ts'
import { createRuntime } from '../../runtime/index.ts'
import { createVirtualClock } from '../../runtime/testing.ts'
import { memory } from '../../transports/memory/index.ts'
import { counterActor } from '../support/runtime/counter-actor.ts'
import { openRuntime } from '../support/runtime/open-runtime.ts'

const counter = counterActor()
type Command = { type: 'watch' | 'unwatch'; target: string }

const watcher = defineActor({
  type: 'watcher',
  contract: defineContract({
    messages: {
      watch: { fields: z.object({ target: z.string() }) },
      unwatch: { fields: z.object({ target: z.string() }) },
      downs: { reply: z.array(z.string()) },
    },
  }),
  logic: setup({
    types: {} as { context: { downs: readonly string[] }; events: Command | DownEvent | { type: 'downs' } },
  }).createMachine({
    context: { downs: [] },
    on: {
      watch: { actions: watch(({ event }) => (event as Command).target as Address) },
      unwatch: { actions: unwatch(({ event }) => (event as Command).target as Address) },
      'troupe.down': {
        actions: assign({ downs: ({ context, event }) => [...context.downs, `${event.address} ${event.reason}`] }),
      },
      downs: { actions: reply(({ context }) => context.downs) },
    },
  }),
})

describe('a watcher', () => {
  it('is told once how the actor ended, however often it watched', async () => {
    const { runtime } = await openRuntime()
    const ref = await runtime.spawn(watcher, { key: 'w' })
    const done = await runtime.spawn(counter, { key: 'done' })
    const stopped = await runtime.spawn(counter, { key: 'stopped' })
    for (const target of [done.address, stopped.address, done.address]) await ref.send({ type: 'watch', target })
    await done.send({ type: 'counter.end' })
    await runtime.idle()
    await stopped.stop()
    expect(await ref.ask({ type: 'downs' })).toEqual(['local/counter/done done', 'local/counter/stopped stopped'])
  })

  it('is told at once of what has ended already or never was', async () => {
    const { runtime } = await openRuntime()
    const ref = await runtime.spawn(watcher, { key: 'w' })
    const gone = await runtime.spawn(counter, { key: 'gone' })
    await gone.stop()
    await ref.send({ type: 'watch', target: gone.address })
    await ref.send({ type: 'watch', target: 'local/counter/never' })
    await runtime.idle()
    expect(await ref.ask({ type: 'downs' })).toEqual(['local/counter/gone stopped', 'local/counter/never not_found'])
  })

  it('is not told after it took the watch back, not even of an end that waits in its mailbox', async () => {
    const { runtime } = await openRuntime()
    const ref = await runtime.spawn(watcher, { key: 'w' })
    const target = await runtime.spawn(counter, { key: 't' })
    await ref.send({ type: 'watch', target: target.address })
    await runtime.idle()
    void ref.send({ type: 'unwatch', target: target.address })
    await target.stop()
    expect(await ref.ask({ type: 'downs' })).toEqual([])
  })

  it('hears across nodes of an end, of a node that left, and of nobody; for longer than an hour', async () => {
    const clock = createVirtualClock()
    const wire = memory({ clock })
    const far = await createRuntime({ realm: 'r', transport: wire, actors: [counter], clock })
    const near = await createRuntime({ realm: 'r', transport: wire, actors: [watcher], clock })
    const ref = await near.spawn(watcher, { key: 'w' })
    const targets = await Promise.all(['a', 'b', 'c'].map((key) => far.spawn(counter, { key })))
    for (const { address } of targets) await ref.send({ type: 'watch', target: address })
    await ref.send({ type: 'watch', target: 'r/counter/never' })
    await clock.advance('3h')
    expect(await ref.ask({ type: 'downs' })).toEqual(['r/counter/never not_found'])
    await targets[0]?.send({ type: 'counter.end' })
    await clock.advance(0)
    await targets[1]?.stop()
    await clock.advance(0)
    await far.stop()
    await clock.advance(0)
    expect((await ref.ask({ type: 'downs' })).slice(1)).toEqual([
      'r/counter/a done',
      'r/counter/b stopped',
      'r/counter/c stopped',
    ])
    await near.stop()
  })
})
