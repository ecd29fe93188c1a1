import { emit, setup } from 'xstate'
import { z } from 'zod'
import { describe, expect, it } from 'vitest'
import { defineActor, defineContract } from '../../runtime/index.ts'
import { openRuntime } from '../support/runtime/open-runtime.ts'

const bell = defineActor({
  type: 'bell',
  contract: defineContract({
    messages: { ring: { fields: z.object({ times: z.number() }) }, end: {} },
    emits: { rang: z.object({ times: z.number() }), 'bell.ended': z.object({}) },
  }),
  logic: setup({
    types: {} as {
      events: { type: 'ring'; times: number } | { type: 'end' }
      emitted: { type: 'rang'; times: number } | { type: 'bell.ended' }
    },
  }).createMachine({
    initial: 'on',
    states: {
      on: {
        on: {
          ring: { actions: emit(({ event }) => ({ type: 'rang', times: event.times })) },
          end: { target: 'off', actions: emit({ type: 'bell.ended' }) },
        },
      },
      off: { type: 'final' },
    },
  }),
})

describe('a listener', () => {
  it('hears its type, or all, in order, until it is taken back, which may be done twice', async () => {
    const { runtime } = await openRuntime()
    const ref = await runtime.spawn(bell, { key: 'b' })
    const heard: string[] = []
    const stop = ref.on('rang', ({ times }) => heard.push(`rang ${times}`))
    ref.on('*', (event) => heard.push(`any ${event.type}`))
    await ref.send({ type: 'ring', times: 1 })
    await runtime.idle()
    stop()
    stop()
    await ref.send({ type: 'ring', times: 2 })
    await ref.send({ type: 'end' })
    await runtime.idle()
    expect(heard).toEqual(['rang 1', 'any rang', 'any rang', 'any bell.ended'])
    expect(() => ref.on('*', () => {})).toThrow('there is no actor at local/bell/b')
    stop()
  })

  it('that throws harms neither the actor nor the others, and is a dead letter', async () => {
    const { runtime } = await openRuntime()
    const ref = await runtime.spawn(bell, { key: 'b' })
    let heard = 0
    ref.on('rang', () => {
      throw new Error('deaf')
    })
    ref.on('rang', () => heard++)
    await ref.send({ type: 'ring', times: 1 })
    await ref.send({ type: 'ring', times: 2 })
    await runtime.idle()
    expect(heard).toBe(2)
    expect(runtime.deadLetters.list().map(({ error }) => error.message)).toEqual(['deaf', 'deaf'])
    expect((await ref.state()).status).toBe('active')
  })

  it('hears an event after the commit that caused it', async () => {
    const { runtime } = await openRuntime()
    const ref = await runtime.spawn(bell, { key: 'b' })
    const records: string[] = []
    runtime.inspect((record) => records.push(record.kind === 'effect' ? record.effect : record.kind))
    let status: Promise<string> | undefined
    ref.on('bell.ended', () => {
      status = ref.state().then((view) => String(view.value))
    })
    await ref.send({ type: 'end' })
    await runtime.idle()
    expect(await status).toBe('off')
    expect(records).toEqual(['xstate.emit', 'transition', 'actor.stopped'])
  })
})

describe('an observer', () => {
  it('that throws harms nobody, and one that left sees nothing more', async () => {
    const { runtime } = await openRuntime()
    const seen: string[] = []
    runtime.inspect(() => {
      throw new Error('blind')
    })
    const stop = runtime.inspect(({ kind }) => seen.push(kind))
    const ref = await runtime.spawn(bell, { key: 'b' })
    await ref.send({ type: 'ring', times: 1 })
    await runtime.idle()
    stop()
    await ref.send({ type: 'ring', times: 2 })
    await runtime.idle()
    expect(seen).toEqual(['actor.started', 'transition', 'effect', 'transition'])
  })
})
